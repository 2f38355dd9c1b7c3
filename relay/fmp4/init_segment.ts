/**
 * The start of a fragmented MP4: `ftyp moov` from the tracks (ISO/IEC 14496-12:2015 §8.8, §8.16). States
 * no duration anywhere, so that players take it for live. Knows no codec and writes no media.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Track } from "../../shared/media.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import { fragmentedTrack, ftyp, moov, RILL_BRAND } from "./boxes.ts";

/** Room for two tracks with the usual decoder configurations; more grows. */
const USUAL_BYTES = 2048;

/** What the file conforms to; `iso6` is the first brand with everything our fragments use. */
const BRANDS = ["iso6", "mp41", RILL_BRAND] as const;

/**
 * The init segment that stands before the fragments of `tracks`.
 * @param startS media time, seconds, that is shown at time 0: an edit list says so (§8.6.6), the fragments stay as
 * they are.
 */
export function writeInitSegment(tracks: readonly Track[], startS = 0): Bytes {
  const w = new ByteWriter(USUAL_BYTES);
  ftyp(w, BRANDS);
  moov(w, {
    tracks: tracks.map((track) => ({
      ...fragmentedTrack(track),
      edits: startS > 0 ? [{ duration: 0, mediaTime: Math.round(startS * track.timescale) }] : [],
    })),
    duration: 0,
    creationTime: 0,
    fragmented: true,
  });
  return w.written().slice();
}
