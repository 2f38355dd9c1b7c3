/**
 * Sequence parameter set, Rec. ITU-T H.264 §7.3.2.1.1 with VUI (Annex E). Reads all of it; decides nothing.
 *
 * @module
 */

import { BitReader } from "../bytes/bit_reader.ts";
import { unescape } from "./nal.ts";
import { readFrameRate, readSignal, type Vui } from "./vui.ts";

/** Largest picture taken, luma samples a side: level 6.2 allows 16 384. */
const MAX_SIDE = 16_384;
/** §7.4.2.1.1: chroma_format_idc, and bit depths of the 4:4:4 profiles. */
const MAX_CHROMA_FORMAT = 3;
const MAX_BIT_DEPTH = 14;
const MAX_HRD_CPB = 32;
const MAX_POC_CYCLE = 255;
/** log2_max_frame_num_minus4 and log2_max_pic_order_cnt_lsb_minus4 are at most 12. */
const MAX_COUNTER_BITS = 16;

/** What a sequence parameter set says. */
export interface Sps {
  readonly profile: number;
  readonly constraints: number;
  readonly level: number;
  readonly id: number;
  /** 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  readonly frameMbsOnly: boolean;
  /** After cropping. */
  readonly width: number;
  readonly height: number;
  readonly numRefFrames: number;
  /** Planes of a 4:4:4 picture are coded apart: their slices say which. */
  readonly separatePlanes: boolean;
  /** Bits of frame_num. */
  readonly frameNumBits: number;
  readonly pictureOrder: PictureOrder;
  readonly vui?: Vui;
}

/** pic_order_cnt_type and what belongs to it, §7.4.2.1.1. */
export type PictureOrder =
  | { readonly type: 0; readonly lsbBits: number }
  | {
    readonly type: 1;
    readonly deltaAlwaysZero: boolean;
    readonly offsetForNonRef: number;
    readonly offsetForBottom: number;
    readonly offsetsForRef: readonly number[];
  }
  /** Output order is decoding order. */
  | { readonly type: 2 };

/** Profiles whose SPS has the chroma fields, §7.3.2.1.1. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  100,
  110,
  122,
  244,
  44,
  83,
  86,
  118,
  128,
  138,
  139,
  134,
  135,
]);

/** Whether avcC carries the chroma fields for this profile (ISO/IEC 14496-15 §5.3.3.1.2). */
export function hasChromaFields(profile: number): boolean {
  return HIGH_PROFILES.has(profile);
}

/** Reads an SPS NAL unit (header byte included); `undefined` when it makes no sense. */
export function readSps(unit: Uint8Array): Sps | undefined {
  if (unit.length < 4) return undefined;
  const r = new BitReader(unescape(unit));
  r.skip(8); // nal_unit_header
  const profile = r.bits(8);
  const constraints = r.bits(8);
  const level = r.bits(8);
  const id = r.ue();
  const chroma = HIGH_PROFILES.has(profile) ? readChroma(r) : PLAIN_CHROMA;
  const frameNumBits = r.ue() + 4;
  const pictureOrder = readPictureOrder(r);
  const numRefFrames = r.ue();
  r.skip(1); // gaps_in_frame_num_value_allowed_flag
  const widthMbs = r.ue() + 1;
  const heightMapUnits = r.ue() + 1;
  const frameMbsOnly = r.flag();
  if (!frameMbsOnly) r.skip(1); // mb_adaptive_frame_field_flag
  r.skip(1); // direct_8x8_inference_flag
  const crop = r.flag()
    ? { left: r.ue(), right: r.ue(), top: r.ue(), bottom: r.ue() }
    : { left: 0, right: 0, top: 0, bottom: 0 };
  const hasVui = r.flag();
  if (r.overrun) return undefined;
  const vui = hasVui ? readVui(r) : undefined;
  // §7.4.2.1.1, equations 7-19 to 7-22
  const separate = chroma.separatePlanes || chroma.format === 0;
  const cropUnitX = separate || chroma.format === 3 ? 1 : 2;
  const cropUnitY = (separate || chroma.format !== 1 ? 1 : 2) * (frameMbsOnly ? 1 : 2);
  const width = widthMbs * 16 - (crop.left + crop.right) * cropUnitX;
  const height = heightMapUnits * 16 * (frameMbsOnly ? 1 : 2) -
    (crop.top + crop.bottom) * cropUnitY;
  if (id > 31 || !isPossible(chroma)) return undefined;
  if (frameNumBits > MAX_COUNTER_BITS || pictureOrder === undefined) return undefined;
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return undefined;
  return {
    profile,
    constraints,
    level,
    id,
    chromaFormat: chroma.format,
    bitDepthLuma: chroma.bitDepthLuma,
    bitDepthChroma: chroma.bitDepthChroma,
    frameMbsOnly,
    width,
    height,
    numRefFrames,
    separatePlanes: chroma.separatePlanes,
    frameNumBits,
    pictureOrder,
    // A VUI that runs past its end is left out: some cameras cut it short, the picture plays all the same.
    ...(vui && !r.overrun ? { vui } : {}),
  };
}

