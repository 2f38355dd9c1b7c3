/**
 * Big-endian cursor writer over a buffer of exact size or one that grows, with size-prefixed boxes
 * (ISO/IEC 14496-12:2015 §4.2). Knows no particular box.
 *
 * @module
 */

import { fourCc } from "../../shared/mp4/four_cc.ts";
import type { Bytes } from "../../shared/bytes.ts";

/** Most a growing writer holds: an index of days fits, a runaway loop does not. */
export const MAX_WRITER_BYTES = 1 << 30;

/** Bytes of a box header with a 32-bit size. */
export const BOX_HEADER_BYTES = 8;

const TWO_32 = 2 ** 32;
const TWO_16 = 2 ** 16;

/**
 * Writes numbers where its cursor stands and moves on. Values wider than their field are cut to it, as
 * `DataView` does.
 *
 * ```ts
 * const w = new ByteWriter(64);
 * w.box("free", () => w.u32(7));
 * w.written(); // 00 00 00 0c 66 72 65 65 00 00 00 07
 * ```
 */
export class ByteWriter {
  #bytes: Bytes;
  #view: DataView<ArrayBuffer>;
  #position = 0;
  readonly #growing: boolean;

  /**
   * @param target a first capacity in bytes for a buffer that grows, or the bytes to fill: then a write
   *   past their end throws a `RangeError`.
   */
  constructor(target: number | Bytes) {
    this.#growing = typeof target === "number";
    this.#bytes = typeof target === "number" ? new Uint8Array(target) : target;
    this.#view = viewOf(this.#bytes);
  }

  /** Where the next byte goes, counted from the first. */
  get position(): number {
    return this.#position;
  }

  /** What has been written so far: a view, stale once a growing writer grows. */
  written(): Bytes {
    return this.#bytes.subarray(0, this.#position);
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.#position = 0;
  }

  /** Unsigned, 8 bits. */
  u8(value: number): void {
    const at = this.#advance(1);
    this.#view.setUint8(at, value);
  }

  /** Unsigned, 16 bits. */
  u16(value: number): void {
    const at = this.#advance(2);
    this.#view.setUint16(at, value);
  }

  /** Signed, 16 bits. */
  i16(value: number): void {
    const at = this.#advance(2);
    this.#view.setInt16(at, value);
  }

  /** Unsigned, 24 bits. */
  u24(value: number): void {
    const at = this.#advance(3);
    this.#view.setUint8(at, value >>> 16);
    this.#view.setUint16(at + 1, value);
  }

  /** Unsigned, 32 bits. */
  u32(value: number): void {
    const at = this.#advance(4);
    this.#view.setUint32(at, value);
  }

  /** Signed, 32 bits. */
  i32(value: number): void {
    const at = this.#advance(4);
    this.#view.setInt32(at, value);
  }

  /** Unsigned, 64 bits, from an integer below 2^53. */
  u64(value: number): void {
    const at = this.#advance(8);
    this.#view.setUint32(at, Math.floor(value / TWO_32));
    this.#view.setUint32(at + 4, value % TWO_32);
  }

  /** Signed, 64 bits, from an integer between -2^53 and 2^53. */
  i64(value: number): void {
    const at = this.#advance(8);
    const high = Math.floor(value / TWO_32);
    this.#view.setInt32(at, high);
    this.#view.setUint32(at + 4, value - high * TWO_32);
  }

  /** Fixed point, 16 bits before and 16 after the point, unsigned. */
  fixed16_16(value: number): void {
    this.u32(Math.round(value * TWO_16));
  }

  /** A four-character code, as text or as its number. */
  fourcc(code: string | number): void {
    this.u32(typeof code === "string" ? fourCc(code) : code);
  }

  /** A copy of `bytes`. */
  bytes(bytes: Uint8Array): void {
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** `count` zero bytes. */
  zeros(count: number): void {
    const at = this.#advance(count);
    this.#bytes.fill(0, at, at + count);
  }

  /** Writes an unsigned 32-bit number over what stands at `at`; the cursor stays. */
  patchU32(at: number, value: number): void {
    if (at + 4 > this.#position) throw new RangeError(`nothing has been written at ${at} yet`);
    this.#view.setUint32(at, value);
  }

  /** Opens a box whose size is not known yet; give what this returns to {@link ByteWriter.end}. */
  begin(code: string | number): number {
    const start = this.#position;
    this.u32(0); // size, known at the end
    this.fourcc(code); // type
    return start;
  }

  /** Closes the box that {@link ByteWriter.begin} opened at `start`: writes its size. */
  end(start: number): void {
    this.patchU32(start, this.#position - start);
  }

  /** A box around what `body` writes. */
  box(code: string | number, body: () => void): void {
    const start = this.begin(code);
    body();
    this.end(start);
  }

  #advance(count: number): number {
    const at = this.#position;
    const end = at + count;
    if (end > this.#bytes.length) this.#grow(end);
    this.#position = end;
    return at;
  }

  #grow(needed: number): void {
    if (!this.#growing) {
      throw new RangeError(`${needed} bytes do not fit into ${this.#bytes.length}`);
    }
    if (needed > MAX_WRITER_BYTES) {
      throw new RangeError(`${needed} bytes are more than a writer may hold, ${MAX_WRITER_BYTES}`);
    }
    const capacity = Math.min(MAX_WRITER_BYTES, Math.max(needed, 2 * this.#bytes.length, 64));
    const grown = new Uint8Array(capacity);
    grown.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

function viewOf(bytes: Bytes): DataView<ArrayBuffer> {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
