/**
 * How often a decoder that breaks is made anew, and when that is given up. Makes nothing itself.
 *
 * @module
 */

import { backOffMs, PROMPT } from "./back_off.ts";

/** The decoder is being made anew. Times are `performance.now()`. */
export interface Rebuilding {
  readonly attempt: number;
  readonly retryAt: number;
  readonly reason: string;
}

/** Times in a row before the stream counts as one that cannot play here. */
export const MAX_REBUILDS = 6;
/** A decoder that worked this long was good: the next failure counts from one again, ms. */
export const GOOD_AFTER_MS = 30_000;

/** The record of one stream's broken decoders. */
export class Rebuilds {
  #total = 0;
  #inARow = 0;

  /** Times a decoder was made anew. */
  get total(): number {
    return this.#total;
  }

  /** It is not tried any more. */
  get givenUp(): boolean {
    return this.#inARow > MAX_REBUILDS;
  }

  /** The decoder made at `madeAt` broke `now`: what is to be done, or nothing when it is given up. */
  broke(
    reason: string,
    { madeAt, now, random, worked }: {
      readonly madeAt: number;
      readonly now: number;
      readonly random: number;
      /** It had shown live pictures: the stream can play here, so it is not given up. */
      readonly worked: boolean;
    },
  ): Rebuilding | undefined {
    this.#inARow = now - madeAt > GOOD_AFTER_MS ? 1 : this.#inARow + 1;
    if (worked) this.#inARow = Math.min(this.#inARow, MAX_REBUILDS);
    if (this.givenUp) return undefined;
    this.#total += 1;
    const attempt = this.#inARow;
    return { attempt, retryAt: now + backOffMs(attempt, { policy: PROMPT, random }), reason };
  }

  /** Another kind of stream: what failed before says nothing of it. */
  forgive(): void {
    this.#inARow = 0;
  }
}
