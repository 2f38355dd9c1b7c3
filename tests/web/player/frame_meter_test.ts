/// <reference lib="dom" />
/** Pictures on the screen, by callback, by the element's counts, or by a position that moves. */

import assert from "node:assert/strict";
import { FrameMeter } from "../../../web/src/player/frame_meter.ts";
import { FakeTime } from "../../support/fake_time.ts";

/** The part of a `<video>` that tells of pictures, in a browser that has no callback for them. */
class CountingVideo {
  currentTime = 0;
  videoWidth = 848;
  paused = false;
  #total = 0;
  #dropped = 0;

  getVideoPlaybackQuality(): VideoPlaybackQuality {
    return {
      corruptedVideoFrames: 0,
      creationTime: 0,
      droppedVideoFrames: this.#dropped,
      totalVideoFrames: this.#total,
    };
  }

  /** The element's counts from the beginning of its source. */
  counts(total: number, dropped = 0): void {
    this.#total = total;
    this.#dropped = dropped;
  }
}

/** The same in a browser that has one. */
class CallingVideo extends CountingVideo {
  #handle = 0;
  #asked: { readonly handle: number; readonly call: VideoFrameRequestCallback } | undefined;

  requestVideoFrameCallback(call: VideoFrameRequestCallback): number {
    assert.equal(this.#asked, undefined, "it is asked once a picture");
    this.#asked = { handle: ++this.#handle, call };
    return this.#handle;
  }

  cancelVideoFrameCallback(handle: number): void {
    if (this.#asked?.handle === handle) this.#asked = undefined;
  }

  get isAsked(): boolean {
    return this.#asked !== undefined;
  }

  /** A picture is on the screen: number `presented` of its source. */
  show(
    mediaTime: number,
    { now, presented, at = now }: {
      readonly now: number;
      readonly presented: number;
      readonly at?: number;
    },
  ): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.call(now, {
      expectedDisplayTime: at,
      presentationTime: now,
      mediaTime,
      presentedFrames: presented,
      width: 848,
      height: 480,
    });
  }
}

/** What is looked at besides callbacks. */
type Looked = Pick<
  HTMLVideoElement,
  "currentTime" | "videoWidth" | "paused" | "getVideoPlaybackQuality"
>;

interface Setting<Video> extends Disposable {
  readonly video: Video;
  readonly meter: FrameMeter;
  readonly stop: AbortController;
  /** What the meter told: media time and moment. */
  readonly told: (readonly [mediaTime: number, shownAt: number])[];
  readonly time: FakeTime;
}

function set<Video extends CountingVideo>(
  video: Video,
  page: "visible" | "hidden" = "visible",
): Setting<Video> {
  const told: [number, number][] = [];
  const stop = new AbortController();
  const document = { visibilityState: page };
  Object.defineProperty(globalThis, "document", { value: document, configurable: true });
  const element: Looked = video;
  const meter = new FrameMeter(element as HTMLVideoElement, {
    shown: (mediaTime, shownAt) => told.push([mediaTime, shownAt]),
    signal: stop.signal,
  });
  const time = new FakeTime();
  return {
    video,
    meter,
    stop,
    told,
    time,
    [Symbol.dispose]: () => {
      time[Symbol.dispose]();
      Reflect.deleteProperty(globalThis, "document");
    },
  };
}

Deno.test("at first nothing is known", () => {
  using all = set(new CallingVideo());
  all.meter.tick(0);
  const { shown, dropped, fps, lastPictureAt } = all.meter;
  assert.deepEqual([shown, dropped, fps, lastPictureAt], [0, 0, 0, null]);
  assert.deepEqual(all.told, []);
});

Deno.test("each callback tells a picture, and when it will be seen", () => {
  using all = set(new CallingVideo());
  all.video.show(1.5, { now: 100, at: 116, presented: 1 });
  all.time.pass(40);
  all.video.show(1.54, { now: 140, at: 156, presented: 2 });
  assert.deepEqual(all.told, [[1.5, 116], [1.54, 156]]);
  assert.deepEqual([all.meter.shown, all.meter.lastPictureAt], [2, performance.now()]);
});

Deno.test("pictures between two callbacks count, though nobody was called for them", () => {
  using all = set(new CallingVideo());
  all.video.show(1, { now: 0, presented: 1 });
  all.video.show(1.2, { now: 200, presented: 6 });
  assert.equal(all.meter.shown, 6);
});

Deno.test("another source counts from the beginning, and takes nothing away", () => {
  using all = set(new CallingVideo());
  all.video.show(1, { now: 0, presented: 100 });
  all.video.show(0, { now: 40, presented: 1 });
  assert.equal(all.meter.shown, 101);
  all.video.show(0.04, { now: 80, presented: 2 });
  assert.equal(all.meter.shown, 102);
});

Deno.test("a count that jumps back to its running total is one picture, not all of them again", () => {
  using all = set(new CallingVideo());
  all.video.show(1, { now: 0, presented: 500 });
  all.video.show(0, { now: 40, presented: 1 });
  all.video.show(0.04, { now: 80, presented: 502 });
  assert.equal(all.meter.shown, 502);
});

Deno.test("while callbacks come, the element's counts are not counted again", () => {
  using all = set(new CallingVideo());
  all.video.show(1, { now: 0, presented: 10 });
  all.video.counts(10);
  all.meter.tick(500);
  assert.deepEqual([all.meter.shown, all.told.length], [10, 1]);
  all.meter.tick(501);
  assert.deepEqual([all.meter.shown, all.told.length], [10, 1], "nor those that are old");
});

Deno.test("when callbacks rest, the element's counts are looked at", () => {
  using all = set(new CallingVideo());
  all.video.show(1, { now: 0, presented: 10 });
  all.video.counts(10);
  all.meter.tick(250);
  all.video.counts(25);
  all.video.currentTime = 1.6;
  all.time.pass(600);
  all.meter.tick(600);
  assert.equal(all.meter.shown, 25);
  assert.deepEqual(all.told.at(-1), [1.6, 600]);
  assert.equal(all.meter.lastPictureAt, performance.now());
});

Deno.test("without callbacks the element's counts are all there is; dropped ones are not shown", () => {
  using all = set(new CountingVideo());
  all.video.counts(30, 4);
  all.video.currentTime = 1;
  all.meter.tick(1_000);
  assert.deepEqual([all.meter.shown, all.meter.dropped, all.told], [26, 4, [[1, 1_000]]]);
  all.meter.tick(1_250);
  assert.deepEqual([all.meter.shown, all.told.length], [26, 1], "no new picture, nothing to tell");
  all.video.counts(40, 10);
  all.meter.tick(1_500);
  assert.deepEqual([all.meter.shown, all.meter.dropped], [30, 10]);
});

Deno.test("counts of another source begin anew and take nothing away", () => {
  using all = set(new CountingVideo());
  all.video.counts(30, 4);
  all.meter.tick(0);
  all.video.counts(0, 0);
  all.meter.tick(250);
  assert.deepEqual([all.meter.shown, all.meter.dropped], [26, 4]);
  all.video.counts(5, 1);
  all.meter.tick(500);
  assert.deepEqual([all.meter.shown, all.meter.dropped], [30, 5]);
});

Deno.test("sound alone has no pictures, but its position is told while it moves", () => {
  using all = set(new CountingVideo());
  all.video.videoWidth = 0;
  all.video.currentTime = 2;
  all.meter.tick(0);
  all.meter.tick(250);
  all.video.currentTime = 2.5;
  all.meter.tick(500);
  assert.deepEqual([all.meter.shown, all.told], [0, [[2, 0], [2.5, 500]]]);
});

const STILL: readonly (readonly [string, Partial<CountingVideo>, "visible" | "hidden"])[] = [
  ["a page that is seen", {}, "visible"],
  ["a paused element, though its user moves it", { videoWidth: 0, paused: true }, "visible"],
  ["a paused element out of sight", { paused: true }, "hidden"],
];
for (const [what, differs, page] of STILL) {
  Deno.test(`a position that moves is no picture on ${what}`, () => {
    using all = set(Object.assign(new CountingVideo(), differs), page);
    all.video.currentTime = 3;
    all.meter.tick(0);
    assert.deepEqual([all.told, all.meter.lastPictureAt], [[], null]);
  });
}

Deno.test("out of sight nothing is presented, so a position that moves is what is told", () => {
  using all = set(new CallingVideo(), "hidden");
  all.video.currentTime = 3;
  all.meter.tick(1_000);
  assert.deepEqual([all.told, all.meter.shown], [[[3, 1_000]], 0]);
});

Deno.test("pictures a second, known by callbacks", () => {
  using all = set(new CallingVideo());
  for (let i = 0; i <= 50; i++) {
    all.video.show(i / 25, { now: i * 40, presented: i + 1 });
    all.meter.tick(i * 40);
  }
  assert.equal(all.meter.fps, 25);
});

Deno.test("pictures a second, known by counts: those dropped are none", () => {
  using all = set(new CountingVideo());
  for (let i = 0; i <= 8; i++) {
    all.video.counts(i * 15, i * 5);
    all.meter.tick(i * 250);
  }
  assert.equal(all.meter.fps, 40);
});

Deno.test("its signal ends the asking", () => {
  using all = set(new CallingVideo());
  all.video.show(1, { now: 0, presented: 1 });
  assert.equal(all.video.isAsked, true);
  all.stop.abort();
  assert.equal(all.video.isAsked, false);
});
