/**
 * H.265 (Rec. ITU-T H.265, carried as ISO/IEC 13818-1 §2.17): what its NAL units are, and the hvcC that sets a
 * decoder up (ISO/IEC 14496-15 §8.3.3). How they become samples is nal_stream.ts's.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { MPEG_TIMESCALE } from "../../shared/units.ts";
import { BitReader } from "../bytes/bit_reader.ts";
import type { TrackConfig, UnitCodec } from "./codec.ts";
import { type H265Sps, type ProfileTierLevel, readH265Sps } from "./h265_sps.ts";
import { unescape } from "./nal.ts";
import { H265Pictures, isH265Head } from "./h265_pictures.ts";
import { NalStream, type NalSyntax, type SetsInForce, UNIT, type UnitKind } from "./nal_stream.ts";
import { describeVui } from "./vui.ts";

/** nal_unit_type, table 7-1. */
const NAL = {
  /** Pictures that a decoder which enters at the CRA picture before them cannot decode. */
  raslN: 8,
  raslR: 9,
  /** Below it a decoder enters with leading pictures still to come: BLA; CRA is the last such type. */
  firstIdr: 19,
  lastIdr: 20,
  /** Slices end here; from {@link NAL.firstIrap} to {@link NAL.lastIrap} a decoder can start. */
  lastSlice: 31,
  firstIrap: 16,
  lastIrap: 23,
  vps: 32,
  sps: 33,
  pps: 34,
  delimiter: 35,
  filler: 38,
} as const;
const NAL_HEADER_BYTES = 2;
/** §7.4.3.1 and §7.4.3.2.1: ids 0 to 15. */
const MAX_VPS = 16;
const MAX_SPS = 16;
/** §7.4.3.3.1: ids 0 to 63. */
const MAX_PPS = 64;

function typeOf(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}

function kindOf(unit: Uint8Array): UnitKind {
  const type = typeOf(unit);
  if (type <= NAL.lastSlice) {
    if (type === NAL.raslN || type === NAL.raslR) return UNIT.leading;
    if (type < NAL.firstIrap || type > NAL.lastIrap) return UNIT.picture;
    return type >= NAL.firstIdr && type <= NAL.lastIdr ? UNIT.key : UNIT.open;
  }
  switch (type) {
    case NAL.vps:
      return UNIT.vps;
    case NAL.sps:
      return UNIT.sps;
    case NAL.pps:
      return UNIT.pps;
    case NAL.delimiter:
    case NAL.filler:
      return UNIT.silent;
    default:
      return UNIT.other;
  }
}

function vpsId(unit: Uint8Array): number | undefined {
  return unit.length > NAL_HEADER_BYTES ? (unit[NAL_HEADER_BYTES] ?? 0) >> 4 : undefined;
}

function ppsId(unit: Uint8Array): number | undefined {
  const id = new BitReader(unescape(unit.subarray(NAL_HEADER_BYTES))).ue();
  return id < MAX_PPS ? id : undefined;
}

function describe(sets: SetsInForce<H265Sps>): TrackConfig {
  const { active } = sets;
  return {
    kind: "video",
    codec: h265CodecString(active.profile),
    timescale: MPEG_TIMESCALE,
    sampleEntry: "hvc1",
    config: { type: "hvcC", bytes: writeHvcC(sets) },
    width: active.width,
    height: active.height,
    ...describeVui(active.vui),
  };
}

/** ISO/IEC 14496-15 Annex E.3: profile, compatibility (reversed), tier and level, constraints without trailing zeros. */
export function h265CodecString(profile: ProfileTierLevel): string {
  const space = ["", "A", "B", "C"][profile.space] ?? "";
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) {
    if ((profile.compatibility >>> bit) & 1) reversed += 2 ** (31 - bit);
  }
  const constraints = [...profile.constraints];
  while (constraints.at(-1) === 0) constraints.pop();
  return [
    `hvc1.${space}${profile.profile}`,
    reversed.toString(16).toUpperCase(),
    `${profile.tier ? "H" : "L"}${profile.level}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ].join(".");
}

/** HEVCDecoderConfigurationRecord, ISO/IEC 14496-15 §8.3.3.1.2, with 4-byte NAL unit lengths. */
function writeHvcC({ active, vps, sps, pps }: SetsInForce<H265Sps>): Bytes {
  const { profile } = active;
  const bytes: number[] = [
    1, // configurationVersion
    (profile.space << 6) | (profile.tier << 5) | profile.profile,
    ...u32(profile.compatibility),
    ...profile.constraints,
    profile.level,
    0xf0, // min_spatial_segmentation_idc: unknown
    0,
    0xfc, // parallelismType: unknown
    0xfc | active.chromaFormat,
    0xf8 | (active.bitDepthLuma - 8),
    0xf8 | (active.bitDepthChroma - 8),
    0, // avgFrameRate: unspecified
    0,
    (active.subLayers << 3) | (active.temporalIdNested ? 4 : 0) | 3, // constantFrameRate 0, lengthSizeMinusOne 3
    3, // numOfArrays
  ];
  for (const [type, units] of [[NAL.vps, vps], [NAL.sps, sps], [NAL.pps, pps]] as const) {
    bytes.push(0x80 | type, units.length >> 8, units.length & 0xff); // array_completeness
    for (const unit of units) bytes.push(unit.length >> 8, unit.length & 0xff, ...unit);
  }
  return new Uint8Array(bytes);
}

function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

const syntax: NalSyntax<H265Sps> = {
  max: { vps: MAX_VPS, sps: MAX_SPS, pps: MAX_PPS },
  needsVps: true,
  kindOf,
  readSps: readH265Sps,
  vpsId,
  ppsId,
  describe,
  pictures: () => new H265Pictures(),
  marksLeading: true,
  mayBeFields: () => false,
};

/** stream_type 0x24. */
export const h265 = {
  name: "H.265",
  kind: "video",
  open: (out) => new NalStream(syntax, out),
  pictures: () => new H265Pictures(),
  unitHeaderBytes: 2,
  isPicture: (unit) => kindOf(unit) <= UNIT.open,
  isHead: isH265Head,
} as const satisfies UnitCodec;
