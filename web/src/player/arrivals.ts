/**
 * What has arrived on the connection in use, and whether that, and what is shown of it, is live. Also
 * the pace of the stream and the identity of its timeline. Knows no DOM.
 *
 * @module
 */

import type { ClockSync } from "./clock_sync.ts";
import type { MediaInfo } from "./incoming.ts";
import { type CaptureTimes, timelineOf } from "./latency.ts";
import type { Range } from "./live_edge.ts";
import { median } from "./quantile.ts";

/** Capture times that move against media times by more than this are another timeline, ms. */
export const SAME_TIMELINE_MS = 1_000;
/** Media this young on arrival is live and not the group that a joiner is sent, ms. */
export const LIVE_AGE_MS = 400;
/** After this long of media it counts as live whatever its age, which a slow link adds to, ms. */
export const LIVE_AFTER_MS = 3_000;
/** A picture further behind the newest received than this beyond the target is not live, s … */
export const LIVE_LAG_S = 0.3;
/** … but after {@link LIVE_AFTER_MS} this much is allowed, and once live this much, s. */
export const SLOW_LAG_S = 1;
export const FORGIVEN_LAG_S = 2;

/** A camera took its next picture later than the last one said, by no less than this, s. */
const LEAST_PAUSE_S = 0.004;

/** Pictures over which their age on arrival is taken: about a second. */
const AGES = 31;

interface Newest {
  readonly start: number;
  readonly end: number;
  readonly capturedMs: number | undefined;
  readonly arrivedAt: number;
}

/** The arrivals of one stream. Times of arrival are `performance.now()`. */
export class Arrivals {
  readonly #captures: CaptureTimes;
  readonly #clock: ClockSync;
  #newest: Newest | undefined;
  #firstAt: number | undefined;
  #joinedAt: number | undefined;
  #keyAt: number | undefined;
  #groupMs = 0;
  #pictureMs = 0;
  #pausedTo: number | undefined;
  /** Pictures come in another order than they are shown: a step ahead is no pause. */
  #reorders = false;
  /** How old live pictures were when they arrived, ms. */
  readonly #ages: number[] = [];

  constructor(captures: CaptureTimes, clock: ClockSync) {
    this.#captures = captures;
    this.#clock = clock;
  }

  /** A connection begins to be used, or what came before no longer counts as live. */
  join(now: number): void {
    this.#newest = undefined;
    this.#firstAt = undefined;
    this.#keyAt = undefined;
    this.#pausedTo = undefined;
    this.#reorders = false;
    this.#ages.length = 0;
    this.#joinedAt = now;
  }

  /** Media has arrived. */
  take({ start, end, key, pictures }: MediaInfo, now: number): void {
    this.#firstAt ??= now;
    const before = this.#newest;
    this.#reorders ||= before !== undefined && start < before.start;
    const isPause = before !== undefined && start > before.end + LEAST_PAUSE_S && !this.#reorders;
    this.#pausedTo = isPause ? start : undefined;
    this.#newest = { start, end, capturedMs: pictures.at(-1)?.capturedMs, arrivedAt: now };
    this.#pictureMs = (end - start) * 1000 / Math.max(1, pictures.length);
    for (const picture of pictures) this.#captures.note(picture);
    this.#noteAge();
    if (!key) return;
    if (this.#keyAt !== undefined && start > this.#keyAt) {
      this.#groupMs = (start - this.#keyAt) * 1000;
    }
    this.#keyAt = start;
  }

  /** Whether media that begins with `info` belongs to the timeline of what is buffered in `ranges`. */
  goesOn({ start, pictures }: MediaInfo, ranges: readonly Range[]): boolean {
    const before = this.#captures.timeline;
    const after = pictures[0] === undefined ? undefined : timelineOf(pictures[0]);
    if (before !== undefined && after !== undefined) {
      return Math.abs(after - before) < SAME_TIMELINE_MS;
    }
    const first = ranges[0]?.start ?? -Infinity;
    const end = ranges.at(-1)?.end ?? Infinity;
    return start >= first && start <= end + SAME_TIMELINE_MS / 1000;
  }

  /** Whether anything has arrived since the stream was joined. */
  get any(): boolean {
    return this.#newest !== undefined;
  }

  /** When the stream was last joined; undefined before the first time. */
  get joinedAt(): number | undefined {
    return this.#joinedAt;
  }

  /** The time between two key pictures, ms; 0 while unknown. */
  get groupMs(): number {
    return this.#groupMs;
  }

  /** The time between two pictures, ms; 0 while unknown. */
  get pictureMs(): number {
    return this.#pictureMs;
  }

  /** Where what came last begins, s, where the camera had paused before it; else undefined. */
  get pausedTo(): number | undefined {
    return this.#pausedTo;
  }

  /** How old pictures were of late when they arrived, ms (median); null while unknown. */
  get ageMs(): number | null {
    return median(this.#ages) ?? null;
  }

  /** Whether what came last was live when it came, as far as can be known. */
  get areLive(): boolean {
    const newest = this.#newest;
    if (newest === undefined) return false;
    if (newest.capturedMs === undefined) return true;
    const originMs = this.#clock.originTime(newest.arrivedAt);
    return originMs !== null && originMs - newest.capturedMs < LIVE_AGE_MS;
  }

  #noteAge(): void {
    const newest = this.#newest;
    if (newest?.capturedMs === undefined || !this.areLive) return;
    const originMs = this.#clock.originTime(newest.arrivedAt);
    if (originMs === null) return;
    this.#ages.push(originMs - newest.capturedMs);
    if (this.#ages.length > AGES) this.#ages.shift();
  }

  /**
   * Whether the picture at `mediaTime` (s) is live, the aim being `target` seconds of buffer, and pictures
   * before it having been `wereLive` or not.
   */
  isLive(
    mediaTime: number,
    { target, wereLive }: { readonly target: number; readonly wereLive: boolean },
  ): boolean {
    const newest = this.#newest;
    if (newest === undefined) return wereLive;
    const lag = newest.start - mediaTime - target;
    if (wereLive) return lag <= FORGIVEN_LAG_S;
    const longSince = newest.arrivedAt - (this.#firstAt ?? newest.arrivedAt) > LIVE_AFTER_MS;
    return longSince ? lag < SLOW_LAG_S : lag < LIVE_LAG_S && this.areLive;
  }
}
