/**
 * Sequence parameter set of H.265, Rec. ITU-T H.265 §7.3.2.2 with profile, tier and level (§7.3.3) and VUI
 * (Annex E). Reads what a container and a player need; decides nothing.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { BitReader } from "../bytes/bit_reader.ts";
import { unescape } from "./nal.ts";
import { readFrameRate, readSignal, type Vui } from "./vui.ts";

/** Largest picture taken, luma samples a side: level 6.2 allows 16 888. */
const MAX_SIDE = 16_888;
const MAX_SUB_LAYERS = 7;
/** §7.4.3.2.1: num_short_term_ref_pic_sets, num_long_term_ref_pics_sps, pictures in a set. */
const MAX_SHORT_TERM_SETS = 64;
const MAX_LONG_TERM_PICTURES = 32;
const MAX_SET_PICTURES = 16;
/** log2_max_pic_order_cnt_lsb_minus4 is at most 12. */
const MAX_ORDER_BITS = 16;
const NAL_HEADER_BITS = 16;

/** general_profile_space to general_level_idc. */
export interface ProfileTierLevel {
  readonly space: number;
  readonly tier: number;
  readonly profile: number;
  /** general_profile_compatibility_flag[0] is the most significant bit. */
  readonly compatibility: number;
  /** The 48 bits of constraint flags. */
  readonly constraints: Bytes;
  readonly level: number;
}

/** What a sequence parameter set says. */
export interface H265Sps {
  readonly id: number;
  readonly subLayers: number;
  readonly temporalIdNested: boolean;
  readonly profile: ProfileTierLevel;
  /** 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  /** After the conformance window. */
  readonly width: number;
  readonly height: number;
  readonly separatePlanes: boolean;
  /** Bits of slice_pic_order_cnt_lsb. */
  readonly orderBits: number;
  /** Pictures that may precede another in decoding order and follow it in output order. */
  readonly maxReorderFrames: number;
  /** What the VUI says, if it is there and whole. */
  readonly vui?: Vui;
}

/** Reads an SPS NAL unit (header included); `undefined` when it makes no sense. */
export function readH265Sps(unit: Uint8Array): H265Sps | undefined {
  if (unit.length < 15) return undefined;
  const r = new BitReader(unescape(unit));
  r.skip(NAL_HEADER_BITS);
  r.skip(4); // sps_video_parameter_set_id
  const subLayers = r.bits(3) + 1;
  const temporalIdNested = r.flag();
  if (subLayers > MAX_SUB_LAYERS) return undefined;
  const profile = readProfile(r, subLayers);
  const id = r.ue();
  const chromaFormat = r.ue();
  const separatePlanes = chromaFormat === 3 && r.flag();
  const codedWidth = r.ue();
  const codedHeight = r.ue();
  const window = r.flag() ? readWindow(r) : NO_WINDOW;
  const bitDepthLuma = r.ue() + 8;
  const bitDepthChroma = r.ue() + 8;
  if (r.overrun || id > 15 || chromaFormat > 3 || bitDepthLuma > 16 || bitDepthChroma > 16) {
    return undefined;
  }
  // §6.2, table 6-1: SubWidthC and SubHeightC
  const unitX = !separatePlanes && (chromaFormat === 1 || chromaFormat === 2) ? 2 : 1;
  const unitY = !separatePlanes && chromaFormat === 1 ? 2 : 1;
  const width = codedWidth - unitX * (window.left + window.right);
  const height = codedHeight - unitY * (window.top + window.bottom);
  if (width < 1 || height < 1 || codedWidth > MAX_SIDE || codedHeight > MAX_SIDE) return undefined;
  const orderBits = r.ue() + 4;
  if (orderBits > MAX_ORDER_BITS) return undefined;
  const maxReorderFrames = readReorder(r, subLayers);
  const vui = readRest(r, { orderBits, maxReorderFrames });
  return {
    id,
    subLayers,
    temporalIdNested,
    profile,
    chromaFormat,
    bitDepthLuma,
    bitDepthChroma,
    width,
    height,
    separatePlanes,
    orderBits,
    maxReorderFrames: Math.min(maxReorderFrames, MAX_SET_PICTURES),
    ...(vui && !r.overrun ? { vui } : {}),
  };
}

