/**
 * NAL units in a byte stream: Annex B start codes and emulation prevention, Rec. ITU-T H.264 §7.4.1 and
 * H.265 §7.4.2. Knows no unit types.
 *
 * @module
 */

import { START_CODE_BYTES, StartCodes } from "./start_codes.ts";

/** Most NAL units in one access unit: a slice per macroblock row of 8K is 540. */
export const MAX_NAL_UNITS = 2048;

/** One for all streams of a thread: a search is over before the next begins. */
const startCodes = StartCodes.open();

/**
 * Splits a byte stream into NAL units, as views without start codes and without the zero bytes that may
 * follow a unit (trailing_zero_8bits). What stands before the first start code is left out.
 *
 * Hot: once per access unit.
 *
 * @param into cleared and filled; reused by the caller.
 * @returns `false` when there are more than {@link MAX_NAL_UNITS}: the rest is left out.
 */
export function splitNalUnits(bytes: Uint8Array, into: Uint8Array[]): boolean {
  into.length = 0;
  startCodes.search(bytes);
  for (let code = startCodes.next(); code >= 0;) {
    const start = code + START_CODE_BYTES;
    code = startCodes.next();
    if (!push(bytes, start, { end: code < 0 ? bytes.length : code, into })) return false;
  }
  return true;
}

function push(
  bytes: Uint8Array,
  start: number,
  { end, into }: { end: number; into: Uint8Array[] },
): boolean {
  let stop = end;
  while (stop > start && bytes[stop - 1] === 0) stop--;
  if (stop === start) return true; // nothing between two start codes
  if (into.length >= MAX_NAL_UNITS) return false;
  into.push(bytes.subarray(start, stop));
  return true;
}

/** The unit without its emulation prevention bytes (00 00 03 → 00 00). */
export function unescape(unit: Uint8Array): Uint8Array {
  let first = -1;
  for (let i = 2; i < unit.length; i++) {
    if (unit[i] === 3 && unit[i - 1] === 0 && unit[i - 2] === 0) {
      first = i;
      break;
    }
  }
  if (first < 0) return unit;
  const plain = new Uint8Array(unit.length);
  let length = 0;
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    plain[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return plain.subarray(0, length);
}
