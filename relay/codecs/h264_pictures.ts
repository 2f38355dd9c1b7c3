/**
 * Follows the pictures of an H.264 stream: where access units begin (Rec. ITU-T H.264 §7.4.1.2.3 and §7.4.1.2.4),
 * which fields make a frame, and the picture order count (§8.2.1). A memory_management_control_operation 5, which
 * resets the count without an IDR picture, is not looked for: no camera sends it.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../../shared/bytes.ts";
import {
  isNewPicture,
  isSecondField,
  type Pps,
  readPps,
  readSliceHeader,
  type SliceHeader,
} from "./h264_slice.ts";
import { type PictureOrder, readSps, type Sps } from "./h264_sps.ts";
import { MAX_PARAMETER_SET_BYTES } from "./parameter_sets.ts";
import { type Pictures, PLACE, type Place } from "./pictures.ts";

/** nal_unit_type, table 7-1. */
const NAL = { slice: 1, partitionA: 2, idr: 5, sei: 6, sps: 7, pps: 8, delimiter: 9 } as const;
/** Those that begin an access unit where one with a picture is before them, §7.4.1.2.3; 14 to 18 are reserved for more. */
const HEADS: ReadonlySet<number> = new Set([
  ...[NAL.sei, NAL.sps, NAL.pps, NAL.delimiter],
  ...[14, 15, 16, 17, 18],
]);
/** Set units kept to be compared with; a stream with more reads them again. */
const MAX_KNOWN_UNITS = 32;

/** Whether a unit stands before a picture: behind another it begins the next access unit. */
export function isH264Head(unit: Uint8Array): boolean {
  return HEADS.has((unit[0] ?? 0) & 0x1f);
}

/** Follows one stream. */
export class H264Pictures implements Pictures {
  order = 0;
  sequence = 0;
  /** A frame's two fields count apart. */
  readonly orderStep = 2;
  loneField = false;
  readonly #sps = new Map<number, Sps>();
  readonly #pps = new Map<number, Pps>();
  /** The set units last read, so that one that comes again is not read again. */
  readonly #units = new Map<number, Bytes>();
  #last: SliceHeader | undefined;
  #hasPicture = false;
  #previous = { msb: 0, lsb: 0, frameNum: 0, frameNumOffset: 0 };

  place(unit: Uint8Array): Place {
    const type = (unit[0] ?? 0) & 0x1f;
    switch (type) {
      case NAL.slice:
      case NAL.partitionA:
      case NAL.idr:
        return this.#slice(unit);
      case NAL.sps:
        this.#readSet(unit, type, () => {
          const sps = readSps(unit);
          if (sps) this.#sps.set(sps.id, sps);
        });
        return this.#boundary();
      case NAL.pps:
        this.#readSet(unit, type, () => {
          const pps = readPps(unit);
          if (pps) this.#pps.set(pps.id, pps);
        });
        return this.#boundary();
      default:
        return HEADS.has(type) ? this.#boundary() : PLACE.same;
    }
  }

  get frameRate(): number | undefined {
    return this.#last?.sps.vui?.frameRate;
  }

  get reorder(): number | undefined {
    const sps = this.#last?.sps;
    if (!sps) return undefined;
    if (sps.pictureOrder.type === 2 || sps.profile === 66) return 0; // §A.2.1: no B slices
    return sps.vui?.maxReorderFrames;
  }

  restart(): void {
    this.#hasPicture = false;
    this.loneField = false;
  }

  /** A set is read again only when it differs from the last of its type with as many bytes. */
  #readSet(unit: Uint8Array, type: number, read: () => void): void {
    if (unit.length > MAX_PARAMETER_SET_BYTES) return;
    const key = type * 65_536 + (unit[type === NAL.sps ? 4 : 1] ?? 0) * 256 + (unit.length & 0xff);
    const known = this.#units.get(key);
    if (known && equalBytes(known, unit)) return;
    if (this.#units.size >= MAX_KNOWN_UNITS) this.#units.clear();
    this.#units.set(key, unit.slice());
    read();
  }

  #boundary(): Place {
    if (!this.#hasPicture) return PLACE.same;
    if (this.loneField) return PLACE.may;
    this.#hasPicture = false;
    return PLACE.begins;
  }

  #slice(unit: Uint8Array): Place {
    const header = readSliceHeader(unit, { sps: this.#sps, pps: this.#pps });
    const last = this.#last;
    const had = this.#hasPicture;
    this.#hasPicture = true;
    if (!header) {
      // Without its sets nothing but the first macroblock's number, ue(0), tells pictures apart.
      const first = ((unit[1] ?? 0) & 0x80) !== 0;
      this.loneField = false;
      return had && first ? PLACE.begins : PLACE.same;
    }
    if (had && last && !isNewPicture(last, header)) return PLACE.same;
    this.#last = header;
    if (had && last && this.loneField && isSecondField(last, header)) {
      this.loneField = false;
      this.order = Math.min(this.order, this.#count(header));
      return PLACE.same;
    }
    if (header.idr) this.sequence++;
    this.loneField = header.field !== "frame";
    this.order = this.#count(header);
    return had ? PLACE.begins : PLACE.same;
  }

  /** PicOrderCnt, §8.2.1. */
  #count(header: SliceHeader): number {
    const order = header.sps.pictureOrder;
    if (order.type === 0) return this.#countByLsb(header, order);
    const { idr, frameNum, reference, sps } = header;
    const before = this.#previous;
    const wrapped = before.frameNum > frameNum ? 2 ** sps.frameNumBits : 0;
    const frameNumOffset = idr ? 0 : before.frameNumOffset + wrapped;
    this.#previous = { msb: 0, lsb: 0, frameNum, frameNumOffset };
    const number = frameNumOffset + frameNum;
    if (order.type === 2) return idr ? 0 : 2 * number - (reference ? 0 : 1); // §8.2.1.3
    return countByCycle(header, order, number);
  }

  /** §8.2.1.1. */
  #countByLsb(header: SliceHeader, order: Extract<PictureOrder, { type: 0 }>): number {
    const { orderLsb: lsb, idr, reference, field, orderDeltaBottom } = header;
    const before = idr ? { msb: 0, lsb: 0 } : this.#previous;
    const range = 2 ** order.lsbBits;
    let msb = before.msb;
    if (lsb < before.lsb && before.lsb - lsb >= range / 2) msb += range;
    else if (lsb > before.lsb && lsb - before.lsb > range / 2) msb -= range;
    if (reference) this.#previous = { msb, lsb, frameNum: 0, frameNumOffset: 0 };
    return msb + lsb + (field === "frame" ? Math.min(0, orderDeltaBottom) : 0);
  }
}

/** §8.2.1.2. */
function countByCycle(
  header: SliceHeader,
  order: Extract<PictureOrder, { type: 1 }>,
  number: number,
): number {
  const { offsetsForRef, offsetForNonRef, offsetForBottom } = order;
  const cycle = offsetsForRef.length;
  let count = cycle === 0 ? 0 : number;
  if (!header.reference && count > 0) count--;
  let expected = 0;
  if (count > 0) {
    const whole = offsetsForRef.reduce((sum, offset) => sum + offset, 0);
    expected = Math.floor((count - 1) / cycle) * whole;
    for (let i = 0; i <= (count - 1) % cycle; i++) expected += offsetsForRef[i] ?? 0;
  }
  if (!header.reference) expected += offsetForNonRef;
  const top = expected + header.orderDelta0;
  if (header.field === "bottom") return top + offsetForBottom;
  return header.field === "top" ? top : Math.min(top, top + offsetForBottom + header.orderDelta1);
}
