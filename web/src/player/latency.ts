/**
 * Camera-to-screen latency: the moment a picture is shown, on the origin's clock, minus the moment its
 * fragment says it was taken. Says nothing rather than something guessed.
 *
 * @module
 */

import type { ClockSync } from "./clock_sync.ts";
import type { Picture } from "./incoming.ts";
import { median } from "./quantile.ts";

/** Pictures remembered: more than half a minute at 60 a second, which is more than is ever waiting. */
export const MAX_PICTURES = 2_400;
/** A picture shown is looked for within this distance of its time, s: browsers round. */
const TOLERANCE_S = 0.05;
/** Latencies over which the figure is taken: about a second. */
const WINDOW = 31;
/** A picture on the screen for longer than this is not just waiting for the next, ms. */
const STANDS_MS = 1_000;

/** When each picture not long ago received was taken. */
export class CaptureTimes {
  /** Ascending by `at` but for the reordering of B-pictures, which sorting on arrival undoes. */
  readonly #pictures: Picture[] = [];

  /** Remembers a picture. */
  note(picture: Picture): void {
    const pictures = this.#pictures;
    let place = pictures.length;
    while (place > 0 && (pictures[place - 1]?.at ?? -Infinity) > picture.at) place--;
    // A group sent again (a new connection) replaces what is known, so that times stay one per picture.
    const same = pictures[place - 1]?.at === picture.at;
    pictures.splice(same ? place - 1 : place, same ? 1 : 0, picture);
    if (pictures.length > MAX_PICTURES) pictures.shift();
  }

  /** When the picture at `mediaTime` (s) was taken, ms on the origin clock; undefined when not known. */
  at(mediaTime: number): number | undefined {
    return this.#nearest(mediaTime)?.capturedMs;
  }

  /**
   * Origin time minus media time of the newest picture, ms: constant as long as the timeline goes on,
   * another number on another timeline. Undefined when not known.
   */
  get timeline(): number | undefined {
    const newest = this.#pictures.at(-1);
    return newest === undefined ? undefined : timelineOf(newest);
  }

  /** Forgets all: another timeline begins. */
  clear(): void {
    this.#pictures.length = 0;
  }

  #nearest(mediaTime: number): Picture | undefined {
    let nearest: Picture | undefined;
    let distance = TOLERANCE_S;
    for (let i = this.#pictures.length - 1; i >= 0; i--) {
      const picture = this.#pictures[i];
      if (picture === undefined || picture.at < mediaTime - TOLERANCE_S) break;
      const away = Math.abs(picture.at - mediaTime);
      if (away >= distance) continue;
      distance = away;
      nearest = picture;
    }
    return nearest;
  }
}

/** Origin time minus media time of a picture, ms; undefined when it does not say when it was taken. */
export function timelineOf({ at, capturedMs }: Picture): number | undefined {
  return capturedMs === undefined ? undefined : capturedMs - at * 1000;
}

/** The latency figure: the median of the last second or so. */
export class LatencyMeter {
  readonly #captures: CaptureTimes;
  readonly #clock: ClockSync;
  readonly #last: number[] = [];
  #shownAt = 0;

  constructor(captures: CaptureTimes, clock: ClockSync) {
    this.#captures = captures;
    this.#clock = clock;
  }

  /** Takes note of the picture at `mediaTime` (s) being on the screen at `shownAt` (`performance.now()`). */
  shown(mediaTime: number, shownAt: number): void {
    const capturedMs = this.#captures.at(mediaTime);
    const originMs = this.#clock.originTime(shownAt);
    if (capturedMs === undefined || originMs === null) return;
    this.#shownAt = shownAt;
    this.#last.push(originMs - capturedMs);
    if (this.#last.length > WINDOW) this.#last.shift();
  }

  /** Forgets what was on the screen: after a jump the past says nothing. */
  reset(): void {
    this.#last.length = 0;
  }

  /**
   * What it is `now` (`performance.now()`), ms; null while unknown. A picture that stays on the screen
   * grows older there.
   */
  at(now: number): number | null {
    const usual = median(this.#last);
    if (usual === undefined) return null;
    const standsMs = now - this.#shownAt;
    return standsMs > STANDS_MS ? usual + standsMs : usual;
  }
}
