/** What of that which arrives, and is shown, is live. */

import assert from "node:assert/strict";
import {
  Arrivals,
  FORGIVEN_LAG_S,
  LIVE_AFTER_MS,
  LIVE_AGE_MS,
} from "../../../web/src/player/arrivals.ts";
import { ClockSync } from "../../../web/src/player/clock_sync.ts";
import type { MediaInfo } from "../../../web/src/player/incoming.ts";
import { CaptureTimes } from "../../../web/src/player/latency.ts";

const ORIGIN_MS = 1_700_000_000_000;
const PICTURE_S = 0.04;

/** A message of one picture at `at` seconds of a timeline that began at local time 0. */
function picture(
  at: number,
  { key = false, captured = true }: { key?: boolean; captured?: boolean } = {},
): MediaInfo {
  return {
    start: at,
    end: at + PICTURE_S,
    decodeStart: at,
    decodeEnd: at,
    soundTo: undefined,
    key,
    pictures: [{ at, capturedMs: captured ? ORIGIN_MS + at * 1000 : undefined }],
  };
}

function arrivals({ clocked = true }: { clocked?: boolean } = {}): Arrivals {
  const clock = new ClockSync();
  if (clocked) clock.pong({ type: "pong", id: clock.ping(0), t: ORIGIN_MS * 1000 }, 0);
  return new Arrivals(new CaptureTimes(), clock);
}

const FIRST = { target: 0.1, wereLive: false };
const ONCE_LIVE = { target: 0.1, wereLive: true };

Deno.test("nothing has arrived, nothing is live", () => {
  const some = arrivals();
  assert.deepEqual([some.any, some.areLive, some.isLive(5, FIRST)], [false, false, false]);
});

Deno.test("a cached group is not live, however near its end is shown", () => {
  const some = arrivals();
  some.join(10_000);
  some.take(picture(8, { key: true }), 10_005);
  assert.equal(some.areLive, false);
  assert.equal(some.isLive(8, FIRST), false);
});

Deno.test("fresh media is live, and so is what is shown near its edge", () => {
  const some = arrivals();
  some.take(picture(10), 10_000 + LIVE_AGE_MS - 1);
  assert.equal(some.areLive, true);
  assert.equal(some.isLive(9.7, FIRST), true);
  assert.equal(some.isLive(9.5, FIRST), false, "the backlog on its way to the edge");
});

Deno.test("without a clock nobody can say so at first, without capture times nobody need", () => {
  const clockless = arrivals({ clocked: false });
  clockless.take(picture(10), 10_000);
  assert.equal(clockless.areLive, false);
  clockless.take(picture(10.04, { captured: false }), 10_040);
  assert.equal(clockless.areLive, true);
});

Deno.test("over a slow link live is what keeps coming", () => {
  const some = arrivals();
  for (let at = 10; at <= 14; at += PICTURE_S) some.take(picture(at), at * 1000 + 2000);
  assert.equal(some.areLive, false, "two seconds old on arrival");
  assert.ok(4000 > LIVE_AFTER_MS);
  assert.equal(some.isLive(13.5, FIRST), true);
});

Deno.test("a hiccup is forgiven, falling far behind is not", () => {
  const some = arrivals();
  some.take(picture(20), 20_000);
  assert.equal(some.isLive(20 - FORGIVEN_LAG_S, ONCE_LIVE), true);
  assert.equal(some.isLive(19.8 - FORGIVEN_LAG_S, ONCE_LIVE), false);
});

Deno.test("joining anew forgets what came before", () => {
  const some = arrivals();
  some.take(picture(20), 20_000);
  some.join(21_000);
  assert.deepEqual([some.any, some.areLive, some.joinedAt], [false, false, 21_000]);
  assert.equal(some.isLive(20, ONCE_LIVE), true, "until something says otherwise");
});

Deno.test("the pace: pictures and groups", () => {
  const some = arrivals();
  for (let i = 0; i <= 50; i++) some.take(picture(i * PICTURE_S, { key: i % 25 === 0 }), i);
  assert.ok(Math.abs(some.pictureMs - 40) < 1e-6);
  assert.ok(Math.abs(some.groupMs - 1000) < 1e-6);
});