interface Chroma {
  readonly format: number;
  readonly separatePlanes: boolean;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
}

const PLAIN_CHROMA: Chroma = {
  format: 1,
  separatePlanes: false,
  bitDepthLuma: 8,
  bitDepthChroma: 8,
};

function readChroma(r: BitReader): Chroma {
  const format = r.ue();
  const separatePlanes = format === 3 && r.flag();
  const bitDepthLuma = r.ue() + 8;
  const bitDepthChroma = r.ue() + 8;
  r.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (r.flag()) skipScalingLists(r, format === 3 ? 12 : 8);
  return { format, separatePlanes, bitDepthLuma, bitDepthChroma };
}

function isPossible({ format, bitDepthLuma, bitDepthChroma }: Chroma): boolean {
  return format <= MAX_CHROMA_FORMAT && bitDepthLuma <= MAX_BIT_DEPTH &&
    bitDepthChroma <= MAX_BIT_DEPTH;
}

/** scaling_list(), §7.3.2.1.1.1. */
function skipScalingLists(r: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (!r.flag()) continue;
    const size = list < 6 ? 16 : 64;
    let last = 8;
    let next = 8;
    for (let i = 0; i < size; i++) {
      if (next !== 0) next = (last + r.se() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

/** `undefined` when it makes no sense. */
function readPictureOrder(r: BitReader): PictureOrder | undefined {
  const type = r.ue();
  if (type === 0) {
    const lsbBits = r.ue() + 4;
    return lsbBits > MAX_COUNTER_BITS ? undefined : { type, lsbBits };
  }
  if (type === 2) return { type };
  if (type !== 1) return undefined;
  const deltaAlwaysZero = r.flag();
  const offsetForNonRef = r.se();
  const offsetForBottom = r.se();
  const cycle = r.ue();
  if (cycle > MAX_POC_CYCLE) return undefined;
  const offsetsForRef: number[] = [];
  for (let i = 0; i < cycle; i++) offsetsForRef.push(r.se());
  return { type, deltaAlwaysZero, offsetForNonRef, offsetForBottom, offsetsForRef };
}

/** vui_parameters(), §E.1.1. */
function readVui(r: BitReader): Vui {
  const signal = readSignal(r);
  let frameRate: number | undefined;
  let fixedFrameRate: boolean | undefined;
  if (r.flag()) { // timing_info_present_flag
    frameRate = readFrameRate(r, 2); // a tick is a field
    fixedFrameRate = r.flag();
  }
  const nalHrd = r.flag();
  if (nalHrd) skipHrd(r);
  const vclHrd = r.flag();
  if (vclHrd) skipHrd(r);
  if (nalHrd || vclHrd) r.skip(1); // low_delay_hrd_flag
  r.skip(1); // pic_struct_present_flag
  let maxReorderFrames: number | undefined;
  if (r.flag()) { // bitstream_restriction_flag
    r.skip(1); // motion_vectors_over_pic_boundaries_flag
    r.ue(); // max_bytes_per_pic_denom
    r.ue(); // max_bits_per_mb_denom
    r.ue(); // log2_max_mv_length_horizontal
    r.ue(); // log2_max_mv_length_vertical
    maxReorderFrames = r.ue();
    r.ue(); // max_dec_frame_buffering
  }
  return {
    ...signal,
    ...(frameRate === undefined ? {} : { frameRate }),
    ...(fixedFrameRate === undefined ? {} : { fixedFrameRate }),
    ...(maxReorderFrames === undefined ? {} : { maxReorderFrames }),
  };
}

/** hrd_parameters(), §E.1.2. */
function skipHrd(r: BitReader): void {
  const count = Math.min(r.ue() + 1, MAX_HRD_CPB);
  r.skip(8); // bit_rate_scale, cpb_size_scale
  for (let i = 0; i < count; i++) {
    r.ue(); // bit_rate_value_minus1
    r.ue(); // cpb_size_value_minus1
    r.skip(1); // cbr_flag
  }
  r.skip(20); // four lengths of 5 bits
}
