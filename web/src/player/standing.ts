/**
 * How long a picture is said to last. A browser takes a hole that is longer than two of what a fragment's duration says
 * (ISO/IEC 14496-12:2015 §8.8.8) for the end of what can be decoded, and drops what follows up to the next key picture;
 * told of longer pictures, it bridges the hole that a lost one leaves. What follows ends a picture all the same.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { findBox, findBoxes, u32At } from "../../../shared/mp4/box_reader.ts";
import type { InitInfo } from "./incoming.ts";

/** trun: sample_duration is there; what stands before it (§8.8.8.1). */
const DURATION = 0x100;
const DATA_OFFSET = 0x001;
const FIRST_FLAGS = 0x004;
const COUNT_AT = 4;
const FIELDS_AT = 8;

/**
 * A message whose pictures, each alone in its fragment as the relay sends them, last `seconds` longer; the message itself
 * where that is nothing. What lies otherwise is left as it is.
 */
export function standing(message: Bytes, init: InitInfo, seconds: number): Bytes {
  if (seconds === 0) return message;
  const longer = message.slice();
  for (const { body: traf } of findBoxes(longer, "moof/traf")) {
    const track = init.tracks.get(u32At(findBox(traf, "tfhd")?.body ?? NOTHING, 4));
    const trun = findBox(traf, "trun")?.body;
    if (track?.kind !== "video" || trun === undefined) continue;
    const flags = u32At(trun, 0);
    if ((flags & DURATION) === 0 || u32At(trun, COUNT_AT) !== 1) continue;
    let at = FIELDS_AT;
    if ((flags & DATA_OFFSET) !== 0) at += 4;
    if ((flags & FIRST_FLAGS) !== 0) at += 4;
    if (at + 4 > trun.length) continue;
    const duration = u32At(trun, at) + Math.round(seconds * track.timescale);
    new DataView(trun.buffer, trun.byteOffset).setUint32(at, duration);
  }
  return longer;
}

const NOTHING: Bytes = new Uint8Array(0);
