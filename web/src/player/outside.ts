/**
 * For how long the position has been outside the newest range, and counted in vain: a clock that runs on where nothing
 * comes is beyond all there is, and what comes at once then may reach as far. Measures; what is done about it is in
 * `live_edge.ts`.
 *
 * @module
 */

import type { Range } from "./live_edge.ts";

/** Nothing has come for so long that nothing can be said of where live is, ms. */
const PAUSES_AFTER_MS = 500;
/** What was missing comes in where the distance beyond its end shrinks by this, s, within the time that is waited. */
const CLOSES_S = 0.1;

/** Where the position is, and where media. Times are seconds. */
export interface Whereabouts {
  readonly newest: Range | undefined;
  readonly position: number;
  /** The position belongs to another timeline, or to none yet. */
  readonly adrift: boolean;
}

/** The measure. */
export class Outside {
  #since = 0;
  #end = -Infinity;
  #cameAt = -Infinity;
  /** The distance beyond the end, s, from which it counts as closing in; Infinity while it is not beyond. */
  #beyond = Infinity;

  /** How long it has been outside at `now` (`performance.now()`), ms; to be asked at every look. */
  for({ newest, position, adrift }: Whereabouts, now: number): number {
    const { start, end } = newest ?? { start: 0, end: 0 };
    const waited = now - this.#cameAt;
    if (end !== this.#end) this.#cameAt = now;
    // A range that has just begun is waited for anew; the removal of old media begins none.
    const isNew = newest === undefined || start > this.#end;
    this.#end = end;
    const isInside = position >= start && position <= end && !adrift;
    if (isNew || isInside || this.#waits(adrift ? 0 : position - end, waited)) this.#since = now;
    return now - this.#since;
  }

  /** Whether a position `beyond` the end, s, is only waiting there. */
  #waits(beyond: number, waited: number): boolean {
    if (beyond <= 0) {
      this.#beyond = Infinity;
      return false;
    }
    const waits = waited > PAUSES_AFTER_MS || beyond < this.#beyond - CLOSES_S;
    if (waits) this.#beyond = beyond;
    return waits;
  }
}
