/**
 * Whether bytes are a bare stream of H.264 or of H.265 NAL units (Annex B of both): by a start code and the header of
 * a unit that such streams begin with. Where a stream is entered in the middle, its first parameter set tells.
 *
 * @module
 */

import { findStartCode } from "../codecs/start_codes.ts";

/** H.264 §7.3.1: an SPS, PPS, delimiter, SEI or IDR slice with the nal_ref_idc it must have. */
function isH264(first: number): boolean {
  const type = first & 0x1f;
  const ref = first & 0x60;
  if ((first & 0x80) !== 0) return false;
  return type === 6 || type === 9
    ? ref === 0
    : type === 5 || type === 7 || type === 8
    ? ref !== 0
    : false;
}

/** H.265 §7.3.1.2: a parameter set, delimiter, prefix SEI or IRAP slice of layer 0 and sub-layer 0. */
function isH265(first: number, second: number): boolean {
  const type = first >> 1;
  return (first & 0x81) === 0 && second === 1 &&
    ((type >= 32 && type <= 35) || type === 39 || type === 19 || type === 21);
}

/** A stream that does not begin with a start code may be another with such bytes inside: more of it must be seen. */
const MIN_BYTES_INSIDE = 4096;

/** Which of the two begins at the first unit that tells; `undefined` while none does. */
export function sniffAnnexB(head: Uint8Array): "h264" | "h265" | undefined {
  if (findStartCode(head, 0) !== leadingZeros(head) && head.length < MIN_BYTES_INSIDE) {
    return undefined;
  }
  for (let code = findStartCode(head, 0); code >= 0; code = findStartCode(head, code + 3)) {
    const first = head[code + 3];
    const second = head[code + 4];
    if (first === undefined || second === undefined) return undefined;
    if (isH265(first, second)) return "h265";
    if (isH264(first)) return "h264";
  }
  return undefined;
}

/** Where a start code must stand that only zero bytes may precede (leading_zero_8bits). */
function leadingZeros(head: Uint8Array): number {
  return head.findIndex((byte) => byte !== 0) - 2;
}
