/**
 * The index that makes a recording an ordinary MP4: a `moov` with full sample tables, whose edits put
 * every track where it began (ISO/IEC 14496-12:2015 §8.2.1, §8.6.6). Writes no media.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Track } from "../../shared/media.ts";
import { rescale } from "../../shared/units.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import { type Edit, moov, MOVIE_TIMESCALE, type MovieTrack } from "../fmp4/boxes.ts";
import { commonGrid } from "./common_grid.ts";
import type { SampleTable } from "./sample_table.ts";

/** A track and what was recorded of it. */
export interface IndexedTrack {
  readonly track: Track;
  readonly table: SampleTable;
  /** Decode time of its first sample, in its timescale, on a clock that all tracks share. */
  readonly start: number;
}

/** What the index needs besides its tracks. */
export interface FlatMoovOptions {
  /** Seconds since 1904-01-01 UTC. */
  readonly creationTime: number;
}

/** The index of a finished recording; a track without samples is left out. */
export function writeFlatMoov(
  tracks: readonly IndexedTrack[],
  { creationTime }: FlatMoovOptions,
): Bytes {
  const filled = tracks.filter(({ table }) => table.count > 0);
  const grid = commonGrid(filled.map(({ track }) => track.timescale));
  const begins = filled.map(({ track, table, start }) =>
    rescale(start + table.presentationStart, track.timescale, MOVIE_TIMESCALE)
  );
  const zero = Math.floor(Math.min(...begins) / grid) * grid;
  const movieTracks = filled.map((indexed, i) =>
    movieTrack(indexed, { delay: (begins[i] ?? 0) - zero })
  );
  const w = new ByteWriter(estimate(filled));
  moov(w, {
    tracks: movieTracks,
    duration: Math.max(0, ...movieTracks.map((track) => track.duration)),
    creationTime,
    fragmented: false,
  });
  return w.written();
}

/** @param options.delay between the movie's start and the track's, in the movie's timescale. */
function movieTrack({ track, table }: IndexedTrack, { delay }: { delay: number }): MovieTrack {
  const shown = rescale(
    table.presentationEnd - table.presentationStart,
    track.timescale,
    MOVIE_TIMESCALE,
  );
  const edits: Edit[] = [];
  if (delay > 0) edits.push({ duration: delay, mediaTime: -1 });
  if (delay > 0 || table.presentationStart !== 0) {
    edits.push({ duration: shown, mediaTime: table.presentationStart });
  }
  return {
    track,
    mediaDuration: Math.max(table.decodeEnd, table.presentationEnd),
    duration: delay + shown,
    edits,
    writeTables: (w) => table.write(w),
  };
}

/** A first capacity that spares most of the growing. */
function estimate(tracks: readonly IndexedTrack[]): number {
  let bytes = 4096;
  for (const { table } of tracks) bytes += 8 * table.count;
  return bytes;
}
