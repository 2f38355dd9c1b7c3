/**
 * An init segment by which a batch is shown at time 0. go2rtc's clients begin to play there and go to the live edge only
 * when they are seconds behind it; what is buffered must not begin later. The batches themselves stay as they are.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Batch, InitSegment } from "../../shared/media.ts";
import { writeInitSegment } from "../fmp4/init_segment.ts";

/** By the batch that is the first: however many begin with it, it is made once. */
const made = new WeakMap<Batch, Bytes>();

/** The init segment for a client whose first batch this is. */
export function startingAt(batch: Batch, { tracks, bytes }: InitSegment): Bytes {
  const known = made.get(batch);
  if (known) return known;
  const startS = batch.fragments.reduce((earliest, { track: id, pts }) => {
    const track = tracks.find((each) => each.id === id);
    return track ? Math.min(earliest, pts / track.timescale) : earliest;
  }, Infinity);
  const init = Number.isFinite(startS) && startS > 0 ? writeInitSegment(tracks, startS) : bytes;
  made.set(batch, init);
  return init;
}
