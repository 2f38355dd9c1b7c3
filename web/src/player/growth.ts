/**
 * Whether what is given to a browser's buffer ends up in it. A browser may take every append and keep none of it,
 * without a word: nothing is ahead then, nothing stalls that had begun, and only another buffer helps. Pure but for
 * its own memory; makes nothing anew.
 *
 * @module
 */

/** Pictures that were given for this long without a longer (or shorter) buffer mean that it is barren, ms. */
export const BARREN_AFTER_MS = 5_000;
/** Time between two pictures that counts, ms: a page that was held up gave nothing meanwhile. */
const MAX_STEP_MS = 500;

/** The watch over one buffer. Times are `performance.now()`. */
export class Growth {
  #end: number | undefined;
  #givenAt: number | undefined;
  #barrenMs = 0;

  /** A picture has been given to the browser. */
  given(now: number): void {
    this.#barrenMs += Math.min(MAX_STEP_MS, now - (this.#givenAt ?? now));
    this.#givenAt = now;
  }

  /** What is buffered ends at `end`, s; undefined: nothing is. */
  reaches(end: number | undefined): void {
    if (end === this.#end) return;
    this.#end = end;
    this.#givenAt = undefined;
    this.#barrenMs = 0;
  }

  /** Pictures are given and nothing comes of them. */
  get barren(): boolean {
    return this.#barrenMs >= BARREN_AFTER_MS;
  }
}
