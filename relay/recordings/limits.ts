/**
 * When a recording ends by itself: after so much media, so many frames, so many bytes. Pure arithmetic over
 * what is recorded and what comes next.
 *
 * @module
 */

import type { Batch, Fragment, Track } from "../../shared/media.ts";

/** Whichever is reached first; none: a recording goes on until it is ended. */
export interface Limits {
  /** Of media: nothing that begins later is recorded. */
  readonly seconds?: number;
  /** Pictures; in a stream of sound alone, sound frames. */
  readonly frames?: number;
  /** Of all files together, when they are closed. */
  readonly bytes?: number;
}

/** What has been recorded, over all files. */
export interface Recorded {
  /** Of the files before the one at hand. */
  readonly secondsBefore: number;
  /** Where the file at hand begins, on the stream's clock, in seconds. */
  readonly zero: number;
  readonly frames: number;
  /** Of all files, closed. */
  readonly bytes: number;
}

/** What of a batch is recorded. */
export interface Fit {
  readonly fragments: readonly Fragment[];
  /** Nothing that comes later is. */
  readonly last: boolean;
}

/** Judges the next batch of a stream of `tracks`. */
export function fitBatch(
  batch: Batch,
  { tracks, limits, recorded }: {
    readonly tracks: readonly Track[];
    readonly limits: Limits;
    readonly recorded: Recorded;
  },
): Fit {
  const { seconds = Infinity, frames = Infinity, bytes = Infinity } = limits;
  if (recorded.frames >= frames) return NOTHING;
  if (recorded.bytes + batch.bytes.length > bytes) return NOTHING;
  const end = recorded.zero + seconds - recorded.secondsBefore;
  const fragments = end === Infinity
    ? batch.fragments
    : batch.fragments.filter((each) => secondsOf(tracks, each) < end);
  const counted = tracks.some(({ kind }) => kind === "video") ? "video" : "audio";
  let count = recorded.frames;
  for (const { track: id, sizes } of fragments) {
    if (tracks.find((track) => track.id === id)?.kind === counted) count += sizes.length;
  }
  return { fragments, last: fragments.length < batch.fragments.length || count >= frames };
}

const NOTHING: Fit = { fragments: [], last: true };

/** When a fragment begins to be decoded, in seconds. */
export function secondsOf(tracks: readonly Track[], { track: id, dts }: Fragment): number {
  return dts / (tracks.find((track) => track.id === id)?.timescale ?? 1);
}
