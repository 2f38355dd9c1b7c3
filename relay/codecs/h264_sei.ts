/**
 * Supplemental enhancement information, Rec. ITU-T H.264 §7.3.2.3 and Annex D: the recovery point only.
 *
 * @module
 */

import { BitReader } from "../bytes/bit_reader.ts";
import { unescape } from "./nal.ts";

/** payloadType, §D.1.1. */
const RECOVERY_POINT = 6;
/** Captions and the like stand before or behind; a recovery point is never far into a unit. */
const MAX_LOOKED_AT_BYTES = 512;
const ENDLESS = 255;

/** recovery_frame_cnt of an SEI unit; `undefined` where it has no recovery point. */
export function readRecoveryPoint(unit: Uint8Array): number | undefined {
  const b = unescape(unit.subarray(1, MAX_LOOKED_AT_BYTES));
  let at = 0;
  while (at + 2 < b.length) {
    let type = 0;
    while (b[at] === ENDLESS) {
      type += ENDLESS;
      at++;
    }
    type += b[at++] ?? 0;
    let size = 0;
    while (b[at] === ENDLESS) {
      size += ENDLESS;
      at++;
    }
    size += b[at++] ?? 0;
    if (type === RECOVERY_POINT && size > 0) {
      const r = new BitReader(b.subarray(at, at + size));
      const frames = r.ue();
      return r.overrun ? undefined : frames;
    }
    at += size;
  }
  return undefined;
}
