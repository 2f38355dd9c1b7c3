/**
 * Minutes of playing, simulated: pictures arrive as they did in Chromium on busy machines, the element plays at the
 * rate it is told, leaves the last picture on the screen when the next one is late, and stalls when that has lasted.
 */

import assert from "node:assert/strict";
import { percentile } from "../../bench/bench.ts";
import { type SteeredVideo, Steering } from "../../../web/src/player/steering.ts";

const PICTURE_S = 1 / 30;
const STEP_MS = 4;
/** With silence beside them, Chromium stalls when pictures have been missing for so long, s. */
const STANDS_S = 3;
/** A picture that stands for longer is seen to stand, ms. */
const SEEN_MS = 100;

/**
 * How late pictures came, ms, in a row, where it stalled: the page's thread held up for 60 ms; for 96 ms, with the
 * five pictures of that time at once; for 280 and 146 ms in one breath.
 */
const HELD_UP: Readonly<Record<"short" | "longer" | "long", readonly number[]>> = {
  short: [2, 3, 60, 31, 3],
  longer: [2, 96, 63, 34, 8, 2],
  long: [2, 281, 248, 214, 181, 148, 114, 81, 47, 146, 112, 79, 46, 12, 3],
};

/** A `<video>` that plays what there is. */
class PlayingVideo extends EventTarget implements SteeredVideo {
  #position = 0;
  playbackRate = 1;
  readonly readyState = 4;
  readonly paused = false;
  seeking = false;
  readonly muted = true;
  readonly volume = 1;

  get currentTime(): number {
    return this.#position;
  }

  set currentTime(position: number) {
    this.#position = position;
    this.seeking = true;
  }

  /** Plays to `position` by itself. */
  playTo(position: number): void {
    this.#position = position;
  }
}

interface Played {
  readonly stalls: number;
  /** What is aimed at in the end, s. */
  readonly aim: number;
  /** What was usually ahead when a picture came, s. */
  readonly ahead: readonly number[];
  readonly rates: readonly number[];
  /** Each picture on the screen: since when, for how long, and how old it was, ms. */
  readonly shown: readonly { readonly at: number; readonly stood: number; readonly age: number }[];
}

/** What is played, and why pictures come late: the way is slow, or the page's thread stands, which then looks at nothing. */
interface Playing {
  readonly sound?: "none" | "beside";
  /** Picture to be kept ahead for the sound, s. */
  readonly needs?: number;
  readonly thread?: "runs" | "stands";
}

/** A picture that should have been there so long ago, ms, has not come because the thread stands. */
const STANDS_MS = 8;

/** Plays pictures of which number n is `late(n)` ms late. */
function play(
  seconds: number,
  late: (index: number) => number,
  { sound = "none", needs = 0, thread = "runs" }: Playing = {},
): Played {
  using clock = new Clock();
  const video = new PlayingVideo();
  const stop = new AbortController();
  const steering = new Steering(video, {
    engine: "chromium",
    signal: stop.signal,
  });
  steering.carries("quiet");
  if (sound === "beside") steering.accompany({ needs });
  const ahead: number[] = [];
  const rates: number[] = [];
  const shown: { at: number; stood: number; age: number }[] = [];
  let screen = { index: -1, at: 0 };
  let end = 100;
  let next = 0;
  let inOrder = -Infinity;
  let stalled = false;
  const look = (): void => {
    const view = { ranges: [{ start: 90, end }], newestKey: undefined, filling: false };
    steering.look(view, clock.now);
    if (!video.seeking) return;
    video.seeking = false;
    video.dispatchEvent(new Event("seeked"));
    steering.joined = true;
  };
  for (let at = 0; at < seconds * 1000; at += STEP_MS) {
    clock.now = 1_000_000 + at;
    inOrder = Math.max(inOrder, next * PICTURE_S * 1000 + late(next));
    while (inOrder <= at) {
      if (!stalled) ahead.push(end - video.currentTime);
      end += PICTURE_S;
      next += 1;
      look();
      inOrder = Math.max(inOrder, next * PICTURE_S * 1000 + late(next));
    }
    const stands = thread === "stands" && at > next * PICTURE_S * 1000 + STANDS_MS;
    if (!stands && at % 250 === 0) look();
    if (stalled && end - video.currentTime >= PICTURE_S) {
      stalled = false;
      video.dispatchEvent(new Event("playing"));
    }
    const wanted = video.currentTime + STEP_MS / 1000 * video.playbackRate;
    if (!stalled) rates.push(video.playbackRate);
    if (stalled || wanted <= end + STANDS_S) {
      if (!stalled) video.playTo(wanted);
      const index = Math.min(next - 1, Math.floor((video.currentTime - 100) / PICTURE_S));
      if (index > screen.index) {
        shown.push({
          at: screen.at,
          stood: at - screen.at,
          age: screen.at - screen.index * PICTURE_S * 1000,
        });
        screen = { index, at };
      }
    } else {
      stalled = true;
      video.dispatchEvent(new Event("waiting"));
    }
  }
  stop.abort();
  return { stalls: steering.stalls, aim: steering.target, ahead, rates, shown };
}

/** The clock of the page, set by hand. */
class Clock implements Disposable {
  now = 1_000_000;

