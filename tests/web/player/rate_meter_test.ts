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

Deno.test("a rate is of the window, wherever clock and count stand", () => {
  const meter = new RateMeter();
  for (let i = 0; i <= 4; i++) meter.sample(7000 + i * 10, 60_000 + i * 500);
  assert.equal(meter.perSecond, 20);
});

Deno.test("two samples of one moment are no rate", () => {
  const meter = new RateMeter();
  meter.sample(0, 5);
  meter.sample(100, 5);
  assert.equal(meter.perSecond, 0);
});

Deno.test("a sample counts for as long as the window, to its very end", () => {
  const meter = new RateMeter();
  meter.sample(0, 0);
  meter.sample(0, WINDOW_MS / 2);
  meter.sample(30, WINDOW_MS);
  assert.equal(meter.perSecond, 30 / WINDOW_MS * 1000);
  meter.sample(30, WINDOW_MS + 1);
  assert.equal(meter.perSecond, 30 / (WINDOW_MS / 2 + 1) * 1000);
});

Deno.test("however often it is sampled, 64 samples are kept", () => {
  const meter = new RateMeter();
  meter.sample(0, 0);
  for (let i = 1; i <= 63; i++) meter.sample(100, i);
  assert.equal(meter.perSecond, 100 / 63 * 1000);
  meter.sample(100, 64);
  assert.equal(meter.perSecond, 0);
});
