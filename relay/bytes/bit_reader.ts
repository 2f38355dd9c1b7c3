/**
 * Bits, most significant first, and Exp-Golomb codes (Rec. ITU-T H.264 §9.1) over bytes without emulation
 * prevention. Reading past the end gives zeros and sets `overrun`: damaged input never throws.
 *
 * @module
 */

/** A cursor over the bits of a byte array. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether more bits were asked for than there are. */
  get overrun(): boolean {
    return this.#position > this.#bytes.length * 8;
  }

  /** Bits left; negative after an overrun. */
  get remaining(): number {
    return this.#bytes.length * 8 - this.#position;
  }

  /** One bit. */
  bit(): number {
    const byte = this.#bytes[this.#position >> 3] ?? 0;
    const value = (byte >> (7 - (this.#position & 7))) & 1;
    this.#position++;
    return value;
  }

  /** One bit as a flag. */
  flag(): boolean {
    return this.bit() === 1;
  }

  /** `count` bits (0 to 32) as an unsigned number. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  /** Passes over `count` bits. */
  skip(count: number): void {
    this.#position += count;
  }

  /** `ue(v)`: unsigned Exp-Golomb, at most 2^32 - 2. */
  ue(): number {
    let zeros = 0;
    while (zeros < 32 && this.bit() === 0) {
      if (this.overrun) return 0;
      zeros++;
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** `se(v)`: signed Exp-Golomb. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2; // never -0
  }
}
