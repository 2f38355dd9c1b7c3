/**
 * When the next bytes of a recording are due, so that it plays at the speed it was made. Pure: reads no
 * clock and sleeps for nobody.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";

/** A longer step of media time is another clock, not a pause in the picture. */
const MAX_MEDIA_STEP_US = 10_000_000;
/** Later than this, the lost time is not made up by a burst: a machine that slept, a debugger. */
const MAX_LATENESS_US = 1_000_000;

/** Ties media time to the clock once, and again only where the two part for good: so there is no drift. */
export class Pacer {
  #offset: number | undefined;
  #last = 0;

  /**
   * How far media is ahead of the clock, µs; zero or less: go on.
   * @param media newest decode time, µs.
   * @param now the clock, µs.
   */
  ahead(media: Micros, now: Micros): Micros {
    const step = media - this.#last;
    this.#last = media;
    const known = this.#offset;
    const anew = known === undefined || step < 0 || step > MAX_MEDIA_STEP_US ||
      now - (media + known) > MAX_LATENESS_US;
    const offset = anew ? now - media : known;
    this.#offset = offset;
    return micros(media + offset - now);
  }
}
