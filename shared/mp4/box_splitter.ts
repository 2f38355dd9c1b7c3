/**
 * A byte stream cut anywhere, put together to whole top-level boxes (ISO/IEC 14496-12:2015 §4.2). Knows
 * no particular box and looks into none.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import { boxHeaderAt, u32At } from "./box_reader.ts";
import { fourCcText } from "./four_cc.ts";

/** Largest box that is put together when no other bound is given: a picture of 4K at a high rate fits tenfold. */
export const MAX_BOX_BYTES = 32 << 20;

const MAX_HEADER_BYTES = 16;

/** The stream cannot be boxes: `message` is a sentence that says why. The splitter must not be used on. */
export class BoxError extends Error {
  override readonly name = "BoxError";
}

/**
 * Takes chunks, hands out boxes.
 *
 * ```ts
 * const splitter = new BoxSplitter();
 * splitter.push(chunk, (box, type) => { … });
 * ```
 */
export class BoxSplitter {
  readonly #maxBoxBytes: number;
  /** The unfinished box: its header while that is not whole, then all of it. */
  #partial: Bytes = new Uint8Array(MAX_HEADER_BYTES);
  #filled = 0;
  /** Size of the unfinished box, 0 while its header is not whole. */
  #size = 0;

  constructor({ maxBoxBytes = MAX_BOX_BYTES }: { readonly maxBoxBytes?: number } = {}) {
    this.#maxBoxBytes = maxBoxBytes;
  }

  /** Bytes of an unfinished box that are held: 0 at a boundary, where a stream may end. */
  get pendingBytes(): number {
    return this.#filled;
  }

  /**
   * Takes a chunk of any length and calls `out` for each box that it completes.
   * @param out gets the box with its header, and its four-character type. A box that lies whole in the
   *   chunk is a view of it, any other is its own; neither is touched again here.
   * @throws {BoxError} on a size that cannot be or is past the bound.
   */
  push(chunk: Bytes, out: (box: Bytes, type: string) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#filled === 0) {
        const size = this.#sizeAt(chunk, at);
        if (size !== undefined && at + size <= chunk.length) {
          out(chunk.subarray(at, at + size), typeAt(chunk, at));
          at += size;
          continue;
        }
      }
      at += this.#collect(chunk, at);
      if (this.#size > 0 && this.#filled === this.#size) {
        const box = this.#partial;
        this.#partial = new Uint8Array(MAX_HEADER_BYTES);
        this.#filled = 0;
        this.#size = 0;
        out(box, typeAt(box, 0));
      }
    }
  }

  /** Moves bytes from `chunk` at `at` to the unfinished box; answers how many. */
  #collect(chunk: Bytes, at: number): number {
    if (this.#size === 0) {
      // one by one: a box may be shorter than the longest header
      this.#partial[this.#filled++] = chunk[at] ?? 0;
      const size = this.#sizeAt(this.#partial.subarray(0, this.#filled), 0);
      if (size !== undefined) {
        const box = new Uint8Array(size);
        box.set(this.#partial.subarray(0, this.#filled));
        this.#partial = box;
        this.#size = size;
      }
      return 1;
    }
    const count = Math.min(chunk.length - at, this.#size - this.#filled);
    this.#partial.set(chunk.subarray(at, at + count), this.#filled);
    this.#filled += count;
    return count;
  }

  /** The size of the box at `at`; `undefined` while too little of its header is there. */
  #sizeAt(bytes: Bytes, at: number): number | undefined {
    if (bytes.length - at < 8) return undefined;
    const header = boxHeaderAt(bytes, at);
    if (header === undefined) {
      const longSizeToCome = u32At(bytes, at) === 1 && bytes.length - at < MAX_HEADER_BYTES;
      if (longSizeToCome) return undefined;
      throw new BoxError(`a box "${printable(typeAt(bytes, at))}" states a size that cannot be`);
    }
    const size = header.byteLength;
    if (size === undefined) {
      throw new BoxError(
        `a box "${printable(header.type)}" has no end, which a live stream must give`,
      );
    }
    if (size > this.#maxBoxBytes) {
      throw new BoxError(
        `a box "${
          printable(header.type)
        }" of ${size} bytes is larger than the ${this.#maxBoxBytes} allowed`,
      );
    }
    return size;
  }
}

function typeAt(bytes: Bytes, at: number): string {
  return fourCcText(u32At(bytes, at + 4));
}

function printable(type: string): string {
  return type.replaceAll(/[^ -~]/g, "?");
}
