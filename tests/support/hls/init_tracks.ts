/** Timescales of the tracks of an init segment, read from its `mdhd` boxes (ISO/IEC 14496-12 §8.4.2). */

import type { Bytes } from "../../../shared/bytes.ts";
import { findBox, findBoxes, u32At } from "../../../shared/mp4/box_reader.ts";

/** Ticks a second. */
export interface TrackClock {
  readonly timescale: number;
}

/** By track id. */
export function initTracks(init: Bytes): ReadonlyMap<number, TrackClock> {
  const clocks = new Map<number, TrackClock>();
  for (const { body } of findBoxes(init, "moov/trak")) {
    const header = findBox(body, "tkhd")?.body;
    const media = findBox(body, "mdia/mdhd")?.body;
    if (!header || !media) continue;
    const id = u32At(header, header[0] === 1 ? 20 : 12);
    clocks.set(id, { timescale: u32At(media, media[0] === 1 ? 20 : 12) });
  }
  return clocks;
}
