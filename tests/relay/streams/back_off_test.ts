/** Waits between tries: doubling, capped, never in step with others. */

import assert from "node:assert/strict";
import { backOff } from "../../../relay/streams/back_off.ts";

Deno.test("doubling, up to the cap", () => {
  const most = Array.from({ length: 8 }, (_, i) => backOff(i + 1, 0.999_999));
  assert.deepEqual(most, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

Deno.test("jitter takes up to half away, and nothing more", () => {
  for (const attempt of [1, 3, 9, 10_000]) {
    const full = backOff(attempt, 0.999_999);
    assert.equal(backOff(attempt, 0), full / 2);
    assert.ok(backOff(attempt, 0.3) > full / 2 && backOff(attempt, 0.3) < full);
  }
});
