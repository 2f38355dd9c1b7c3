/**
 * Where access units begin in a byte stream of NAL units (Rec. ITU-T H.264 §7.4.1.2.3, H.265 §7.4.2.4.4) that comes in
 * pieces cut anywhere, in the middle of a start code too. Keeps no bytes and reads no picture.
 *
 * @module
 */

import type { UnitCodec } from "./codec.ts";
import { isFirstSlice } from "./packet_pictures.ts";
import { findStartCode, START_CODE_BYTES } from "./start_codes.ts";

/** Follows one stream. */
export class PictureStarts {
  readonly #codec: UnitCodec;
  /** Of a unit, from its start code on, until it can be told what it is. */
  readonly #unitBytes: number;
  /** All before it was looked at. */
  #at = 0;
  /** An access unit has begun, and no slice of it has come. */
  #headless = false;

  constructor(codec: UnitCodec) {
    this.#codec = codec;
    this.#unitBytes = START_CODE_BYTES + codec.unitHeaderBytes + 1;
  }

  /** Bytes from the beginning that nothing is looked for in any more. */
  get seen(): number {
    return this.#at;
  }

  /**
   * Where the next access unit begins; -1 where none does in what has come.
   * @param bytes what was looked at before, and what came behind it.
   */
  next(bytes: Uint8Array): number {
    for (;;) {
      const code = findStartCode(bytes, this.#at);
      if (code < 0) {
        this.#at = Math.max(this.#at, bytes.length - START_CODE_BYTES);
        return -1;
      }
      if (code + this.#unitBytes > bytes.length) {
        this.#at = code;
        return -1;
      }
      this.#at = code + START_CODE_BYTES;
      if (!this.#begins(bytes.subarray(this.#at, code + this.#unitBytes))) continue;
      return bytes[code - 1] === 0 ? code - 1 : code; // zero_byte, H.264 and H.265 §B.1.2
    }
  }

  /** The first `count` bytes are not there any more. */
  consume(count: number): void {
    this.#at = Math.max(0, this.#at - count);
  }

  /** Something is missing: what comes is looked at anew. */
  restart(): void {
    this.#at = 0;
    this.#headless = false;
  }

  #begins(unit: Uint8Array): boolean {
    const isPicture = this.#codec.isPicture(unit);
    const begins = !this.#headless &&
      (isPicture ? isFirstSlice(unit, this.#codec) : this.#codec.isHead(unit));
    this.#headless = !isPicture && (this.#headless || begins);
    return begins;
  }
}
