/**
 * AAC in ADTS written from a description (ISO/IEC 13818-7 §6.2). The frames hold no sound, only bytes that tell
 * them apart.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";

/** One ADTS frame. */
export interface AdtsDescription {
  /** profile, two bits: 1 is LC. */
  readonly profile?: number;
  /** sampling_frequency_index: 3 is 48 kHz, 4 is 44.1 kHz. */
  readonly rateIndex?: number;
  readonly channels?: number;
  readonly mpeg2?: boolean;
  readonly crc?: boolean;
  /** number_of_raw_data_blocks_in_frame, plus one. */
  readonly blocks?: number;
  readonly payload?: Uint8Array;
}

/** A payload of `bytes` bytes, none of them 0xff: no sync word inside. */
export function rawFrame(seed: number, bytes = 24): Bytes {
  return Uint8Array.from({ length: bytes }, (_, i) => (seed * 53 + i * 7) % 255);
}

/** The frame's bytes, header first. */
export function adts(description: AdtsDescription = {}): Bytes {
  const { profile = 1, rateIndex = 3, channels = 2, payload = rawFrame(0), blocks = 1 } =
    description;
  const crc = description.crc ? 2 : 0;
  const length = 7 + crc + payload.length;
  return concatBytes([
    new Uint8Array([
      0xff,
      0xf0 | (description.mpeg2 ? 8 : 0) | (description.crc ? 0 : 1),
      profile << 6 | rateIndex << 2 | channels >> 2,
      (channels & 3) << 6 | length >> 11,
      length >> 3 & 0xff,
      (length & 7) << 5 | 0x1f,
      0xfc | (blocks - 1),
    ]),
    new Uint8Array(crc).fill(0xee),
    payload,
  ]);
}
