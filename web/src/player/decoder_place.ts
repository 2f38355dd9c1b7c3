/**
 * Where the decoder is: with the position, but for a gap in what is buffered, over which it is taken by a jump alone,
 * though a clock that does not wait for it runs on. Decides nothing.
 *
 * @module
 */

import type { Range } from "./live_edge.ts";

/** Places in a buffer this close are one, s. */
const SAME_S = 0.005;

/** The place. */
export class DecoderPlace {
  #at: number | undefined;

  /** The position has been set, s. */
  jump(to: number): void {
    this.#at = to;
  }

  /** Another timeline begins. */
  forget(): void {
    this.#at = undefined;
  }

  /** Whether it is in an older range than the newest, at `position` (s); to be asked at every look. */
  isStranded(ranges: readonly Range[], position: number): boolean {
    const at = this.#at ?? position;
    const range = ranges.find(({ start, end }) => start - SAME_S <= at && at <= end + SAME_S);
    this.#at = range === undefined ? at : Math.max(range.start, Math.min(range.end, position));
    const newest = ranges.at(-1);
    return newest !== undefined && range !== newest && this.#at < newest.start;
  }
}
