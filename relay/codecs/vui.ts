/**
 * Video usability information as H.264 and H.265 share it: what it says, and how it begins, up to where each codec goes
 * its own way.
 *
 * @module
 */

import type { BitReader } from "../bytes/bit_reader.ts";
import type { VideoTrack } from "../../shared/media.ts";

/** Pictures a second that are believed: from one in ten minutes on, as for time lapses. */
const MIN_RATE = 1 / 600;
const MAX_RATE = 1000;

/** What VUI parameters say, each where present. */
export interface Vui {
  readonly pixelAspect?: { readonly horizontal: number; readonly vertical: number };
  readonly fullRange?: boolean;
  readonly colour?: {
    readonly primaries: number;
    readonly transfer: number;
    readonly matrix: number;
  };
  /** Pictures (frames, not fields) a second. */
  readonly frameRate?: number;
  readonly fixedFrameRate?: boolean;
  readonly maxReorderFrames?: number;
}

/** Table E-1, aspect_ratio_idc 1 to 16. */
const SAMPLE_ASPECTS: readonly (readonly [number, number])[] = [
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];
const EXTENDED_SAR = 255;

/** What vui_parameters() begins with in both (§E.1.1 of H.264, §E.2.1 of H.265): from aspect_ratio_info_present_flag on. */
export function readSignal(r: BitReader): Pick<Vui, "pixelAspect" | "fullRange" | "colour"> {
  const pixelAspect = r.flag() ? readAspect(r) : undefined;
  if (r.flag()) r.skip(1); // overscan_appropriate_flag
  let fullRange: boolean | undefined;
  let colour: Vui["colour"];
  if (r.flag()) { // video_signal_type_present_flag
    r.skip(3); // video_format
    fullRange = r.flag();
    if (r.flag()) colour = { primaries: r.bits(8), transfer: r.bits(8), matrix: r.bits(8) };
  }
  if (r.flag()) { // chroma_loc_info_present_flag
    r.ue();
    r.ue();
  }
  return {
    ...(pixelAspect ? { pixelAspect } : {}),
    ...(fullRange === undefined ? {} : { fullRange }),
    ...(colour ? { colour } : {}),
  };
}

/** aspect_ratio_idc and what may follow it; `undefined` when it is unspecified. */
function readAspect(r: BitReader): Vui["pixelAspect"] {
  const idc = r.bits(8);
  if (idc === EXTENDED_SAR) {
    const horizontal = r.bits(16);
    const vertical = r.bits(16);
    return horizontal > 0 && vertical > 0 ? { horizontal, vertical } : undefined;
  }
  const known = SAMPLE_ASPECTS[idc - 1];
  return known ? { horizontal: known[0], vertical: known[1] } : undefined;
}

/**
 * Pictures a second by num_units_in_tick and time_scale; `undefined` where they state none, or none that can be.
 * @param ticks of a picture.
 */
export function readFrameRate(r: BitReader, ticks: number): number | undefined {
  const unitsInTick = r.bits(32);
  const timeScale = r.bits(32);
  const rate = timeScale / unitsInTick / ticks;
  return unitsInTick > 0 && rate >= MIN_RATE && rate <= MAX_RATE ? rate : undefined;
}

/** What of a VUI a track tells. */
export function describeVui(
  vui: Vui | undefined,
): Pick<VideoTrack, "frameRate" | "pixelAspect" | "colour"> {
  const unspecified = { primaries: 2, transfer: 2, matrix: 2 }; // ISO/IEC 23091-2
  const aspect = vui?.pixelAspect;
  return {
    ...(vui?.frameRate === undefined ? {} : { frameRate: vui.frameRate }),
    ...(aspect && aspect.horizontal !== aspect.vertical ? { pixelAspect: aspect } : {}),
    ...(vui?.colour || vui?.fullRange
      ? { colour: { ...unspecified, ...vui.colour, fullRange: vui.fullRange ?? false } }
      : {}),
  };
}
