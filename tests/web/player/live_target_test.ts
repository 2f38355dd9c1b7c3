/** How the aim grows after stalls and shrinks in calm. */

import assert from "node:assert/strict";
import { LiveTarget } from "../../../web/src/player/live_target.ts";

const RANGE = { start: 0.2, least: 0.1, most: 1 };

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
  const now = play(target, { now: 0, seconds: 60 });
  assert.ok(target.seconds < 0.2 && target.seconds > 0.13, `${target.seconds}`);
  play(target, { now, seconds: 300 });
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
  const now = play(target, { now: 0, seconds: 30 });
  const before = target.seconds;
  target.tick(now + 600_000);
  assert.ok(before - target.seconds < 0.002, "no more than a second's worth");
});
