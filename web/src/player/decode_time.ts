/**
 * How long the browser takes to decode a picture, by what it says of those it has shown (`processingDuration` of
 * `requestVideoFrameCallback`, where it says so). Decides nothing.
 *
 * @module
 */

import { quantile } from "./quantile.ts";

/** Pictures over which it is taken: about two seconds. */
const WINDOW = 64;
/** It is what this share of them took no longer than: a key picture may be late where one in thirty is one. */
const SHARE = 0.9;
/** It is known from so many: a decoder takes longer over its first. */
const LEAST_READINGS = 16;

/** The time. */
export class DecodeTime {
  readonly #last: number[] = [];
  #seconds = 0;

  /** A picture took so long, s. */
  note(seconds: number): void {
    this.#last.push(seconds);
    if (this.#last.length > WINDOW) this.#last.shift();
    if (this.#last.length < LEAST_READINGS) return;
    this.#seconds = quantile(this.#last, SHARE) ?? seconds;
  }

  /** s; 0 while nothing is known. */
  get seconds(): number {
    return this.#seconds;
  }
}
