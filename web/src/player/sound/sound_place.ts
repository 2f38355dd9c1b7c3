/**
 * Where sound that is played beside the pictures is, and how it comes: how much later than its picture it is heard,
 * what is usually left of it when more comes, what must be, and how much picture is to be kept ahead for that.
 * Measures; what is done about it is in `sound_sync.ts`.
 *
 * @module
 */

import { Gusts, STOPS } from "../gusts.ts";
import { LiveTarget } from "../live_target.ts";
import { median } from "../quantile.ts";
import type { SoundReport } from "./sound_messages.ts";
import { pictureNeed, type SoundSituation } from "./sound_sync.ts";

/** A picture shown longer ago than this says nothing of where the pictures are, ms. */
const STANDS_MS = 300;
/** Decoded sound that must be left ahead, s. */
const MARGIN = { start: 0.015, least: 0.01, most: 0.3, step: 0.01, bare: 0.01 } as const;
/** The pace of sound is known from so many reports: a third of a second's worth. */
const LEAST_READINGS = 8;
/** How far back the pictures' need is remembered, ms. */
const NEED_MEMORY_MS = 5_000;
/** Latenesses over which the figure is taken. */
const WINDOW = 9;

/** The measuring of one stream's sound. Times without a unit are `performance.now()`. */
export class SoundPlace {
  #picture: { readonly mediaTime: number; readonly shownAt: number } | undefined;
  #late: number[] = [];
  readonly #pace = new Gusts(LEAST_READINGS);
  /** Media time that is heard, minus `performance.now()`, s. */
  #offset: number | undefined;
  readonly #margin = new LiveTarget(MARGIN);
  #needs: { readonly at: number; readonly seconds: number }[] = [];

  /** The picture of `mediaTime` (s) is on the screen at `shownAt`; undefined: of another timeline. */
  pictured(picture: { readonly mediaTime: number; readonly shownAt: number } | undefined): void {
    this.#picture = picture;
  }

  /** Where the pictures are at `now`, s; undefined while they do not move. */
  pictureAt(now: number): number | undefined {
    const picture = this.#picture;
    if (picture === undefined || now - picture.shownAt > STANDS_MS) return undefined;
    return picture.mediaTime + (now - picture.shownAt) / 1000;
  }

  /** How much later sound is heard than its picture is seen, s; undefined while unknown. */
  get late(): number | undefined {
    return median(this.#late);
  }

  /** How much picture must be kept ahead, s. */
  get need(): number {
    return Math.max(0, ...this.#needs.map(({ seconds }) => seconds));
  }

  /** Takes a report; `heardNow` is the context time (s) of what leaves the loudspeaker at `now`. */
  reported(
    { position, ahead, contextTime, rate }: SoundReport,
    { heardNow, now }: { readonly heardNow: number; readonly now: number },
  ): void {
    if (position === undefined || ahead === undefined) return;
    const mediaAt = (at: number): number =>
      position + (heardNow + (at - now) / 1000 - contextTime) * rate;
    this.#offset = mediaAt(now) - now / 1000;
    this.#pace.arrived(this.#offset + ahead, now);
    const picture = this.#picture;
    if (picture === undefined || now - picture.shownAt >= STANDS_MS) return;
    this.#late.push(picture.mediaTime - mediaAt(picture.shownAt));
    if (this.#late.length > WINDOW) this.#late.shift();
  }

  /** What delays it now will not do so again: it has only just begun. */
  excuse(): void {
    this.#pace.excuse();
  }

  /** It has found its place: how it came until then, with all that had waited for it, says nothing of how it comes. */
  settle(): void {
    this.#pace.begin();
  }

  /**
   * Time has passed, and it is heard; `picture` is the media time of pictures usually reached just before more come,
   * minus `performance.now()`, s.
   */
  tick(now: number, picture: number | undefined): void {
    this.#margin.tick(now, this.#pace.expected(now, STOPS));
    while ((this.#needs[0]?.at ?? now) < now - NEED_MEMORY_MS) this.#needs.shift();
    const { usual: sound } = this.#pace;
    if (picture === undefined || sound === undefined) return;
    const margin = this.#margin.seconds;
    this.#needs.push({ at: now, seconds: pictureNeed({ picture, sound, margin }) });
  }

  /** What is to be decided from; undefined while too little is known. */
  situation(now: number, fresh: boolean): SoundSituation | undefined {
    const { usual } = this.#pace;
    if (usual === undefined || this.#offset === undefined) return undefined;
    const moves = this.pictureAt(now) !== undefined;
    if (moves && this.late === undefined) return undefined;
    return {
      late: moves ? this.late : undefined,
      ahead: usual - this.#offset,
      margin: this.#margin.seconds,
      fresh,
    };
  }

  /** It goes on at another place: how late it was there says nothing. */
  moved(): void {
    this.#late = [];
  }

  /** It stops: what was measured is void, but not how unevenly it came. */
  stop(): void {
    this.#late = [];
    this.#offset = undefined;
    this.#pace.begin();
    this.#needs = [];
  }
}
