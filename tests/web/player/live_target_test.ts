/** How the aim grows after stalls and shrinks in calm. */

import assert from "node:assert/strict";
import { LiveTarget } from "../../../web/src/player/live_target.ts";

const RANGE = { start: 0.2, least: 0.1, most: 1, step: 0.03, bare: 0.05 };

/** Lets `seconds` pass from `now`, a tick a quarter of a second; returns the end. */
function play(target: LiveTarget, { now, seconds }: { now: number; seconds: number }): number {
  for (let at = now; at <= now + seconds * 1000; at += 250) target.tick(at);
  return now + seconds * 1000;
}

Deno.test("it begins where it is told, and stays there at first", () => {
  const target = new LiveTarget(RANGE);
  play(target, { now: 0, seconds: 19 });
  assert.equal(target.seconds, 0.2);
});

Deno.test("in calm it shrinks slowly to its least", () => {
  const target = new LiveTarget(RANGE);
  const now = play(target, { now: 0, seconds: 30 });
  assert.ok(target.seconds < 0.2 && target.seconds > 0.13, `${target.seconds}`);
  play(target, { now, seconds: 60 });
  assert.equal(target.seconds, 0.1);
});

Deno.test("a stall makes it grow at once, up to its most", () => {
  const target = new LiveTarget(RANGE);
  target.stalled(0);
  assert.ok(Math.abs(target.seconds - 0.28) < 1e-9);
  for (let i = 0; i < 20; i++) target.stalled(i);
  assert.equal(target.seconds, 1);
});

Deno.test("it does not shrink to where it stalled while that is remembered", () => {
  const target = new LiveTarget(RANGE);
  target.stalled(0);
  const now = play(target, { now: 0, seconds: 290 });
  assert.ok(target.seconds > 0.2 && target.seconds < 0.24, `${target.seconds}`);
  play(target, { now, seconds: 300 });
  assert.equal(target.seconds, 0.1);
});

Deno.test("an interruption does not count as calm play", () => {
  const target = new LiveTarget(RANGE);
  const now = play(target, { now: 0, seconds: 25 });
  const before = target.seconds;
  target.tick(now + 600_000);
  assert.ok(before - target.seconds < 0.006, "no more than a second's worth");
});

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}, not ${expected}`);
}

Deno.test("a small one grows by a least amount", () => {
  const target = new LiveTarget({ ...RANGE, start: 0.04 });
  target.stalled(0);
  near(target.seconds, 0.07);
});

Deno.test("after the first calm seconds it shrinks by five milliseconds every second", () => {
  const target = new LiveTarget(RANGE);
  play(target, { now: 5000, seconds: 19.75 });
  assert.equal(target.seconds, 0.2);
  play(target, { now: 25_000, seconds: 9.75 });
  near(target.seconds, 0.15);
});

Deno.test("each stall begins the calm anew", () => {
  const target = new LiveTarget(RANGE);
  const now = play(target, { now: 0, seconds: 15 });
  target.stalled(now);
  play(target, { now, seconds: 19.75 });
  near(target.seconds, 0.28);
  target.tick(now + 20_000);
  near(target.seconds, 0.27875);
});

Deno.test("a stall is remembered for five minutes, and the last of several renews that", () => {
  const target = new LiveTarget(RANGE);
  target.stalled(0);
  target.stalled(100_000); // 0.28 was too little too: it stays at what that made of it
  play(target, { now: 100_000, seconds: 299.75 });
  near(target.seconds, 0.392);
  target.tick(400_000);
  near(target.seconds, 0.39075);
});

Deno.test("remembering raises nothing: at its most it stays there", () => {
  const target = new LiveTarget({ ...RANGE, start: 1 });
  target.stalled(0);
  play(target, { now: 0, seconds: 100 });
  assert.equal(target.seconds, 1);
});

Deno.test("media that comes late makes it grow at once, before anything stalls", () => {
  const target = new LiveTarget(RANGE);
  target.tick(0, 0.33);
  near(target.seconds, 0.33 + RANGE.bare);
  target.tick(250, 5);
  assert.equal(target.seconds, RANGE.most);
});

Deno.test("as long as media is expected late it does not shrink below that", () => {
  const target = new LiveTarget(RANGE);
  for (let at = 0; at <= 200_000; at += 250) target.tick(at, 0.14);
  near(target.seconds, 0.14 + RANGE.bare);
});

Deno.test("where more was kept than it asks for, and that was too little, it grows from there", () => {
  const target = new LiveTarget(RANGE);
  target.stalled(0, 0.3);
  near(target.seconds, 0.42);
  play(target, { now: 0, seconds: 290 });
  near(target.seconds, 0.345);
});

Deno.test("as long as media is as late as it was, a stall is not forgotten", () => {
  const target = new LiveTarget(RANGE);
  target.tick(0, 0.04);
  target.stalled(0);
  target.stalled(1_000, 0.2);
  for (let at = 1_250; at <= 900_000; at += 250) target.tick(at, 0.04);
  near(target.seconds, 0.28);
  for (let at = 900_250; at <= 1_500_000; at += 250) target.tick(at, 0.03);
  assert.equal(target.seconds, 0.1);
});
