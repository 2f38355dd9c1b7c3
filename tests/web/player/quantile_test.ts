/** What a share of some readings lie below. */

import assert from "node:assert/strict";
import { median, quantile } from "../../../web/src/player/quantile.ts";

Deno.test("a share of the readings lie below it, in whatever order they came", () => {
  const readings = Array.from({ length: 100 }, (_, at) => (at * 37) % 100);
  assert.deepEqual(
    [0, 0.1, 0.5, 0.98].map((share) => quantile(readings, share)),
    [0, 10, 50, 98],
  );
});

Deno.test("of none there is none", () => {
  assert.equal(quantile([], 0.5), undefined);
  assert.equal(median([]), undefined);
});

Deno.test("the middle of an even number is the upper of the two, and what was given stays as it was", () => {
  const readings = [-3, 10, 2, 1];
  assert.equal(median(readings), 2);
  assert.equal(median([5]), 5);
  assert.deepEqual(readings, [-3, 10, 2, 1]);
});
