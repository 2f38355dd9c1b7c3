/** The helm: what it does to the element, and what it learns from stalls. */

import assert from "node:assert/strict";
import type { Engine, Keeping } from "../../../web/src/player/engine.ts";
import { type BufferView, type SteeredVideo, Steering } from "../../../web/src/player/steering.ts";

/** A `<video>` whose position is where it is put. */
class FakeVideo extends EventTarget implements SteeredVideo {
  #position = 0;
  playbackRate = 1;
  readyState = 4;
  paused = false;
  seeking = false;
  muted = false;
  volume = 1;
  readonly jumps: number[] = [];

  get currentTime(): number {
    return this.#position;
  }

  set currentTime(position: number) {
    this.jumps.push(position);
    this.#position = position;
    this.seeking = true;
  }

  /** Plays on by itself. */
  play(seconds: number): void {
    this.#position += seconds;
  }

  arrive(): void {
    this.seeking = false;
    this.dispatchEvent(new Event("seeked"));
  }
}

class Setting implements Disposable {
  readonly video = new FakeVideo();
  readonly stop = new AbortController();
  readonly steering: Steering;
  now = performance.now();
  end = 110;

  constructor(engine: Engine = "chromium", keeping: Keeping = "sound") {
    this.steering = new Steering(this.video, { engine, signal: this.stop.signal });
    this.steering.carries(keeping);
  }

  get view(): BufferView {
    return { ranges: [{ start: 100, end: this.end }], newestKey: 109, filling: false };
  }

  look(): void {
    this.steering.look(this.view, this.now);
  }

  /** Joins, and is live. */
  join(): void {
    this.look();
    this.video.arrive();
    this.steering.joined = true;
  }

  /** Plays in step with what arrives. */
  flow(seconds: number): void {
    for (let at = 0; at < seconds; at += 0.04) {
      this.now += 40;
      this.video.play(0.04 * this.video.playbackRate);
      this.end += 0.04;
      this.look();
    }
  }

  [Symbol.dispose](): void {
    this.stop.abort();
  }
}

Deno.test("it joins at the live edge, a target behind the end", () => {
  using all = new Setting();
  all.join();
  assert.deepEqual(all.video.jumps, [all.end - all.steering.target]);
  assert.equal(all.steering.seeks, 1);
});

Deno.test("the place is found once the stream has been joined and flows, not by a jump alone", () => {
  using all = new Setting();
  all.look();
  assert.equal(all.steering.found, false);
  all.join();
  assert.equal(all.steering.found, false);
  all.flow(0.5);
  assert.equal(all.steering.found, true);
  all.steering.joined = false;
  assert.equal(all.steering.found, false);
});

Deno.test("it waits until the element knows its tracks", () => {
  using all = new Setting();
  all.video.readyState = 0;
  all.look();
  assert.deepEqual(all.video.jumps, []);
});

Deno.test("in step it leaves everything alone", () => {
  using all = new Setting();
  all.join();
  all.flow(10);
  assert.deepEqual([all.video.jumps.length, all.video.playbackRate], [1, 1]);
  assert.ok(Math.abs(all.steering.ahead - all.steering.target) < 0.01);
});

Deno.test("late, it hurries unheard until it has caught up", () => {
  using all = new Setting();
  all.join();
  all.end += 0.3;
  all.flow(1);
  assert.equal(all.video.playbackRate, 1.03);
  all.flow(20);
  assert.equal(all.video.playbackRate, 1);
  assert.ok(all.steering.ahead < all.steering.target + 0.1, `${all.steering.ahead}`);
});

Deno.test("muted it hurries more", () => {
  using all = new Setting();
  all.video.muted = true;
  all.join();
  all.end += 0.3;
  all.flow(1);
  assert.equal(all.video.playbackRate, 1.08);
});

Deno.test("WebKit's rate is never touched", () => {
  using all = new Setting("webkit");
  all.join();
  all.end += 0.4;
  all.flow(30);
  assert.deepEqual([all.video.playbackRate, all.video.jumps.length], [1, 1]);
  all.end += 0.4;
  all.flow(4); // longer than the low water remembers
  assert.equal(all.video.jumps.length, 2);
});

