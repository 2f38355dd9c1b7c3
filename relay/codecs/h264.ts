/**
 * H.264 (Rec. ITU-T H.264, carried as ISO/IEC 13818-1 §2.14): what its NAL units are, and the avcC that sets a
 * decoder up (ISO/IEC 14496-15 §5.3.3). How they become samples is nal_stream.ts's.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { MPEG_TIMESCALE } from "../../shared/units.ts";
import { BitReader } from "../bytes/bit_reader.ts";
import type { TrackConfig, UnitCodec } from "./codec.ts";
import { hasChromaFields, readSps, type Sps } from "./h264_sps.ts";
import { unescape } from "./nal.ts";
import { H264Pictures, isH264Head } from "./h264_pictures.ts";
import { readRecoveryPoint } from "./h264_sei.ts";
import { NalStream, type NalSyntax, type SetsInForce, UNIT, type UnitKind } from "./nal_stream.ts";
import { describeVui } from "./vui.ts";

/** nal_unit_type, table 7-1. */
const NAL = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, delimiter: 9, filler: 12 } as const;
/** §7.4.2.1 has ids 0 to 31, avcC five bits to count them. */
const MAX_SPS = 31;
/** §7.4.2.2: ids 0 to 255; more than a few in force at once is no camera's doing. */
const MAX_PPS = 64;

function kindOf(unit: Uint8Array): UnitKind {
  const type = (unit[0] ?? 0) & 0x1f;
  switch (type) {
    case NAL.idr:
      return UNIT.key;
    case NAL.sei:
      return recoveryOf(unit);
    case NAL.sps:
      return UNIT.sps;
    case NAL.pps:
      return UNIT.pps;
    case NAL.delimiter:
    case NAL.filler:
      return UNIT.silent;
    default:
      return type >= NAL.slice && type < NAL.idr ? UNIT.picture : UNIT.other;
  }
}

/** A recovery point (§D.1.8) in an SEI unit: at this picture, after some, or none. */
function recoveryOf(unit: Uint8Array): UnitKind {
  const frames = readRecoveryPoint(unit);
  if (frames === undefined) return UNIT.other;
  return frames === 0 ? UNIT.recovery : UNIT.refresh;
}

function ppsId(unit: Uint8Array): number | undefined {
  const id = new BitReader(unescape(unit.subarray(1))).ue();
  return id > 255 ? undefined : id;
}

function describe({ active, sps, pps }: SetsInForce<Sps>): TrackConfig {
  return {
    kind: "video",
    codec: codecString(active),
    timescale: MPEG_TIMESCALE,
    sampleEntry: "avc1",
    config: { type: "avcC", bytes: writeAvcC(active, sps, pps) },
    width: active.width,
    height: active.height,
    ...describeVui(active.vui),
  };
}

/** RFC 6381 §3.3: profile, constraints and level as six hexadecimal digits. */
function codecString(sps: Sps): string {
  return `avc1.${
    [sps.profile, sps.constraints, sps.level].map((byte) => byte.toString(16).padStart(2, "0"))
      .join("")
  }`;
}

/** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3.1.2, with 4-byte NAL unit lengths. */
function writeAvcC(sps: Sps, spsUnits: readonly Bytes[], ppsUnits: readonly Bytes[]): Bytes {
  const bytes: number[] = [
    1, // configurationVersion
    sps.profile,
    sps.constraints,
    sps.level,
    0xfc | 3, // lengthSizeMinusOne
    0xe0 | spsUnits.length,
  ];
  const put = (unit: Bytes): void => {
    bytes.push(unit.length >> 8, unit.length & 0xff, ...unit);
  };
  spsUnits.forEach(put);
  bytes.push(ppsUnits.length);
  ppsUnits.forEach(put);
  if (hasChromaFields(sps.profile)) {
    bytes.push(
      0xfc | sps.chromaFormat,
      0xf8 | (sps.bitDepthLuma - 8),
      0xf8 | (sps.bitDepthChroma - 8),
      0, // numOfSequenceParameterSetExt
    );
  }
  return new Uint8Array(bytes);
}

const syntax: NalSyntax<Sps> = {
  max: { vps: 0, sps: MAX_SPS, pps: MAX_PPS },
  needsVps: false,
  kindOf,
  readSps,
  vpsId: () => undefined, // H.264 has none
  ppsId,
  describe,
  pictures: () => new H264Pictures(),
  marksLeading: false,
  mayBeFields: (sps) => !sps.frameMbsOnly,
};

/** stream_type 0x1b. */
export const h264 = {
  name: "H.264",
  kind: "video",
  open: (out) => new NalStream(syntax, out),
  pictures: () => new H264Pictures(),
  unitHeaderBytes: 1,
  isPicture: (unit) => kindOf(unit) <= UNIT.open,
  isHead: isH264Head,
} as const satisfies UnitCodec;