/** profile_tier_level(1, subLayers - 1), §7.3.3. */
function readProfile(r: BitReader, subLayers: number): ProfileTierLevel {
  const space = r.bits(2);
  const tier = r.bit();
  const profile = r.bits(5);
  const compatibility = r.bits(32);
  const constraints = new Uint8Array(6);
  for (let i = 0; i < constraints.length; i++) constraints[i] = r.bits(8);
  const level = r.bits(8);
  const present: { profile: boolean; level: boolean }[] = [];
  for (let i = 1; i < subLayers; i++) present.push({ profile: r.flag(), level: r.flag() });
  if (subLayers > 1) r.skip(2 * (9 - subLayers)); // reserved_zero_2bits
  for (const layer of present) {
    if (layer.profile) r.skip(88);
    if (layer.level) r.skip(8);
  }
  return { space, tier, profile, compatibility, constraints, level };
}

interface Window {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const NO_WINDOW: Window = { left: 0, right: 0, top: 0, bottom: 0 };

function readWindow(r: BitReader): Window {
  return { left: r.ue(), right: r.ue(), top: r.ue(), bottom: r.ue() };
}

/** sps_max_num_reorder_pics of the highest sub-layer. */
function readReorder(r: BitReader, subLayers: number): number {
  const perLayer = r.flag(); // sps_sub_layer_ordering_info_present_flag
  let maxReorderFrames = 0;
  for (let i = perLayer ? 0 : subLayers - 1; i < subLayers; i++) {
    r.ue(); // sps_max_dec_pic_buffering_minus1
    maxReorderFrames = r.ue();
    r.ue(); // sps_max_latency_increase_plus1
  }
  return maxReorderFrames;
}

/** From the block sizes to the VUI; `undefined` where there is none, or it cannot be reached. */
function readRest(
  r: BitReader,
  { orderBits, maxReorderFrames }: { orderBits: number; maxReorderFrames: number },
): Vui | undefined {
  for (let i = 0; i < 6; i++) r.ue(); // block sizes and depths of the transform hierarchy
  if (r.flag() && r.flag()) skipScalingLists(r); // enabled, and present here
  r.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (r.flag()) { // pcm_enabled_flag
    r.skip(8); // bit depths
    r.ue();
    r.ue();
    r.skip(1); // pcm_loop_filter_disabled_flag
  }
  if (!skipShortTermSets(r)) return undefined;
  if (r.flag()) { // long_term_ref_pics_present_flag
    const count = r.ue();
    if (count > MAX_LONG_TERM_PICTURES) return undefined;
    r.skip(count * (orderBits + 1));
  }
  r.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  return r.flag() ? readVui(r, maxReorderFrames) : { maxReorderFrames };
}

/** scaling_list_data(), §7.3.4. */
function skipScalingLists(r: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!r.flag()) { // scaling_list_pred_mode_flag
        r.ue();
        continue;
      }
      if (size > 1) r.se(); // scaling_list_dc_coef_minus8
      for (let i = 0; i < Math.min(64, 1 << (4 + (size << 1))); i++) r.se();
    }
  }
}

/** st_ref_pic_set(), §7.3.7, all of them; `false` when they make no sense. */
function skipShortTermSets(r: BitReader): boolean {
  const count = r.ue();
  if (count > MAX_SHORT_TERM_SETS) return false;
  let pictures = 0;
  for (let i = 0; i < count; i++) {
    if (i > 0 && r.flag()) { // inter_ref_pic_set_prediction_flag
      r.skip(1); // delta_rps_sign
      r.ue(); // abs_delta_rps_minus1
      let kept = 0;
      for (let j = 0; j <= pictures; j++) {
        const used = r.flag(); // used_by_curr_pic_flag
        if (used || r.flag()) kept++; // use_delta_flag
      }
      pictures = kept;
    } else {
      const negative = r.ue();
      const positive = r.ue();
      if (negative > MAX_SET_PICTURES || positive > MAX_SET_PICTURES) return false;
      pictures = negative + positive;
      for (let j = 0; j < pictures; j++) {
        r.ue(); // delta_poc_minus1
        r.skip(1); // used_by_curr_pic_flag
      }
    }
    if (r.overrun || pictures > 2 * MAX_SET_PICTURES) return false;
  }
  return true;
}

/** vui_parameters(), §E.2.1, as far as the frame rate. */
function readVui(r: BitReader, maxReorderFrames: number): Vui {
  const signal = readSignal(r);
  r.skip(3); // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
  if (r.flag()) readWindow(r); // default display window
  // vui_timing_info_present_flag; a tick is a picture here, not a field
  const frameRate = r.flag() ? readFrameRate(r, 1) : undefined;
  return {
    ...signal,
    ...(frameRate === undefined ? {} : { frameRate }),
    maxReorderFrames,
  };
}