function stall(
  all: Setting,
  { outageMs, at = performance.now() }: { outageMs: number; at?: number },
): void {
  const since = Math.max(at, performance.now());
  Object.defineProperty(performance, "now", { value: () => since, configurable: true });
  all.video.dispatchEvent(new Event("waiting"));
  Object.defineProperty(performance, "now", { value: () => since + outageMs, configurable: true });
  all.video.dispatchEvent(new Event("playing"));
  Reflect.deleteProperty(performance, "now");
}

Deno.test("a stall makes the target grow", () => {
  using all = new Setting();
  all.join();
  all.flow(2);
  const before = all.steering.target;
  stall(all, { outageMs: 300 });
  assert.equal(all.steering.stalls, 1);
  assert.ok(all.steering.target > before);
});

Deno.test("an outage is no fault of the target", () => {
  using all = new Setting();
  all.join();
  all.flow(2);
  const before = all.steering.target;
  stall(all, { outageMs: 5000 });
  assert.deepEqual([all.steering.stalls, all.steering.target], [1, before]);
});

Deno.test("nor is a stall before the target was ever met", () => {
  using all = new Setting();
  all.join();
  all.end -= 0.1;
  all.flow(0.2);
  const before = all.steering.target;
  stall(all, { outageMs: 300 });
  assert.deepEqual([all.steering.stalls, all.steering.target], [1, before]);
});

Deno.test("waiting while joining, or for a jump, is no stall", () => {
  using all = new Setting();
  all.video.dispatchEvent(new Event("waiting"));
  all.join();
  all.video.seeking = true;
  all.video.dispatchEvent(new Event("waiting"));
  assert.equal(all.steering.stalls, 0);
});

Deno.test("jumps that never end: it is wedged, and another source begins anew", () => {
  using all = new Setting();
  all.look();
  for (let i = 0; i < 75; i++) {
    all.now += 40;
    all.end += 0.04;
    all.look();
  }
  assert.equal(all.steering.wedged, false);
  all.now += 500;
  all.look();
  assert.equal(all.steering.wedged, true);
  all.steering.castOff();
  assert.equal(all.steering.wedged, false);
});

Deno.test("where playing is not allowed, jumps need not end", () => {
  using all = new Setting();
  all.video.paused = true;
  for (let i = 0; i < 500; i++) {
    all.now += 40;
    all.end += 0.04;
    all.look();
  }
  assert.equal(all.steering.wedged, false);
});

Deno.test("media ahead and a position that stands still: wedged", () => {
  using all = new Setting();
  all.join();
  all.flow(1);
  for (let i = 0; i < 200 && !all.steering.wedged; i++) {
    all.now += 40;
    all.end = all.video.currentTime + 0.7; // too little behind to jump
    all.look();
  }
  assert.equal(all.steering.wedged, true);
});

Deno.test("nothing ahead, or a machine that slept: not wedged", () => {
  using all = new Setting();
  all.join();
  all.flow(1);
  for (let i = 0; i < 500; i++) {
    all.now += 40;
    all.look();
  }
  all.end = all.video.currentTime + 0.7;
  all.now += 3_600_000;
  all.look();
  assert.equal(all.steering.wedged, false);
});

Deno.test("cast off, it finds the edge of another timeline", () => {
  using all = new Setting();
  all.join();
  all.flow(1);
  all.steering.castOff();
  assert.equal(all.steering.joined, false);
  all.steering.look({ ranges: [{ start: 3, end: 4 }], newestKey: 3, filling: false }, all.now);
  assert.equal(all.video.jumps.at(-1), 4 - all.steering.target);
});

Deno.test("stuck before a gap for long, it still waits for what comes after to be long enough", () => {
  using all = new Setting();
  all.join();
  const before = { start: 100, end: all.end };
  for (let i = 0; i < 50; i++) {
    all.now += 40;
    all.video.play(i < 6 ? 0.04 : 0);
    all.look();
  }
  const jumps = all.video.jumps.length;
  for (let length = 0.04; length < all.steering.target; length += 0.04) {
    all.now += 40;
    all.steering.look(
      { ranges: [before, { start: 120, end: 120 + length }], newestKey: 120, filling: false },
      all.now,
    );
    assert.equal(all.video.jumps.length, jumps, `${length} s are not enough`);
  }
  all.steering.look({
    ranges: [before, { start: 120, end: 120.4 }],
    newestKey: 120,
    filling: false,
  }, all.now);
  assert.equal(all.video.jumps.length, jumps + 1);
});

