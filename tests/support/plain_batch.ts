/**
 * Batches that are nothing but their size and place, and init segments that are nothing but their number: for all
 * that never looks inside.
 *
 * @module
 */

import { type Batch, HEADROOM_BYTES, type InitSegment } from "../../shared/media.ts";
import { micros, ticks } from "../../shared/units.ts";
import { AUDIO_TRACK, VIDEO_TRACK } from "./mp4_tracks.ts";

/** What matters of a batch. */
export interface PlainBatch {
  readonly key?: boolean;
  readonly bytes?: number;
  readonly generation?: number;
  readonly sequence?: number;
  readonly arrivalMs?: number;
  readonly fragments?: number;
}

/** A batch of pictures; memory that is never touched costs nothing. */
export function plainBatch(description: PlainBatch): Batch {
  const { key = false, bytes = 100, generation = 1, sequence = 0, fragments = 1 } = description;
  return {
    generation,
    sequence,
    group: 0,
    key,
    arrival: micros((description.arrivalMs ?? 0) * 1000),
    fragments: Array.from({ length: fragments }, (_, i) => ({
      track: VIDEO_TRACK.id,
      dts: ticks(sequence * 3000),
      pts: ticks(sequence * 3000),
      duration: ticks(3000),
      key,
      sizes: [1],
      offset: i,
      byteLength: 1,
    })),
    bytes: new Uint8Array(new ArrayBuffer(HEADROOM_BYTES + bytes), HEADROOM_BYTES),
  };
}

/** An init segment with pictures and sound. */
export function plainSegment(generation = 1): InitSegment {
  return {
    generation,
    mime: "video/mp4",
    tracks: [VIDEO_TRACK, AUDIO_TRACK],
    bytes: new Uint8Array(50),
    clockOffset: micros(0),
    clockError: micros(0),
  };
}
