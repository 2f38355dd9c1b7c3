/**
 * ADTS headers, ISO/IEC 14496-3 §1.A.2.2, from the AudioSpecificConfig of an `esds` box (14496-1 §7.2.6.5). What ADTS
 * has no words for (object types above 4, rates not in the table) is refused; the extension of HE-AAC is left to be
 * found in the frames, as everywhere.
 *
 * @module
 */

import { audioSpecificConfig } from "../../shared/mp4/decoder_config.ts";

const HEADER_BYTES = 7;
/** SBR and PS: what they extend comes after them (§1.6.2.1). */
const EXTENSIONS = [5, 29];
const LAST_RATE_INDEX = 12;

/** Writes one track's headers. */
export class AdtsWriter {
  readonly #profile: number;
  readonly #rateIndex: number;
  readonly #channels: number;

  private constructor(profile: number, rateIndex: number, channels: number) {
    this.#profile = profile;
    this.#rateIndex = rateIndex;
    this.#channels = channels;
  }

  /** @param esds payload of the box, version and flags included. `undefined` when ADTS cannot say it. */
  static of(esds: Uint8Array): AdtsWriter | undefined {
    const config = audioSpecificConfig(esds);
    if (!config || config.length < 2) return undefined;
    let bits = 0n;
    for (let i = 0; i < 4; i++) bits = (bits << 8n) | BigInt(config[i] ?? 0);
    let left = 32n;
    const take = (count: bigint): number => {
      left -= count;
      return Number((bits >> left) & ((1n << count) - 1n));
    };
    let objectType = take(5n);
    const rateIndex = take(4n);
    const channels = take(4n);
    if (EXTENSIONS.includes(objectType)) {
      if (take(4n) > LAST_RATE_INDEX) return undefined;
      objectType = take(5n);
    }
    if (objectType < 1 || objectType > 4 || rateIndex > LAST_RATE_INDEX || channels > 7) {
      return undefined;
    }
    return new AdtsWriter(objectType - 1, rateIndex, channels);
  }

  /** The header of a frame of so many bytes. */
  header(frameBytes: number): Uint8Array {
    const length = frameBytes + HEADER_BYTES;
    return Uint8Array.of(
      0xff,
      0xf1, // MPEG-4, no CRC
      (this.#profile << 6) | (this.#rateIndex << 2) | (this.#channels >> 2),
      ((this.#channels & 3) << 6) | (length >> 11),
      (length >> 3) & 0xff,
      ((length & 7) << 5) | 0x1f, // buffer fullness: variable rate
      0xfc, // one block
    );
  }
}
