/** The least that was ahead of late. */

import assert from "node:assert/strict";
import { LowWater, WINDOW_MS } from "../../../web/src/player/low_water.ts";

Deno.test("the mark is the least of late", () => {
  const mark = new LowWater();
  assert.equal(mark.seconds, undefined);
  mark.note(0.3, 0);
  mark.note(0.1, 100);
  mark.note(0.2, 200);
  assert.equal(mark.seconds, 0.1);
});

Deno.test("what is long past does not count", () => {
  const mark = new LowWater();
  mark.note(0.1, 0);
  mark.note(0.3, WINDOW_MS);
  assert.equal(mark.seconds, 0.1);
  mark.note(0.3, WINDOW_MS + 1);
  assert.equal(mark.seconds, 0.3);
});

Deno.test("after a reset nothing is known", () => {
  const mark = new LowWater();
  mark.note(0.1, 0);
  mark.reset();
  assert.equal(mark.seconds, undefined);
});

Deno.test("no more than 512 readings count, the newest", () => {
  const mark = new LowWater();
  mark.note(0.1, 0);
  for (let i = 0; i < 511; i++) mark.note(0.5, 0);
  assert.equal(mark.seconds, 0.1);
  mark.note(0.5, 0);
  assert.equal(mark.seconds, 0.5);
});
