/**
 * The group that breaks decoders: a new one is sent the same group again, and would break again as long as that
 * lasts. The second time it is passed over, up to the next key picture. Pure but for its own memory.
 *
 * @module
 */

import type { MediaInfo } from "./incoming.ts";

/** Decoders that break within this time of one another broke over the same, ms; for no longer is anything avoided. */
export const SAME_CAUSE_MS = 20_000;
/** Decode times further before where it broke are of another timeline, s. */
const ANOTHER_TIMELINE_S = 60;

/** See above. Times are `performance.now()`, decode times seconds. */
export class AvoidedGroup {
  #brokeAt = -Infinity;
  /** What is decoded up to here is passed over; undefined: nothing is. */
  #to: number | undefined;

  /** A decoder that had been given what is decoded up to `to` has broken. */
  broke(to: number, now: number): void {
    const again = now - this.#brokeAt < SAME_CAUSE_MS;
    this.#brokeAt = now;
    this.#to = again && Number.isFinite(to) ? to : undefined;
  }

  /** Whether what has come is to be passed over. */
  holds({ decodeStart, key }: Pick<MediaInfo, "decodeStart" | "key">, now: number): boolean {
    const to = this.#to;
    if (to === undefined) return false;
    const beyond = key && decodeStart > to;
    const elsewhere = decodeStart < to - ANOTHER_TIMELINE_S;
    if (!beyond && !elsewhere && now - this.#brokeAt < SAME_CAUSE_MS) return true;
    this.#to = undefined;
    return false;
  }
}
