/**
 * How NAL units are put into RTP packets: H.264 by RFC 6184 (single units, STAP-A, FU-A: packetisation modes 0 and 1),
 * H.265 by RFC 7798 (single units, aggregation and fragmentation). Interleaving, which no camera does, is unreadable.
 *
 * @module
 */

import type { AccessUnit } from "./access_unit.ts";
import { u16 } from "./packet.ts";

/** A payload format of NAL units. */
export interface UnitPayload {
  /** Puts a payload's units into `unit`; `false` where it makes no sense or does not fit. */
  read(payload: Uint8Array, unit: AccessUnit): boolean;
  /** Whether an access unit may begin with this payload: nothing of it can be missing before. */
  begins(payload: Uint8Array): boolean;
}

const FU_START = 0x80;
const FU_END = 0x40;
/** Below and above are packet types of RFC 6184 §5.4 (and units for private use). */
const H264 = { slice: 1, idr: 5, aggregate: 24, fragment: 28 } as const;
const H264_TYPE = 0x1f;
/** Types that stand before a picture's slices: SEI, parameter sets, delimiter. */
const H264_BEFORE = [6, 7, 8, 9];

/** RFC 6184. */
export const h264Payload: UnitPayload = {
  read(payload, unit): boolean {
    const type = (payload[0] ?? 0) & H264_TYPE;
    if (type >= 1 && type < H264.aggregate) return unit.add(payload);
    if (type === H264.aggregate) return aggregated(payload, { from: 1, unit });
    if (type !== H264.fragment || payload.length < 3) return false;
    const header = payload[1] ?? 0;
    if (header & FU_START) {
      const first = ((payload[0] ?? 0) & ~H264_TYPE) | (header & H264_TYPE);
      if (!unit.begin() || !unit.append(Uint8Array.of(first), 0)) return false;
    }
    return fragment(payload, { from: 2, last: (header & FU_END) !== 0, unit });
  },
  begins(payload): boolean {
    const type = (payload[0] ?? 0) & H264_TYPE;
    if (type === H264.aggregate) {
      return payload.length > 3 && h264Payload.begins(payload.subarray(3));
    }
    if (type === H264.fragment) {
      const header = payload[1] ?? 0;
      return (header & FU_START) !== 0 && h264Begins(header & H264_TYPE, payload[2]);
    }
    return h264Begins(type, payload[1]);
  },
};

/** @param next the byte behind the unit's header: a slice's begins with first_mb_in_slice, which is 0 where it is 1. */
function h264Begins(type: number, next = 0): boolean {
  if (type >= H264.slice && type <= H264.idr) return (next & 0x80) !== 0;
  return H264_BEFORE.includes(type);
}

/** RFC 7798 §4.4. */
const H265 = {
  firstOther: 32,
  before: [32, 33, 34, 35, 39],
  aggregate: 48,
  fragment: 49,
} as const;

/** RFC 7798, without DONL: `sprop-max-don-diff` is 0. */
export const h265Payload: UnitPayload = {
  read(payload, unit): boolean {
    if (payload.length < 3) return false;
    const type = h265Type(payload);
    if (type < H265.aggregate) return unit.add(payload);
    if (type === H265.aggregate) return aggregated(payload, { from: 2, unit });
    if (type !== H265.fragment || payload.length < 4) return false;
    const header = payload[2] ?? 0;
    if (header & FU_START) {
      const first = ((payload[0] ?? 0) & 0x81) | ((header & 0x3f) << 1);
      if (!unit.begin() || !unit.append(Uint8Array.of(first, payload[1] ?? 0), 0)) return false;
    }
    return fragment(payload, { from: 3, last: (header & FU_END) !== 0, unit });
  },
  begins(payload): boolean {
    const type = h265Type(payload);
    if (type === H265.aggregate) {
      return payload.length > 4 && h265Payload.begins(payload.subarray(4));
    }
    if (type === H265.fragment) {
      const header = payload[2] ?? 0;
      return (header & FU_START) !== 0 && h265Begins(header & 0x3f, payload[3]);
    }
    return h265Begins(type, payload[2]);
  },
};

function h265Type(payload: Uint8Array): number {
  return ((payload[0] ?? 0) >> 1) & 0x3f;
}

/** A slice's first bit is first_slice_segment_in_pic_flag. */
function h265Begins(type: number, next = 0): boolean {
  if (type < H265.firstOther) return (next & 0x80) !== 0;
  return (H265.before as readonly number[]).includes(type);
}

/** Units one behind the other, each with its length before it. */
function aggregated(
  payload: Uint8Array,
  { from, unit }: { readonly from: number; readonly unit: AccessUnit },
): boolean {
  for (let at = from; at < payload.length;) {
    const start = at + 2;
    const end = start + u16(payload, at);
    if (end === start || end > payload.length) return false;
    if (!unit.add(payload.subarray(start, end))) return false;
    at = end;
  }
  return payload.length > from;
}

function fragment(
  payload: Uint8Array,
  { from, last, unit }: {
    readonly from: number;
    readonly last: boolean;
    readonly unit: AccessUnit;
  },
): boolean {
  return unit.append(payload, from) && (!last || unit.end());
}
