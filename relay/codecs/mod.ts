/**
 * The codec table: MPEG-TS stream_type (ISO/IEC 13818-1 table 2-34) to codec. A codec is one file and one
 * line here.
 *
 * @module
 */

import { aac } from "./aac.ts";
import type { Codec } from "./codec.ts";
import { h264 } from "./h264.ts";
import { h265 } from "./h265.ts";

/** One line a codec. */
export const CODECS = {
  0x0f: aac,
  0x1b: h264,
  0x24: h265,
} as const satisfies Record<number, Codec>;

/** The codec of a stream_type, if there is one. */
export function codecOf(streamType: number): Codec | undefined {
  return (CODECS as Record<number, Codec>)[streamType];
}
