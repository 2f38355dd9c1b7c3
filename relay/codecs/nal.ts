/**
 * NAL units in a byte stream: Annex B start codes and emulation prevention, Rec. ITU-T H.264 §7.4.1 and
 * H.265 §7.4.2. Knows no unit types.
 *
 * @module
 */

/** Most NAL units in one access unit: a slice per macroblock row of 8K is 540. */
export const MAX_NAL_UNITS = 2048;

/**
 * Splits a byte stream into NAL units, as views without start codes and without the zero bytes that may
 * follow a unit (trailing_zero_8bits). What stands before the first start code is left out.
 *
 * Hot: once per access unit. The scan looks at every third byte only: a start code ends in a 1 and a byte
 * above 1 rules out three places at once.
 *
 * @param into cleared and filled; reused by the caller.
 * @returns `false` when there are more than {@link MAX_NAL_UNITS}: the rest is left out.
 */
export function splitNalUnits(bytes: Uint8Array, into: Uint8Array[]): boolean {
  into.length = 0;
  const length = bytes.length;
  const last = length - 9;
  let start = -1;
  let at = 2;
  while (at < length) {
    // Four looks in a row: a coded picture is nearly all left behind here, a quarter faster than one by one.
    if (at < last && above1(bytes, at) && above1(bytes, at + 3) && above1(bytes, at + 6)) {
      if (above1(bytes, at + 9)) {
        at += 12;
        continue;
      }
      at += 9;
    }
    const byte = bytes[at] as number;
    if (byte > 1) {
      at += 3;
    } else if (byte === 0) {
      at++;
    } else {
      if (bytes[at - 1] === 0 && bytes[at - 2] === 0) {
        if (start >= 0 && !push(bytes, start, { end: at - 2, into })) return false;
        start = at + 1;
      }
      at += 3;
    }
  }
  return start < 0 || push(bytes, start, { end: length, into });
}

/**
 * The first start code (00 00 01) at or after `from`: the offset of its first byte, -1 where there is none.
 *
 * Hot: over every byte of a byte stream.
 */
export function findStartCode(bytes: Uint8Array, from: number): number {
  const length = bytes.length;
  const last = length - 9;
  let at = from + 2;
  while (at < length) {
    if (at < last && above1(bytes, at) && above1(bytes, at + 3) && above1(bytes, at + 6)) {
      at += 9;
      continue;
    }
    const byte = bytes[at] as number;
    if (byte > 1) at += 3;
    else if (byte === 0) at++;
    else if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return at - 2;
    else at += 3;
  }
  return -1;
}

function above1(bytes: Uint8Array, at: number): boolean {
  return (bytes[at] as number) > 1;
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
