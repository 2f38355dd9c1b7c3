/**
 * How late what arrives is, by the capture times in it: later than the promptest of late, since how far this clock and the
 * camera's differ, and how long the way is, nobody needs to know for that. Sends nothing.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { readFragment } from "../../../shared/mp4/fragment_reader.ts";

/** Clocks drift apart by less than this, ms a ms; what is late for good counts as in time after some minutes. */
const DRIFT = 0.001;

/** Of one connection. Times are `performance.now()`. */
export class Lateness {
  /** Arrival minus capture of the promptest, ms, and when that was last brought up to date. */
  #least: number | undefined;
  #at = 0;

  /** Another timeline begins: what is known of the last says nothing of it. */
  reset(): void {
    this.#least = undefined;
  }

  /** How late what arrives `now` is, ms; `undefined` where it bears no capture time. */
  arrived(bytes: Bytes, now: number): number | undefined {
    const capture = readFragment(bytes)?.capture;
    if (capture === undefined) return undefined;
    const took = now - capture.time / 1000;
    const least = this.#least === undefined ? took : this.#least + (now - this.#at) * DRIFT;
    this.#least = Math.min(least, took);
    this.#at = now;
    return took - this.#least;
  }
}
