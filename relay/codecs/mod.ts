/**
 * The codec table: MPEG-TS stream_type (ISO/IEC 13818-1 table 2-34) to codec, and for private data what it is
 * registered as. A codec is one file and one line here.
 *
 * @module
 */

import { aac } from "./aac.ts";
import type { Codec, UnitCodec } from "./codec.ts";
import { type DescribedStream, registrationOf } from "./descriptors.ts";
import { h264 } from "./h264.ts";
import { h265 } from "./h265.ts";
import { opus } from "./opus.ts";

/** PES packets of private data: a registration descriptor says what they are. */
export const PRIVATE_DATA = 0x06;

/** One line a codec. */
export const CODECS = {
  0x0f: aac,
  0x1b: h264,
  0x24: h265,
} as const satisfies Record<number, Codec>;

/** One line a format_identifier (§2.6.8) of private data. */
export const REGISTERED_CODECS = {
  HEVC: h265,
  Opus: opus,
} as const satisfies Record<string, Codec>;

/** Whether a codec is one of NAL units. */
export function isUnitCodec(codec: Codec): codec is UnitCodec {
  return "unitHeaderBytes" in codec;
}

/** The codec of a stream, if there is one. */
export function codecOf({ streamType, descriptors }: DescribedStream): Codec | undefined {
  if (streamType !== PRIVATE_DATA) return (CODECS as Record<number, Codec>)[streamType];
  const registration = registrationOf(descriptors);
  return registration === undefined || !Object.hasOwn(REGISTERED_CODECS, registration)
    ? undefined
    : REGISTERED_CODECS[registration as keyof typeof REGISTERED_CODECS];
}
