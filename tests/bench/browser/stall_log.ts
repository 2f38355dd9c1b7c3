/// <reference lib="dom" />
/**
 * What went on in a page around each stall: arrivals, appends and removals with their durations, rates, jumps,
 * pauses of the page's thread, pictures. Runs as text before any script of the page and changes nothing that the
 * page can see; what it comes to is told by
 * {@link stallInWords}.
 *
 * @module
 */

import type { Page } from "../../support/browsers/browser.ts";

/** When (`performance.now()`), what, and a number that says more: bytes, ms, a rate, media time (s). */
export type Happening = readonly [
  at: number,
  what:
    | "arrived"
    | "append"
    | "appended"
    | "remove"
    | "removed"
    | "rate"
    | "jump"
    | "jumped"
    | "waiting"
    | "playing"
    | "picture"
    | "thread stood"
    | "ahead",
  value: number,
];

/** One stall: what happened from a little before it until a little after. */
export interface StallSeen {
  /** `performance.now()` of the `waiting` event. */
  readonly at: number;
  readonly happenings: readonly Happening[];
}

/** Runs inside the page, before its own scripts. */
export function installStallLog(): void {
  const BEFORE_MS = 1_500;
  const AFTER_MS = 600;
  const LOOK_MS = 10;
  const STOOD_MS = 30;
  const MOST_STALLS = 200;
  type Mark = Happening[1];
  const recent: [number, Mark, number][] = [];
  const stalls: { at: number; happenings: [number, Mark, number][] }[] = [];
  Object.assign(globalThis, { rillStalls: stalls });
  const note = (what: Mark, value: number): void => {
    const now = performance.now();
    recent.push([now, what, value]);
    while ((recent[0]?.[0] ?? now) < now - BEFORE_MS - AFTER_MS) recent.shift();
  };

  Reflect.set(
    globalThis,
    "WebSocket",
    new Proxy(WebSocket, {
      construct(target, args, base): object {
        const socket: unknown = Reflect.construct(target, args, base);
        if (!(socket instanceof EventTarget)) throw new TypeError("no socket");
        socket.addEventListener("message", (event) => {
          const data: unknown = Reflect.get(event, "data");
          if (data instanceof ArrayBuffer) note("arrived", data.byteLength);
        });
        return socket;
      },
    }),
  );

  const around = (
    name: "appendBuffer" | "remove",
    { begun, over }: { begun: Mark; over: Mark },
  ) => {
    const original: unknown = Reflect.get(SourceBuffer.prototype, name);
    if (typeof original !== "function") return;
    Reflect.set(
      SourceBuffer.prototype,
      name,
      function (this: SourceBuffer, ...args: unknown[]): void {
        const since = performance.now();
        const size = args[0] instanceof Uint8Array ? args[0].byteLength : Number(args[1]);
        Reflect.apply(original, this, args);
        note(begun, size);
        this.addEventListener("updateend", () => note(over, performance.now() - since), {
          once: true,
        });
      },
    );
  };
  around("appendBuffer", { begun: "append", over: "appended" });
  around("remove", { begun: "remove", over: "removed" });

  let looked = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (now - looked > STOOD_MS) note("thread stood", now - looked);
    looked = now;
  }, LOOK_MS);

  const follow = (video: HTMLVideoElement): void => {
    const ahead = (): number => {
      const { buffered, currentTime } = video;
      return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
    };
    video.addEventListener("ratechange", () => note("rate", video.playbackRate));
    video.addEventListener("seeking", () => note("jump", video.currentTime));
    video.addEventListener("seeked", () => note("jumped", video.currentTime));
    video.addEventListener("playing", () => note("playing", video.currentTime));
    const shown: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      video.requestVideoFrameCallback(shown);
      note("picture", mediaTime);
      note("ahead", ahead());
    };
    video.requestVideoFrameCallback(shown);
    video.addEventListener("waiting", () => {
      note("waiting", video.currentTime);
      note("ahead", ahead());
      const at = performance.now();
      setTimeout(() => {
        const happenings = recent.filter(([time]) => time > at - BEFORE_MS);
        if (stalls.length < MOST_STALLS) stalls.push({ at, happenings });
      }, AFTER_MS);
    });
  };
  const looking = setInterval(() => {
    const video: unknown = Reflect.get(Reflect.get(globalThis, "rillProbe") ?? {}, "video");
    if (!(video instanceof HTMLVideoElement)) return;
    clearInterval(looking);
    follow(video);
  }, LOOK_MS);
}

/** The stalls seen so far. */
export function readStalls(page: Page): Promise<readonly StallSeen[]> {
  return page.evaluate<readonly StallSeen[]>("globalThis.rillStalls");
}

/** What can have led to a stall happened no longer before it than this, ms. */
const CAUSE_MS = 400;

/** One line: how much was ahead, and what had been slow just before. */
export function stallInWords({ at, happenings }: StallSeen): string {
  const before = happenings.filter(([time]) => time <= at + 5 && time > at - CAUSE_MS);
  const most = (what: Happening[1]): number =>
    Math.max(0, ...before.filter(([, name]) => name === what).map(([, , value]) => value));
  const arrivals = before.filter(([, what]) => what === "arrived").map(([time]) => time);
  const waits = [...arrivals, at].map((time, i) => time - (arrivals[i - 1] ?? time));
  const ahead = before.findLast(([, what]) => what === "ahead")?.[2] ?? 0;
  const rate = before.findLast(([, what]) => what === "rate")?.[2] ?? 1;
  const words = [
    `${(ahead * 1000).toFixed(0)} ms ahead at rate ${rate}`,
    `nothing came for ${Math.max(...waits).toFixed(0)} ms`,
    `the longest append took ${most("appended").toFixed(0)} ms`,
    `the page stood for ${most("thread stood").toFixed(0)} ms`,
  ];
  if (most("removed") > 0) words.push(`a removal took ${most("removed").toFixed(0)} ms`);
  if (before.some(([, what]) => what === "jump")) words.push("the position was moved");
  return words.join(", ");
}