Deno.test("a timeline goes on while capture and media times keep their distance", () => {
  const some = arrivals();
  some.take(picture(100), 100_000);
  assert.equal(some.goesOn(picture(101), []), true);
  assert.equal(some.goesOn(picture(4000), []), true, "even after an hour's gap");
  const other = { ...picture(100.5), pictures: [{ at: 100.5, capturedMs: ORIGIN_MS + 250_000 }] };
  assert.equal(some.goesOn(other, [{ start: 90, end: 101 }]), false, "though it would fit");
});

Deno.test("without capture times a timeline goes on where the buffer does", () => {
  const some = arrivals();
  const at = (seconds: number): MediaInfo => picture(seconds, { captured: false });
  some.take(at(100), 0);
  const ranges = [{ start: 90, end: 101 }];
  assert.equal(some.goesOn(at(95), ranges), true);
  assert.equal(some.goesOn(at(101.5), ranges), true);
  assert.equal(some.goesOn(at(103), ranges), false);
  assert.equal(some.goesOn(at(5), ranges), false);
  assert.equal(some.goesOn(at(5), []), true, "the first of all");
});

Deno.test("joining anew, media must keep coming for as long again", () => {
  const some = arrivals();
  some.take(picture(10), 12_000);
  some.join(20_000);
  some.take(picture(20), 22_000);
  some.take(picture(20.1), 22_100);
  assert.equal(some.isLive(20, FIRST), false, "what came before the joining does not count");
});

Deno.test("the time between two groups is not told across a joining", () => {
  const some = arrivals();
  some.take(picture(1, { key: true }), 1);
  some.take(picture(2, { key: true }), 2);
  some.join(3);
  some.take(picture(60, { key: true }), 60);
  assert.equal(some.groupMs, 1000);
});

Deno.test("nor by a key picture sent again", () => {
  const some = arrivals();
  some.take(picture(1, { key: true }), 1);
  some.take(picture(2, { key: true }), 2);
  some.take(picture(1, { key: true }), 3);
  assert.equal(some.groupMs, 1000);
  some.take(picture(1, { key: true }), 4);
  assert.equal(some.groupMs, 1000);
});

Deno.test("of a message of several pictures each has its part", () => {
  const some = arrivals();
  const { pictures, ...rest } = picture(1);
  some.take({ ...rest, end: 1.1, pictures: [...pictures, { at: 1.05, capturedMs: undefined }] }, 1);
  assert.ok(Math.abs(some.pictureMs - 50) < 1e-6);
});

Deno.test("where only one side tells when it was taken, the buffer decides", () => {
  const some = arrivals();
  some.take(picture(100), 100_000);
  const silent = picture(5, { captured: false });
  assert.equal(some.goesOn(silent, [{ start: 90, end: 101 }]), false);
  assert.equal(some.goesOn({ ...silent, start: 95 }, [{ start: 90, end: 101 }]), true);
  assert.equal(some.goesOn({ ...silent, start: 95, pictures: [] }, []), true);
});

Deno.test("a camera that pauses: where it goes on", () => {
  const some = arrivals();
  some.take(picture(1), 1);
  some.take(picture(1.04), 2);
  assert.equal(some.pausedTo, undefined);
  some.take(picture(1.48), 3);
  assert.equal(some.pausedTo, 1.48);
  some.take(picture(1.52), 4);
  assert.equal(some.pausedTo, undefined);
});

Deno.test("where pictures come in another order than they are shown, a step ahead is no pause", () => {
  const some = arrivals();
  const order = [1, 1.16, 1.08, 1.04, 1.12, 1.32, 1.24];
  order.forEach((at, i) => some.take(picture(at), i));
  some.take(picture(1.48), order.length);
  assert.equal(some.pausedTo, undefined);
  some.join(20);
  some.take(picture(5), 21);
  some.take(picture(5.4), 22);
  assert.equal(some.pausedTo, 5.4, "another stream may be in order");
});
