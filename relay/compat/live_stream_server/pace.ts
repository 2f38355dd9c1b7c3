/**
 * How much all clients of a listener together may say in a second: reading it takes time from everything else that the
 * relay does. Who says more is read later, and nothing is lost. Pure.
 *
 * @module
 */

/** Characters a second: 15 pictures of 1 MB each, or 200 of 100 kB. A second of it may come at once. */
const PER_SECOND = 24_000_000;
const BURST_MS = 1_000;

/** One listener's measure. */
export class Pace {
  /** When what was taken so far is paid for, ms of the caller's clock. */
  #paidAt = -Infinity;

  /** Takes so many characters in. @returns ms to wait before the next. */
  take(chars: number, now: number): number {
    this.#paidAt = Math.max(this.#paidAt, now - BURST_MS) + chars / PER_SECOND * 1000;
    return Math.max(0, this.#paidAt - now);
  }
}
