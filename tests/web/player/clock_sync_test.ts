/** The origin clock from pings and pongs. */

import assert from "node:assert/strict";
import { ClockSync, MAX_ANSWERS } from "../../../web/src/player/clock_sync.ts";

const ORIGIN_MS = 1_700_000_000_000;

/** A ping that leaves at `sent` and is answered by a clock `ORIGIN_MS` ahead after `there` ms; back after `back`. */
function exchange(
  clock: ClockSync,
  { sent, there, back }: { sent: number; there: number; back: number },
): void {
  const id = clock.ping(sent);
  const t = (ORIGIN_MS + sent + there) * 1000;
  clock.pong({ type: "pong", id, t }, sent + there + back);
}

Deno.test("nothing is known before the first answer", () => {
  const clock = new ClockSync();
  assert.deepEqual([clock.originTime(5), clock.errorMs, clock.roundTripMs], [null, null, null]);
});

Deno.test("an even round trip gives the clock exactly, and half of it as error", () => {
  const clock = new ClockSync();
  exchange(clock, { sent: 1000, there: 10, back: 10 });
  assert.equal(clock.originTime(2000), ORIGIN_MS + 2000);
  assert.equal(clock.roundTripMs, 20);
  assert.equal(clock.errorMs, 10);
});

Deno.test("the shortest round trip of late is believed, whenever it came", () => {
  const clock = new ClockSync();
  exchange(clock, { sent: 0, there: 2, back: 2 });
  exchange(clock, { sent: 5000, there: 400, back: 2 });
  assert.equal(clock.originTime(0), ORIGIN_MS);
  assert.equal(clock.roundTripMs, 4);
});

Deno.test("but not for ever", () => {
  const clock = new ClockSync();
  exchange(clock, { sent: 0, there: 1, back: 1 });
  for (let i = 1; i <= MAX_ANSWERS; i++) exchange(clock, { sent: i * 5000, there: 20, back: 20 });
  assert.equal(clock.roundTripMs, 40);
});

Deno.test("the origin's own error is added", () => {
  const clock = new ClockSync();
  clock.originError(3000);
  exchange(clock, { sent: 0, there: 5, back: 5 });
  assert.equal(clock.errorMs, 8);
});

Deno.test("answers to no question, or twice, are ignored", () => {
  const clock = new ClockSync();
  clock.pong({ type: "pong", id: 77, t: 1 }, 5);
  assert.equal(clock.roundTripMs, null);
  const id = clock.ping(0);
  clock.pong({ type: "pong", id, t: 1000 }, 10);
  clock.pong({ type: "pong", id, t: 1000 }, 1);
  assert.equal(clock.roundTripMs, 10);
});

Deno.test("questions that nobody answers are given up", () => {
  const clock = new ClockSync();
  const first = clock.ping(0);
  for (let i = 0; i < 20; i++) clock.ping(i);
  clock.pong({ type: "pong", id: first, t: 1 }, 5);
  assert.equal(clock.roundTripMs, null);
});

Deno.test("after a reset nothing of the other end holds", () => {
  const clock = new ClockSync();
  const asked = clock.ping(0);
  exchange(clock, { sent: 0, there: 5, back: 5 });
  clock.reset();
  clock.pong({ type: "pong", id: asked, t: 1 }, 5);
  assert.equal(clock.originTime(0), null);
});

for (const [there, back] of [[30, 10], [0, 40], [40, 0]] as const) {
  Deno.test(`${there} ms there and ${back} back: off by half the difference, as is admitted`, () => {
    const clock = new ClockSync();
    exchange(clock, { sent: 100, there, back });
    const off = (clock.originTime(500) ?? NaN) - (ORIGIN_MS + 500);
    assert.equal(off, (there - back) / 2);
    assert.ok(Math.abs(off) <= (clock.errorMs ?? NaN));
  });
}

Deno.test("of equally short round trips the first is believed", () => {
  const clock = new ClockSync();
  exchange(clock, { sent: 0, there: 10, back: 10 });
  exchange(clock, { sent: 1000, there: 20, back: 0 });
  assert.equal(clock.originTime(0), ORIGIN_MS);
});

Deno.test("the best answer is kept for as many as are remembered, and no longer", () => {
  const clock = new ClockSync();
  exchange(clock, { sent: 0, there: 1, back: 1 });
  for (let i = 1; i < MAX_ANSWERS; i++) exchange(clock, { sent: i * 5000, there: 20, back: 20 });
  assert.equal(clock.roundTripMs, 2);
  exchange(clock, { sent: MAX_ANSWERS * 5000, there: 20, back: 20 });
  assert.equal(clock.roundTripMs, 40);
});

Deno.test("eight questions may wait for their answers, in whatever order these come", () => {
  const clock = new ClockSync();
  const ids = Array.from({ length: 9 }, (_, i) => clock.ping(i));
  clock.pong({ type: "pong", id: ids[0] ?? NaN, t: 1 }, 20);
  assert.equal(clock.roundTripMs, null, "the ninth took the place of the first");
  clock.pong({ type: "pong", id: ids[8] ?? NaN, t: 1 }, 100);
  clock.pong({ type: "pong", id: ids[1] ?? NaN, t: 1 }, 20);
  assert.equal(clock.roundTripMs, 19);
});

Deno.test("an answer must bear the question's id, of its type too", () => {
  const clock = new ClockSync();
  clock.pong({ type: "pong", id: String(clock.ping(0)), t: 1 }, 5);
  assert.equal(clock.roundTripMs, null);
});
