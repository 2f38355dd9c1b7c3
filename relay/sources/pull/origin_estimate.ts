/**
 * Another relay's clock, estimated from its answers to pings as NTP does it (RFC 5905 §8): it answered in the middle
 * of the time that the question and the answer took, give or take half of that.
 *
 * @module
 */

import { type Micros, micros } from "../../../shared/units.ts";
import type { OriginEstimate } from "../source.ts";

/** Answers that are compared: the quickest is the truest. */
const MAX_ANSWERS = 8;
/** Two machines' clocks drift apart by so much, a millionth: cheap crystals by 50 each. */
const DRIFT_PPM = 100;

interface Answer {
  readonly offset: number;
  /** Half of what question and answer took. */
  readonly half: number;
  /** When, this machine's clock. */
  readonly at: number;
}

/** One generation's: the clock is anchored anew with each. All times in µs. */
export class OriginEstimator {
  readonly #answers: Answer[] = [];
  readonly #theirError: number;

  /** @param theirError how far that relay's own estimate may be off. */
  constructor(theirError: number) {
    this.#theirError = theirError;
  }

  /** An answer that says `their`, to a question asked at `asked`, came at `came`. */
  take(their: number, { asked, came }: { readonly asked: number; readonly came: number }): void {
    const half = (came - asked) / 2;
    this.#answers.push({ offset: their - (asked + half), half, at: came });
    if (this.#answers.length > MAX_ANSWERS) this.#answers.shift();
  }

  /** The best there is `now`; `undefined` before the first answer. */
  estimate(now: number): OriginEstimate | undefined {
    const errorOf = ({ half, at }: Answer): number => half + ((now - at) * DRIFT_PPM) / 1e6;
    const best = this.#answers.toSorted((a, b) => errorOf(a) - errorOf(b))[0];
    return best && {
      offset: micros(Math.round(best.offset)),
      error: micros(Math.ceil(errorOf(best) + this.#theirError)),
    };
  }
}

/** This machine's monotonic clock as µs since the Unix epoch, the same in every thread. */
export function monotonicNow(): Micros {
  return micros((performance.timeOrigin + performance.now()) * 1000);
}
