/**
 * PES packets written, ISO/IEC 13818-1 §2.4.3.6.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";

const START = [0, 0, 1] as const;
/** '10', data_alignment_indicator: an access unit begins with the payload. */
const ALIGNED = 0x84;
const MAX_LENGTH = 0xffff;
const WRAP = 2 ** 33;

/** A time in the 33 bits of a time stamp. */
export function wrap33(time: number): number {
  return ((time % WRAP) + WRAP) % WRAP;
}

/** A PES packet around `payload`; times at 90 kHz. */
export function writePes(
  payload: readonly Uint8Array[],
  { streamId, pts, dts = pts }: {
    readonly streamId: number;
    readonly pts: number;
    readonly dts?: number;
  },
): Bytes {
  const stamps = dts === pts ? timeStamp(2, pts) : [...timeStamp(3, pts), ...timeStamp(1, dts)];
  let length = 3 + stamps.length;
  for (const piece of payload) length += piece.length;
  const stated = length > MAX_LENGTH ? 0 : length; // pictures may leave it open
  const header = Uint8Array.from([
    ...START,
    streamId,
    stated >> 8,
    stated & 0xff,
    ALIGNED,
    dts === pts ? 0x80 : 0xc0, // PTS_DTS_flags
    stamps.length,
    ...stamps,
  ]);
  return concatBytes([header, ...payload]);
}

/** 33 bits in five bytes, with marker bits. */
function timeStamp(prefix: number, time: number): number[] {
  const wrapped = wrap33(time);
  const high = Math.floor(wrapped / 2 ** 30);
  const low = wrapped % 2 ** 30;
  return [
    (prefix << 4) | (high << 1) | 1,
    (low >> 22) & 0xff,
    ((low >> 14) & 0xfe) | 1,
    (low >> 7) & 0xff,
    ((low << 1) & 0xfe) | 1,
  ];
}
