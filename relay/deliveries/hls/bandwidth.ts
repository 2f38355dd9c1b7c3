/**
 * How many bits a second a stream's segments take, as a multivariant playlist tells it (RFC 8216bis §4.4.6.2): on average,
 * and at the peak. Keeps sums, no segment.
 *
 * @module
 */

import type { Segment } from "./segment.ts";

/** A peak may still come that has not been seen. */
const PEAK_MARGIN = 1.2;

/** The measure. */
export class Bandwidth {
  #peak = 0;
  #bits = 0;
  #seconds = 0;

  /** A segment is whole. @param target duration, seconds; 0 until it is known. */
  took({ bytes, seconds = 0 }: Segment, target: number): void {
    if (seconds === 0) return;
    this.#bits += bytes * 8;
    this.#seconds += seconds;
    // Only of segments that are long enough does a peak speak: half the target at least.
    if (seconds >= target / 2) this.#peak = Math.max(this.#peak, (bytes * 8) / seconds);
  }

  /** Bits a second. @param open the newest segment, which speaks for all until one is whole. */
  figures(open: Segment | undefined): { readonly peak: number; readonly average: number } {
    const seconds = open?.parts.reduce((sum, part) => sum + part.seconds, 0) ?? 0;
    const peak = this.#peak || (open && seconds > 0 ? (open.bytes * 8) / seconds : 1);
    return {
      peak: Math.ceil(peak * PEAK_MARGIN),
      average: Math.ceil(this.#seconds > 0 ? this.#bits / this.#seconds : peak),
    };
  }
}