Deno.test("pictures alone need less ahead than pictures with sound", () => {
  using all = new Setting();
  const withSound = all.steering.target;
  all.steering.carries("picture");
  const alone = all.steering.target;
  assert.ok(alone < withSound);
  all.steering.carries("quiet");
  assert.ok(all.steering.target < alone, "and beside silence less still");
});

Deno.test("after its end it listens to nothing", () => {
  using all = new Setting();
  all.join();
  all.flow(2);
  all.stop.abort();
  all.video.dispatchEvent(new Event("waiting"));
  assert.equal(all.steering.stalls, 0);
});

Deno.test("while a joiner's group is coming in, the end of the buffer is not the edge", () => {
  using all = new Setting();
  all.steering.look({ ...all.view, filling: true }, all.now);
  assert.deepEqual(all.video.jumps, []);
  all.look();
  assert.equal(all.video.jumps.length, 1);
});

Deno.test("pictures alone: it runs to the edge instead of jumping again, then goes gently", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.end += 0.3; // decoding the group took a while
  all.look();
  assert.ok(all.video.playbackRate > 1.5, `${all.video.playbackRate}`);
  all.flow(3);
  assert.equal(all.video.jumps.length, 1);
  assert.ok(all.video.playbackRate < 1.05, `${all.video.playbackRate}`);
  assert.ok(all.steering.ahead < all.steering.target + 0.1, `${all.steering.ahead}`);
});

Deno.test("running dry on the way to the edge is not held against the target", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  const before = all.steering.target;
  stall(all, { outageMs: 100 });
  assert.deepEqual([all.steering.stalls, all.steering.target], [1, before]);
});

Deno.test("sound beside the element keeps more picture ahead while it needs it", () => {
  using all = new Setting("chromium", "quiet");
  const alone = all.steering.target;
  all.steering.accompany({ needs: 0.12 });
  assert.equal(all.steering.target, 0.12);
  all.steering.accompany({ needs: 0 });
  assert.equal(all.steering.target, alone);
  all.steering.accompany({ needs: 0.12 });
  all.steering.accompany(undefined);
  assert.equal(all.steering.target, alone);
});

Deno.test("where every tenth picture comes late, as over a radio, all of them come to be in time", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(2);
  const before = all.steering.target;
  const began = all.now;
  let least = Infinity;
  for (let i = 1; i < 750; i++) {
    const at = began + i * 40 + (i % 10 === 0 ? 30 : 0);
    all.video.play((at - all.now) / 1000 * all.video.playbackRate);
    all.now = at;
    if (i > 500) least = Math.min(least, all.end - all.video.currentTime);
    all.end += 0.04;
    all.look();
  }
  assert.ok(all.steering.target > before + 0.02, `${all.steering.target}`);
  assert.ok(all.steering.target < 0.05, `${all.steering.target}`);
  assert.ok(least > 0, `the next one was due ${-least} s before it came`);
  assert.ok(all.end - all.video.currentTime < 0.12, "and no further behind than need be");
  all.flow(25);
  assert.equal(all.steering.target, before);
});

Deno.test("a gap that the clock runs over is jumped, once", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(4);
  const jumps = all.video.jumps.length;
  const before = { start: 100, end: all.end };
  const start = all.end + 0.13;
  for (let end = start; end < start + 1; end += 0.04) {
    all.now += 40;
    all.video.play(0.04);
    if (all.video.seeking) all.video.arrive();
    const ranges = end < start + 0.03 ? [before] : [before, { start, end }];
    all.steering.look({ ranges, newestKey: start, filling: false }, all.now);
  }
  assert.equal(all.video.jumps.length, jumps + 1);
  assert.ok((all.video.jumps.at(-1) ?? 0) >= start);
});

Deno.test("where nothing comes the clock may run on: what comes at once then is where it is", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(4);
  const jumps = all.video.jumps.length;
  silence(all, 2.5);
  const reached = all.end + 2.5;
  for (; all.end < reached; all.end += 0.5) all.look();
  all.flow(2);
  assert.equal(all.video.jumps.length, jumps);
});

Deno.test("… and where what comes goes on from the last, it goes back after a second", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(4);
  const jumps = all.video.jumps.length;
  silence(all, 2.5);
  assert.equal(all.video.jumps.length, jumps);
  all.flow(0.9);
  assert.equal(all.video.jumps.length, jumps);
  all.flow(0.3);
  assert.equal(all.video.jumps.length, jumps + 1);
  assert.ok(Math.abs(all.video.currentTime - all.end) < 0.1, `${all.video.currentTime - all.end}`);
});

