/** When a picture was taken, and how late it is on the screen. */

import assert from "node:assert/strict";
import { ClockSync } from "../../../web/src/player/clock_sync.ts";
import {
  CaptureTimes,
  LatencyMeter,
  MAX_PICTURES,
  timelineOf,
} from "../../../web/src/player/latency.ts";

const ORIGIN_MS = 1_700_000_000_000;

/** A clock that is exactly `ORIGIN_MS` behind the origin. */
function knownClock(): ClockSync {
  const clock = new ClockSync();
  clock.pong({ type: "pong", id: clock.ping(0), t: ORIGIN_MS * 1000 }, 0);
  return clock;
}

Deno.test("a picture is found by its time, rounded as browsers do", () => {
  const captures = new CaptureTimes();
  captures.note({ at: 1, capturedMs: 1000 });
  captures.note({ at: 1.033, capturedMs: 1033 });
  assert.equal(captures.at(1.0334), 1033);
  assert.equal(captures.at(0.9999), 1000);
});

Deno.test("what is not near is not found", () => {
  const captures = new CaptureTimes();
  captures.note({ at: 1, capturedMs: 1000 });
  assert.equal(captures.at(1.2), undefined);
  assert.equal(captures.at(0.8), undefined);
});

Deno.test("pictures in decoding order are found all the same", () => {
  const captures = new CaptureTimes();
  for (const at of [0, 0.12, 0.04, 0.08, 0.24, 0.16, 0.2]) {
    captures.note({ at, capturedMs: at * 1000 });
  }
  for (const at of [0, 0.04, 0.08, 0.12, 0.16, 0.2, 0.24]) {
    assert.equal(captures.at(at), at * 1000);
  }
});

Deno.test("a group sent again takes the place of what was known", () => {
  const captures = new CaptureTimes();
  captures.note({ at: 1, capturedMs: 1000 });
  captures.note({ at: 2, capturedMs: 2000 });
  captures.note({ at: 1, capturedMs: 1500 });
  assert.equal(captures.at(1), 1500);
  assert.equal(captures.at(2), 2000);
});

Deno.test("no more is remembered than is bounded", () => {
  const captures = new CaptureTimes();
  for (let i = 0; i <= MAX_PICTURES; i++) captures.note({ at: i, capturedMs: i });
  assert.equal(captures.at(0), undefined);
  assert.equal(captures.at(1), 1);
});

Deno.test("a timeline is known by capture time against media time", () => {
  const captures = new CaptureTimes();
  assert.equal(captures.timeline, undefined);
  captures.note({ at: 10, capturedMs: ORIGIN_MS + 10_000 });
  assert.equal(captures.timeline, ORIGIN_MS);
  assert.equal(timelineOf({ at: 11, capturedMs: ORIGIN_MS + 11_000 }), ORIGIN_MS);
  assert.equal(timelineOf({ at: 11, capturedMs: undefined }), undefined);
  captures.clear();
  assert.equal(captures.timeline, undefined);
});

Deno.test("latency is the moment shown minus the moment taken", () => {
  const captures = new CaptureTimes();
  const meter = new LatencyMeter(captures, knownClock());
  assert.equal(meter.at(0), null);
  captures.note({ at: 5, capturedMs: ORIGIN_MS + 5000 });
  meter.shown(5, 5150);
  assert.equal(meter.at(5160), 150);
});

Deno.test("the median counts, not the odd one out", () => {
  const captures = new CaptureTimes();
  const meter = new LatencyMeter(captures, knownClock());
  for (const [i, late] of [100, 101, 900, 102, 103].entries()) {
    captures.note({ at: i, capturedMs: ORIGIN_MS + i * 1000 });
    meter.shown(i, i * 1000 + late);
  }
  assert.equal(meter.at(4103), 102);
});

Deno.test("a picture that stays grows older", () => {
  const captures = new CaptureTimes();
  const meter = new LatencyMeter(captures, knownClock());
  captures.note({ at: 5, capturedMs: ORIGIN_MS + 5000 });
  meter.shown(5, 5150);
  assert.equal(meter.at(6000), 150);
  assert.equal(meter.at(17_150), 12_150);
});

Deno.test("nothing is said without a clock, or of a picture not known", () => {
  const captures = new CaptureTimes();
  captures.note({ at: 5, capturedMs: 1 });
  const clockless = new LatencyMeter(captures, new ClockSync());
  clockless.shown(5, 10);
  assert.equal(clockless.at(10), null);
  const meter = new LatencyMeter(captures, knownClock());
  meter.shown(7, 10);
  assert.equal(meter.at(10), null);
  meter.shown(5, 10);
  meter.reset();
  assert.equal(meter.at(10), null);
});

Deno.test("of two pictures near, the nearer one is meant", () => {
  const captures = new CaptureTimes();
  for (const at of [1, 1.04, 1.08]) captures.note({ at, capturedMs: at * 1000 });
  assert.equal(captures.at(1.059), 1040);
  assert.equal(captures.at(1.061), 1080);
  assert.equal(captures.at(1.021), 1040);
});

Deno.test("near is within a twentieth of a second", () => {
  const captures = new CaptureTimes();
  captures.note({ at: 1, capturedMs: 1000 });
  assert.deepEqual([captures.at(0.951), captures.at(1.049)], [1000, 1000]);
  assert.deepEqual([captures.at(0.949), captures.at(1.051)], [undefined, undefined]);
});

Deno.test("a group sent again leaves what was between its pictures in place", () => {
  const captures = new CaptureTimes();
  for (const at of [1, 2, 3]) captures.note({ at, capturedMs: at });
  captures.note({ at: 2, capturedMs: 20 });
  assert.deepEqual([1, 2, 3].map((at) => captures.at(at)), [1, 20, 3]);
});

Deno.test("a change of latency is seen once half of the last 31 pictures show it", () => {
  const captures = new CaptureTimes();
  const meter = new LatencyMeter(captures, knownClock());
  const show = (i: number, late: number): void => {
    captures.note({ at: i, capturedMs: ORIGIN_MS + i * 1000 });
    meter.shown(i, i * 1000 + late);
  };
  for (let i = 0; i < 100; i++) show(i, 100);
  for (let i = 100; i < 115; i++) show(i, 500);
  assert.equal(meter.at(114_500), 100);
  show(115, 500);
  assert.equal(meter.at(115_500), 500);
});
