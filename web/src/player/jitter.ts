/**
 * How unevenly pictures come in small: by how much one in fifty came later than usual over the last while. Delays are the
 * affair of `gusts.ts`. Decides nothing.
 *
 * @module
 */

import { quantile } from "./quantile.ts";

/** It is taken over this long, ms … */
const WINDOW_MS = 20_000;
/** … from no more readings than this, … */
const MAX_READINGS = 1_200;
/** … as what this share of them lie below, … */
const SHARE = 0.98;
/** … anew this often, ms. */
const EVERY_MS = 250;
/** What comes later than this is no unevenness, but a delay, s. */
const MOST_S = 0.06;
/** It is known from so many: seconds' worth. */
const LEAST_READINGS = 60;

interface Reading {
  readonly at: number;
  readonly late: number;
}

/** The measure. Times are `performance.now()`. */
export class Jitter {
  readonly #readings: Reading[] = [];
  #seconds = 0;
  #takenAt = -Infinity;

  /** A picture came `late` later than usual, s; below 0: sooner. */
  note(late: number, now: number): void {
    if (late > MOST_S) return;
    this.#readings.push({ at: now, late });
    while (
      (this.#readings[0]?.at ?? now) < now - WINDOW_MS || this.#readings.length > MAX_READINGS
    ) this.#readings.shift();
    if (this.#readings.length < LEAST_READINGS || now - this.#takenAt < EVERY_MS) return;
    this.#takenAt = now;
    const most = quantile(this.#readings.map((reading) => reading.late), SHARE);
    this.#seconds = Math.max(0, most ?? 0);
  }

  /** s; 0 while it is not known. */
  get seconds(): number {
    return this.#seconds;
  }
}
