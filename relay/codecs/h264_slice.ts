/**
 * What a slice says of its picture: slice_header as far as the picture order count (Rec. ITU-T H.264 §7.3.3), the
 * picture parameter set as far as it is needed for that (§7.3.2.2), and where a new picture begins (§7.4.1.2.4).
 *
 * @module
 */

import { BitReader } from "../bytes/bit_reader.ts";
import type { Sps } from "./h264_sps.ts";
import { unescape } from "./nal.ts";
import { PLACE_BYTES } from "./pictures.ts";

const NAL_IDR = 5;
/** §7.4.2.2 and §7.4.2.1. */
const MAX_PPS_ID = 255;
const MAX_SPS_ID = 31;

/** What of a picture parameter set its slices' headers depend on. */
export interface Pps {
  readonly id: number;
  readonly spsId: number;
  /** bottom_field_pic_order_in_frame_present_flag. */
  readonly bottomOrderPresent: boolean;
}

/** Reads a PPS unit; `undefined` when it makes no sense. */
export function readPps(unit: Uint8Array): Pps | undefined {
  const r = new BitReader(unescape(unit.subarray(1, PLACE_BYTES)));
  const id = r.ue();
  const spsId = r.ue();
  r.skip(1); // entropy_coding_mode_flag
  const bottomOrderPresent = r.flag();
  if (r.overrun || id > MAX_PPS_ID || spsId > MAX_SPS_ID) return undefined;
  return { id, spsId, bottomOrderPresent };
}

/** The fields of a slice header that tell pictures apart. */
export interface SliceHeader {
  readonly sps: Sps;
  readonly ppsId: number;
  readonly idr: boolean;
  readonly reference: boolean;
  readonly firstMb: number;
  readonly frameNum: number;
  readonly field: "frame" | "top" | "bottom";
  /** Of IDR pictures; 0 of others. */
  readonly idrPicId: number;
  /** pic_order_cnt_lsb, delta_pic_order_cnt_bottom; delta_pic_order_cnt[0] and [1]. */
  readonly orderLsb: number;
  readonly orderDeltaBottom: number;
  readonly orderDelta0: number;
  readonly orderDelta1: number;
}

/** Reads the header of a slice (types 1, 2 and 5); `undefined` when its sets are not known or it is cut short. */
export function readSliceHeader(
  unit: Uint8Array,
  sets: { readonly sps: ReadonlyMap<number, Sps>; readonly pps: ReadonlyMap<number, Pps> },
): SliceHeader | undefined {
  const header = unit[0] ?? 0;
  const idr = (header & 0x1f) === NAL_IDR;
  const r = new BitReader(unescape(unit.subarray(1, PLACE_BYTES)));
  const firstMb = r.ue();
  r.ue(); // slice_type
  const pps = sets.pps.get(r.ue());
  const sps = pps && sets.sps.get(pps.spsId);
  if (!sps) return undefined;
  if (sps.separatePlanes) r.skip(2); // colour_plane_id
  const frameNum = r.bits(sps.frameNumBits);
  const isField = !sps.frameMbsOnly && r.flag();
  const field = !isField ? "frame" : r.flag() ? "bottom" : "top";
  const idrPicId = idr ? r.ue() : 0;
  const { pictureOrder } = sps;
  let [orderLsb, orderDeltaBottom, orderDelta0, orderDelta1] = [0, 0, 0, 0];
  if (pictureOrder.type === 0) {
    orderLsb = r.bits(pictureOrder.lsbBits);
    if (pps.bottomOrderPresent && !isField) orderDeltaBottom = r.se();
  } else if (pictureOrder.type === 1 && !pictureOrder.deltaAlwaysZero) {
    orderDelta0 = r.se();
    if (pps.bottomOrderPresent && !isField) orderDelta1 = r.se();
  }
  if (r.overrun) return undefined;
  return {
    sps,
    ppsId: pps.id,
    idr,
    reference: (header & 0x60) !== 0,
    firstMb,
    frameNum,
    field,
    idrPicId,
    orderLsb,
    orderDeltaBottom,
    orderDelta0,
    orderDelta1,
  };
}

/** Whether two slices in a row are of different pictures (a field is a picture), §7.4.1.2.4. */
export function isNewPicture(last: SliceHeader, next: SliceHeader): boolean {
  return last.frameNum !== next.frameNum || last.ppsId !== next.ppsId ||
    last.field !== next.field || last.reference !== next.reference || last.idr !== next.idr ||
    last.idrPicId !== next.idrPicId || last.orderLsb !== next.orderLsb ||
    last.orderDeltaBottom !== next.orderDeltaBottom || last.orderDelta0 !== next.orderDelta0 ||
    last.orderDelta1 !== next.orderDelta1 || restartsAtFirstMb(next);
}

/** Whether `next` is the other field of the frame that `last` is a field of, §3.30. */
export function isSecondField(last: SliceHeader, next: SliceHeader): boolean {
  return last.field !== "frame" && next.field !== "frame" && last.field !== next.field &&
    last.frameNum === next.frameNum && last.sps.id === next.sps.id &&
    (last.reference || !next.reference) && (!next.idr || last.idr);
}

/**
 * A slice at the first macroblock begins a picture: encoders whose pictures are all IDR often repeat every field of
 * the header. Not in the profiles where slices may come in any order, or twice (§A.2.1, §A.2.3).
 */
function restartsAtFirstMb({ firstMb, sps }: SliceHeader): boolean {
  const anyOrder = (sps.profile === 66 && (sps.constraints & 0x40) === 0) || sps.profile === 88;
  return firstMb === 0 && !anyOrder && !sps.separatePlanes;
}
