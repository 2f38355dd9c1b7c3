/**
 * How fast a running count grows, over the last seconds.
 *
 * @module
 */

/** The rate is taken over this long, ms. */
export const WINDOW_MS = 3_000;
/** Samples kept; more than a window holds at the player's pace. */
const MAX_SAMPLES = 64;

interface Sample {
  readonly at: number;
  readonly total: number;
}

/** A rate. Times are `performance.now()`. */
export class RateMeter {
  readonly #samples: Sample[] = [];

  /** Takes the count as it stands. */
  sample(total: number, at: number): void {
    this.#samples.push({ at, total });
    while (
      (this.#samples[0]?.at ?? at) < at - WINDOW_MS || this.#samples.length > MAX_SAMPLES
    ) this.#samples.shift();
  }

  /** Growth a second; 0 while unknown. */
  get perSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return (last.total - first.total) / (last.at - first.at) * 1000;
  }
}
