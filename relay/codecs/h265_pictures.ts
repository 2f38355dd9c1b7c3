/**
 * Follows the pictures of an H.265 stream: where access units begin (Rec. ITU-T H.265 §7.4.2.4.4) and the picture
 * order count (§8.3.1). A field is a picture of its own here, as the standard has it.
 *
 * @module
 */

import { BitReader } from "../bytes/bit_reader.ts";
import { type H265Sps, readH265Sps } from "./h265_sps.ts";
import { unescape } from "./nal.ts";
import { MAX_PARAMETER_SET_BYTES } from "./parameter_sets.ts";
import { type Pictures, PLACE, type Place, PLACE_BYTES } from "./pictures.ts";

/** nal_unit_type, table 7-1. */
const NAL = {
  /** RADL_N, RADL_R, RASL_N, RASL_R: no picture's order counts from theirs. */
  firstLeading: 6,
  lastLeading: 9,
  /** Below it, even types are not referred to within their sub-layer. */
  firstReserved: 16,
  firstIrap: 16,
  lastBla: 18,
  firstIdr: 19,
  lastIdr: 20,
  lastIrap: 23,
  lastSlice: 31,
  sps: 33,
  pps: 34,
  eos: 36,
  eob: 37,
} as const;
/** AUD, parameter sets, prefix SEI and the reserved types that stand before a picture. */
const BEGINNING: ReadonlySet<number> = new Set([
  ...[32, 33, 34, 35, 39],
  ...[41, 42, 43, 44],
  ...[48, 49, 50, 51, 52, 53, 54, 55],
]);
const NAL_HEADER_BYTES = 2;
const MAX_PPS_ID = 63;

/** Whether a unit stands before a picture: behind another it begins the next access unit. */
export function isH265Head(unit: Uint8Array): boolean {
  return BEGINNING.has(typeOf(unit));
}

function typeOf(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}

interface Pps {
  readonly spsId: number;
  readonly outputFlagPresent: boolean;
  readonly extraBits: number;
}

/** Follows one stream. */
export class H265Pictures implements Pictures {
  order = 0;
  sequence = 0;
  readonly orderStep = 1;
  readonly loneField = false;
  readonly #sps = new Map<number, H265Sps>();
  readonly #pps = new Map<number, Pps>();
  #active: H265Sps | undefined;
  #hasPicture = false;
  /** The next IRAP picture begins a coded video sequence. */
  #starting = true;
  /** PicOrderCnt of the last picture of the lowest sub-layer that others count from. */
  #previous = 0;

  place(unit: Uint8Array): Place {
    const type = typeOf(unit);
    if (type <= NAL.lastSlice) return this.#slice(unit, type);
    if (type === NAL.sps) this.#readSps(unit);
    else if (type === NAL.pps) this.#readPps(unit);
    else if (type === NAL.eos || type === NAL.eob) this.#starting = true;
    if (!BEGINNING.has(type) || !this.#hasPicture) return PLACE.same;
    this.#hasPicture = false;
    return PLACE.begins;
  }

  get frameRate(): number | undefined {
    return this.#active?.vui?.frameRate;
  }

  get reorder(): number | undefined {
    return this.#active?.maxReorderFrames;
  }

  restart(): void {
    this.#hasPicture = false;
    this.#starting = true;
  }

  #readSps(unit: Uint8Array): void {
    const sps = unit.length > MAX_PARAMETER_SET_BYTES ? undefined : readH265Sps(unit);
    if (sps) this.#sps.set(sps.id, sps);
  }

  #readPps(unit: Uint8Array): void {
    const r = new BitReader(unescape(unit.subarray(NAL_HEADER_BYTES, PLACE_BYTES)));
    const id = r.ue();
    const spsId = r.ue();
    r.skip(1); // dependent_slice_segments_enabled_flag
    const outputFlagPresent = r.flag();
    const extraBits = r.bits(3);
    if (!r.overrun && id <= MAX_PPS_ID) this.#pps.set(id, { spsId, outputFlagPresent, extraBits });
  }

  #slice(unit: Uint8Array, type: number): Place {
    const first = ((unit[NAL_HEADER_BYTES] ?? 0) & 0x80) !== 0; // first_slice_segment_in_pic_flag
    const had = this.#hasPicture;
    this.#hasPicture = true;
    if (!first) return PLACE.same;
    this.#count(unit, type);
    return had ? PLACE.begins : PLACE.same;
  }

  /** slice_segment_header as far as slice_pic_order_cnt_lsb, §7.3.6.1; PicOrderCntVal, §8.3.1. */
  #count(unit: Uint8Array, type: number): void {
    const r = new BitReader(unescape(unit.subarray(NAL_HEADER_BYTES, PLACE_BYTES)));
    const irap = type >= NAL.firstIrap && type <= NAL.lastIrap;
    const idr = type >= NAL.firstIdr && type <= NAL.lastIdr;
    r.skip(1); // first_slice_segment_in_pic_flag
    if (irap) r.skip(1); // no_output_of_prior_pics_flag
    const pps = this.#pps.get(r.ue());
    const sps = pps && this.#sps.get(pps.spsId);
    if (!sps) return;
    this.#active = sps;
    r.skip(pps.extraBits); // slice_reserved_flag
    r.ue(); // slice_type
    if (pps.outputFlagPresent) r.skip(1); // pic_output_flag
    if (sps.separatePlanes) r.skip(2); // colour_plane_id
    const lsb = idr ? 0 : r.bits(sps.orderBits);
    const begins = irap && (idr || type <= NAL.lastBla || this.#starting);
    if (begins) this.sequence++;
    if (irap) this.#starting = false;
    const range = 2 ** sps.orderBits;
    let msb = 0;
    if (!begins) {
      const previousLsb = ((this.#previous % range) + range) % range;
      msb = this.#previous - previousLsb;
      if (lsb < previousLsb && previousLsb - lsb >= range / 2) msb += range;
      else if (lsb > previousLsb && lsb - previousLsb > range / 2) msb -= range;
    }
    this.order = msb + lsb;
    const lowest = ((unit[1] ?? 0) & 7) === 1; // nuh_temporal_id_plus1
    const leading = type >= NAL.firstLeading && type <= NAL.lastLeading;
    const unreferred = type < NAL.firstReserved && type % 2 === 0;
    if (lowest && !leading && !unreferred) this.#previous = this.order;
  }
}