Deno.test("running dry only seconds after the last picture is no fault of the target", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(4);
  const before = all.steering.target;
  silence(all, 3);
  stall(all, { outageMs: 100, at: all.now });
  assert.deepEqual([all.steering.stalls, all.steering.target], [1, before]);
});

Deno.test("a decoder that takes its time is given it, and one that cannot keep up is not waited for", () => {
  using all = new Setting("chromium", "quiet");
  const before = all.steering.target;
  const decoded = (seconds: number): void => {
    for (let i = 0; i < 70; i++) all.steering.decoded(seconds);
  };
  decoded(0.001);
  assert.equal(all.steering.target, before);
  decoded(0.03);
  assert.ok(all.steering.target > 0.03 && all.steering.target < 0.05, `${all.steering.target}`);
  decoded(2);
  assert.ok(all.steering.target < 0.2, `${all.steering.target}`);
  decoded(0.001);
  assert.equal(all.steering.target, before);
});

Deno.test("what the beginning has left behind is rushed away, not walked", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(0.3);
  assert.ok(all.steering.found);
  all.video.play(-0.2); // an output that took a while to open
  all.flow(1);
  assert.ok(all.steering.ahead < all.steering.target + 0.06, `${all.steering.ahead}`);
  all.flow(3);
  all.video.play(-0.2);
  all.flow(1);
  assert.ok(all.steering.ahead > all.steering.target + 0.1, `${all.steering.ahead}`);
});

Deno.test("the pace that is known holds wherever the position is moved to", () => {
  using all = new Setting();
  all.join();
  all.flow(2);
  const usual = all.steering.usual ?? Number.NaN;
  all.video.play(-0.1);
  all.flow(1);
  assert.ok(Math.abs((all.steering.usual ?? Number.NaN) - usual) < 1e-6);
});

/** Media comes so much later than it should, s, and then flows again. */
function late(all: Setting, seconds: number, flows: number): void {
  all.now += seconds * 1000;
  all.look();
  all.end += seconds;
  all.look();
  all.flow(flows);
}

Deno.test("late media makes the target grow before anything stalls, but not while the place is still being found", () => {
  using all = new Setting("firefox", "picture");
  all.join();
  late(all, 0.12, 0.4);
  const before = all.steering.target;
  assert.equal(before, 0.1);
  all.flow(4);
  late(all, 0.12, 0.4);
  assert.ok(all.steering.target > before + 0.02, `${all.steering.target}`);
});

Deno.test("pictures alone in Chromium stand meanwhile: what is late makes the target grow the third time in a minute", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(4);
  const before = all.steering.target;
  late(all, 0.2, 15);
  late(all, 0.2, 15);
  assert.equal(all.steering.target, before);
  late(all, 0.2, 1);
  assert.ok(all.steering.target > before + 0.05, `${all.steering.target}`);
  assert.ok(all.steering.target < 0.13, "a picture may stand for a moment");
});

/** Nothing comes for so long, then a picture; the clock runs on meanwhile. */
function silence(all: Setting, seconds: number): void {
  for (let at = 0; at < seconds - 0.02; at += 0.04) {
    all.now += 40;
    all.video.play(0.04 * all.video.playbackRate);
    all.look();
  }
}

Deno.test("a camera's pauses are no lateness: the aim stays, and playback does not fall behind", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(4);
  const { target } = all.steering;
  for (let pauses = 0; pauses < 5; pauses++) {
    silence(all, 0.4);
    all.steering.pausedTo(all.end + 0.4);
    all.end += 0.4;
    all.flow(2);
  }
  assert.equal(all.steering.target, target);
  assert.ok(all.steering.ahead < target + 0.1, `${all.steering.ahead}`);
});

Deno.test("the same silences, of a camera that took pictures meanwhile, are", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(4);
  const { target } = all.steering;
  for (let pauses = 0; pauses < 3; pauses++) {
    silence(all, 0.4);
    all.end += 0.4;
    all.flow(15);
  }
  assert.ok(all.steering.target > target + 0.2, `${all.steering.target}`);
});

Deno.test("what comes too late for its place again and again: playback slows down until the aim is met", () => {
  using all = new Setting("chromium", "quiet");
  all.join();
  all.flow(4);
  all.video.play(0.2);
  all.flow(8);
  assert.ok(all.steering.ahead > all.steering.target, `${all.steering.ahead}`);
});
