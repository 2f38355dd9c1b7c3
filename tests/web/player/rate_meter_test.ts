/** How fast a count grows. */

import assert from "node:assert/strict";
import { RateMeter, WINDOW_MS } from "../../../web/src/player/rate_meter.ts";

Deno.test("one sample is no rate", () => {
  const meter = new RateMeter();
  assert.equal(meter.perSecond, 0);
  meter.sample(10, 0);
  assert.equal(meter.perSecond, 0);
});

Deno.test("growth a second over the window", () => {
  const meter = new RateMeter();
  for (let i = 0; i <= 4; i++) meter.sample(i * 10, i * 500);
  assert.equal(meter.perSecond, 20);
});

Deno.test("what is before the window does not count", () => {
  const meter = new RateMeter();
  meter.sample(0, 0);
  meter.sample(1000, 1);
  for (let i = 0; i <= 10; i++) meter.sample(1000, 10 + i * WINDOW_MS / 10);
  assert.equal(meter.perSecond, 0);
});
