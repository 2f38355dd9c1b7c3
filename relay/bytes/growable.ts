/**
 * A reused accumulation buffer: bytes are appended, looked at as one view, and cleared. Grows by doubling
 * up to a stated limit; knows nothing of what it holds.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

/** An append-only buffer that keeps its memory when cleared. Hot: `append` runs once per packet. */
export class Growable {
  #buffer: Bytes;
  readonly #maxBytes: number;
  /** Bytes held. */
  length = 0;

  /**
   * @param initialBytes allocated at once.
   * @param maxBytes never exceeded: an append that would is refused.
   */
  constructor(initialBytes: number, maxBytes: number) {
    this.#buffer = new Uint8Array(initialBytes);
    this.#maxBytes = maxBytes;
  }

  /** Appends `source[start, end)`; `false`, and nothing appended, when that would pass the limit. */
  append(source: Uint8Array, start: number, end: number): boolean {
    const length = this.length + end - start;
    if (length > this.#buffer.length && !this.#grow(length)) return false;
    this.#buffer.set(source.subarray(start, end), this.length);
    this.length = length;
    return true;
  }

  /** What is held, as a view that the next append or clear overwrites. */
  view(): Bytes {
    return this.#buffer.subarray(0, this.length);
  }

  /** Drops the first `count` bytes. */
  consume(count: number): void {
    this.#buffer.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /** Forgets everything, keeps the memory. */
  clear(): void {
    this.length = 0;
  }

  #grow(needed: number): boolean {
    if (needed > this.#maxBytes) return false;
    const larger = new Uint8Array(
      Math.min(this.#maxBytes, Math.max(needed, this.#buffer.length * 2)),
    );
    larger.set(this.#buffer.subarray(0, this.length));
    this.#buffer = larger;
    return true;
  }
}