  constructor() {
    Object.defineProperty(performance, "now", { value: () => this.now, configurable: true });
  }

  [Symbol.dispose](): void {
    Reflect.deleteProperty(performance, "now");
  }
}

/** A little uneven, the same in every run. */
function jitter(index: number): number {
  return 2 + 3 * Math.abs(Math.sin(index * 12.9898)) ** 4;
}

/** Evenly, but for `gust` at each of these seconds. */
function with_(gust: readonly number[], seconds: readonly number[]): (index: number) => number {
  const late = new Map<number, number>();
  for (const second of seconds) {
    for (const [i, ms] of gust.entries()) late.set(second * 30 + i, ms);
  }
  return (index) => late.get(index) ?? jitter(index);
}

Deno.test("ten even minutes: no stall, no drift, and no further behind than need be", () => {
  const { stalls, ahead, rates } = play(600, jitter);
  assert.equal(stalls, 0);
  const late = ahead.slice(300);
  assert.ok(percentile(late, 0.5) < 0.06, `${percentile(late, 0.5)}`);
  const drift = percentile(late.slice(-1800), 0.5) - percentile(late.slice(0, 1800), 0.5);
  assert.ok(Math.abs(drift) < 0.01, `${drift}`);
  assert.ok(percentile(rates.slice(2500), 0.01) >= 0.98, "rates are left alone");
});

Deno.test("what nobody sees costs nothing, however often it comes", () => {
  const gusts = Array.from({ length: 58 }, (_, i) => 20 + i * 10);
  for (const thread of ["runs", "stands"] as const) {
    const { stalls, aim, shown } = play(600, with_(HELD_UP.short, gusts), { thread });
    assert.deepEqual([stalls, aim], [0, 0.015]);
    assert.equal(shown.filter(({ stood }) => stood > SEEN_MS).length, 0);
    const ages = shown.slice(150).map(({ age }) => age);
    assert.ok(percentile(ages, 0.95) < 80, `${percentile(ages, 0.95)}`);
  }
});

Deno.test("what happens now and then leaves a picture on the screen for as long as it takes, and no more", () => {
  const { stalls, shown, ahead } = play(600, with_(HELD_UP.longer, [30, 90, 150, 300, 320, 500]));
  assert.equal(stalls, 0);
  assert.ok(Math.max(...shown.slice(150).map(({ stood }) => stood)) < 96 + 2 * PICTURE_S * 1000);
  assert.ok(percentile(ahead, 0.5) < 0.07, `${percentile(ahead, 0.5)}`);
});

Deno.test("what happened three times in a minute is not seen again, as long as it does", () => {
  const gusts = Array.from({ length: 17 }, (_, i) => 20 + i * 15);
  const { stalls, shown, ahead } = play(500, with_(HELD_UP.long, gusts));
  assert.equal(stalls, 0);
  const seen = shown.slice(150).filter(({ stood }) => stood > SEEN_MS).map(({ at }) => at / 1000);
  assert.ok(seen.length >= 3 && Math.max(...seen) < 70, `${seen}`);
  assert.ok(percentile(ahead.slice(100 * 30, 250 * 30), 0.5) > 0.2, "insured");
  assert.ok(percentile(ahead.slice(-100 * 30), 0.5) < 0.07, "forgotten");
});

Deno.test("what happened once and never again costs nothing", () => {
  const { aim, ahead } = play(200, with_(HELD_UP.long, [60]));
  assert.equal(aim, 0.015);
  const after = percentile(ahead.slice(65 * 30, 80 * 30), 0.5);
  assert.ok(after < 0.04, `${after}`);
});

Deno.test("an absence of seconds is one stall, and no reason to stay behind", () => {
  const { stalls, aim } = play(60, with_([4_000, 3_967, 3_934], [30]));
  assert.deepEqual([stalls, aim], [1, 0.015]);
});

Deno.test("after a delay it does not hurry away what little has come", () => {
  const { rates } = play(40, with_(HELD_UP.long, [30]));
  const after = rates.slice(-2_000);
  assert.ok(Math.max(...after) <= 1.04, `${Math.max(...after)}`);
});

Deno.test("with sound beside, a thread that stands keeps a picture for as long as it does, and no more", () => {
  const gusts = Array.from({ length: 14 }, (_, i) => 20 + i * 20);
  for (const held of [HELD_UP.short, HELD_UP.longer]) {
    const { shown, ahead } = play(300, with_(held, gusts), { sound: "beside", thread: "stands" });
    const longest = Math.max(...shown.slice(150).map(({ stood }) => stood));
    assert.ok(longest < Math.max(...held) + 2 * PICTURE_S * 1000, `${longest} ms`);
    assert.ok(percentile(ahead, 0.5) < 0.06, `${percentile(ahead, 0.5)}`);
  }
});

Deno.test("ten even minutes are as far behind as was chosen, with sound beside by what that needs", () => {
  for (const needs of [0, 0.045]) {
    const { stalls, ahead } = play(600, jitter, { sound: "beside", needs });
    const off = percentile(ahead.slice(300), 0.5) - Math.max(0.015, needs);
    assert.equal(stalls, 0);
    assert.ok(off > -0.01 && off < 0.02, `${off}`);
  }
});
