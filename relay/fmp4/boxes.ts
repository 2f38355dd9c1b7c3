/**
 * The boxes of a movie's index, a function each, a line for each field (ISO/IEC 14496-12:2015). The tree:
 *
 * ```
 * ftyp
 * moov
 * ├─ mvhd
 * ├─ trak                     one for each track
 * │  ├─ tkhd
 * │  ├─ edts ─ elst           only where the track does not start with the movie
 * │  └─ mdia
 * │     ├─ mdhd
 * │     ├─ hdlr
 * │     └─ minf
 * │        ├─ vmhd | smhd
 * │        ├─ dinf ─ dref ─ url
 * │        └─ stbl
 * │           ├─ stsd         ./sample_entry.ts
 * │           └─ stts stsc stsz stco …
 * └─ mvex ─ trex …            only where fragments follow
 * ```
 *
 * Knows no codec. Fragments are written by ./fragment.ts, full sample tables by ../recordings/.
 *
 * @module
 */

import type { Track } from "../../shared/media.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { stsd } from "./sample_entry.ts";

/** Ticks a second of the movie's own times: MPEG-TS's, so that edits are exact. */
export const MOVIE_TIMESCALE = 90_000;

/** The brand of our own fragments (contract §5): one sample run each, stamped with `prft`. */
export const RILL_BRAND = "rill";

/** What `tfhd`/`trex` flags say of a picture that needs others: sample_depends_on 1, non-sync (§8.8.3.1). */
export const DEPENDENT_SAMPLE_FLAGS = 0x0101_0000;
/** What they say of a sample that needs no other: sample_depends_on 2, sync (§8.8.3.1). */
export const SYNC_SAMPLE_FLAGS = 0x0200_0000;

const UNDETERMINED_LANGUAGE = 0x55c4; // "und", three letters of five bits
const TRACK_ENABLED = 0x000001;
const TRACK_IN_MOVIE = 0x000002;
const DATA_IN_SAME_FILE = 0x000001;
const UNITY_MATRIX = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];
const TWO_32 = 2 ** 32;

/** One line of an edit list. */
export interface Edit {
  /** Length in the movie's timescale. */
  readonly duration: number;
  /** Start in the track's timescale, or -1: nothing is shown. */
  readonly mediaTime: number;
}

/** A track of a movie as it stands in `moov`. */
export interface MovieTrack {
  readonly track: Track;
  /** All its samples together, in the track's timescale; 0 where fragments follow. */
  readonly mediaDuration: number;
  /** The same with its edits, in the movie's timescale; 0 where fragments follow. */
  readonly duration: number;
  /** Empty: the track starts with the movie. */
  readonly edits: readonly Edit[];
  /** Writes what follows `stsd` in `stbl`. */
  readonly writeTables: (w: ByteWriter) => void;
}

/** What `moov` states besides its tracks. */
export interface MovieOptions {
  readonly tracks: readonly MovieTrack[];
  /** In the movie's timescale; 0 where fragments follow: players then take the stream for live. */
  readonly duration: number;
  /** Seconds since 1904-01-01 UTC, 0 where it is not known. */
  readonly creationTime: number;
  /** Whether fragments follow. */
  readonly fragmented: boolean;
}

/** A box with version and flags, §4.2 FullBox. */
export function fullBox(
  w: ByteWriter,
  code: string,
  { version = 0, flags = 0, body }: { version?: number; flags?: number; body: () => void },
): void {
  w.box(code, () => {
    w.u8(version); // version
    w.u24(flags); // flags
    body();
  });
}

/** File type, §4.3. The major brand comes first among the compatible ones, as it must be one of them. */
export function ftyp(w: ByteWriter, brands: readonly [major: string, ...others: string[]]): void {
  w.box("ftyp", () => {
    w.fourcc(brands[0]); // major_brand
    w.u32(0); // minor_version
    for (const brand of brands) w.fourcc(brand); // compatible_brands[]
  });
}

/** Movie, §8.2.1. */
export function moov(w: ByteWriter, movie: MovieOptions): void {
  w.box("moov", () => {
    mvhd(w, movie);
    for (const track of movie.tracks) trak(w, track, movie.creationTime);
    if (movie.fragmented) mvex(w, movie.tracks);
  });
}

/** Movie header, §8.2.2. */
function mvhd(w: ByteWriter, { tracks, duration, creationTime }: MovieOptions): void {
  const version = versionFor(duration, creationTime);
  fullBox(w, "mvhd", {
    version,
    body: () => {
      time(w, version, creationTime); // creation_time
      time(w, version, creationTime); // modification_time
      w.u32(MOVIE_TIMESCALE); // timescale
      time(w, version, duration); // duration
      w.fixed16_16(1); // rate
      w.u16(0x0100); // volume
      w.zeros(2); // reserved
      w.zeros(8); // reserved
      matrix(w); // matrix
      w.zeros(24); // pre_defined
      w.u32(1 + Math.max(0, ...tracks.map(({ track }) => track.id))); // next_track_ID
    },
  });
}

/** Track, §8.3.1. */
function trak(w: ByteWriter, movieTrack: MovieTrack, creationTime: number): void {
  w.box("trak", () => {
    tkhd(w, movieTrack, creationTime);
    if (movieTrack.edits.length > 0) w.box("edts", () => elst(w, movieTrack.edits));
    mdia(w, movieTrack, creationTime);
  });
}

/** Track header, §8.3.2. */
function tkhd(w: ByteWriter, { track, duration }: MovieTrack, creationTime: number): void {
  const version = versionFor(duration, creationTime);
  fullBox(w, "tkhd", {
    version,
    flags: TRACK_ENABLED | TRACK_IN_MOVIE,
    body: () => {
      time(w, version, creationTime); // creation_time
      time(w, version, creationTime); // modification_time
      w.u32(track.id); // track_ID
      w.zeros(4); // reserved
      time(w, version, duration); // duration
      w.zeros(8); // reserved
      w.i16(0); // layer
      w.i16(0); // alternate_group
      w.u16(track.kind === "audio" ? 0x0100 : 0); // volume
      w.zeros(2); // reserved
      matrix(w); // matrix
      const size = presentationSize(track);
      w.fixed16_16(size.width); // width
      w.fixed16_16(size.height); // height
    },
  });
}

/** Edit list, §8.6.6. */
function elst(w: ByteWriter, edits: readonly Edit[]): void {
  // media_time is signed: it has a bit less than the others
  const version = versionFor(...edits.map((edit) => Math.max(edit.duration, 2 * edit.mediaTime)));
  fullBox(w, "elst", {
    version,
    body: () => {
      w.u32(edits.length); // entry_count
      for (const edit of edits) {
        time(w, version, edit.duration); // segment_duration
        if (version === 1) w.i64(edit.mediaTime); // media_time
        else w.i32(edit.mediaTime); // media_time
        w.u16(1); // media_rate_integer
        w.u16(0); // media_rate_fraction
      }
    },
  });
}

/** Media, §8.4.1, with all below it. */
function mdia(w: ByteWriter, movieTrack: MovieTrack, creationTime: number): void {
  const { track } = movieTrack;
  w.box("mdia", () => {
    mdhd(w, movieTrack, creationTime);
    hdlr(w, track);
    w.box("minf", () => { // §8.4.4
      if (track.kind === "video") vmhd(w);
      else smhd(w);
      w.box("dinf", () => dref(w)); // §8.7.1
      w.box("stbl", () => { // §8.5.1
        stsd(w, track);
        movieTrack.writeTables(w);
      });
    });
  });
}

/** Media header, §8.4.2. */
function mdhd(w: ByteWriter, { track, mediaDuration }: MovieTrack, creationTime: number): void {
  const version = versionFor(mediaDuration, creationTime);
  fullBox(w, "mdhd", {
    version,
    body: () => {
      time(w, version, creationTime); // creation_time
      time(w, version, creationTime); // modification_time
      w.u32(track.timescale); // timescale
      time(w, version, mediaDuration); // duration
      w.u16(UNDETERMINED_LANGUAGE); // language
      w.u16(0); // pre_defined
    },
  });
}

/** Handler reference, §8.4.3. */
function hdlr(w: ByteWriter, track: Track): void {
  fullBox(w, "hdlr", {
    body: () => {
      w.u32(0); // pre_defined
      w.fourcc(track.kind === "video" ? "vide" : "soun"); // handler_type
      w.zeros(12); // reserved
      const name = track.kind === "video" ? "Picture" : "Sound";
      for (let i = 0; i < name.length; i++) w.u8(name.charCodeAt(i)); // name
      w.u8(0); // its terminator
    },
  });
}

/** Video media header, §12.1.2. */
function vmhd(w: ByteWriter): void {
  fullBox(w, "vmhd", {
    flags: 1, // the standard demands it
    body: () => {
      w.u16(0); // graphicsmode: copy
      w.zeros(6); // opcolor
    },
  });
}

/** Sound media header, §12.2.2. */
function smhd(w: ByteWriter): void {
  fullBox(w, "smhd", {
    body: () => {
      w.i16(0); // balance
      w.zeros(2); // reserved
    },
  });
}

/** Data reference, §8.7.2: the media are in this file. */
function dref(w: ByteWriter): void {
  fullBox(w, "dref", {
    body: () => {
      w.u32(1); // entry_count
      fullBox(w, "url ", { flags: DATA_IN_SAME_FILE, body: () => {} });
    },
  });
}

/** Movie extends, §8.8.1, with a `trex` for each track. No `mehd`: the length is not known. */
function mvex(w: ByteWriter, tracks: readonly MovieTrack[]): void {
  w.box("mvex", () => {
    for (const { track } of tracks) trex(w, track);
  });
}

/** Track extends, §8.8.3: a sample is taken for one that depends on others if it is a picture. */
function trex(w: ByteWriter, track: Track): void {
  fullBox(w, "trex", {
    body: () => {
      w.u32(track.id); // track_ID
      w.u32(1); // default_sample_description_index
      w.u32(0); // default_sample_duration
      w.u32(0); // default_sample_size
      w.u32(track.kind === "video" ? DEPENDENT_SAMPLE_FLAGS : SYNC_SAMPLE_FLAGS); // default_sample_flags
    },
  });
}

/** A track whose samples are all in fragments: no duration, no edits, empty tables. */
export function fragmentedTrack(track: Track): MovieTrack {
  return { track, mediaDuration: 0, duration: 0, edits: [], writeTables: emptyTables };
}

/** `stts` `stsc` `stsz` `stco`, empty. */
function emptyTables(w: ByteWriter): void {
  fullBox(w, "stts", { body: () => w.u32(0) }); // §8.6.1.2: entry_count
  fullBox(w, "stsc", { body: () => w.u32(0) }); // §8.7.4: entry_count
  fullBox(w, "stsz", { // §8.7.3.2
    body: () => {
      w.u32(0); // sample_size
      w.u32(0); // sample_count
    },
  });
  fullBox(w, "stco", { body: () => w.u32(0) }); // §8.7.5: entry_count
}

/** Size on the screen: pixels that are not square are widened or narrowed. */
function presentationSize(track: Track): { width: number; height: number } {
  if (track.kind === "audio") return { width: 0, height: 0 };
  const { width, height, pixelAspect } = track;
  if (pixelAspect === undefined) return { width, height };
  return { width: width * pixelAspect.horizontal / pixelAspect.vertical, height };
}

function matrix(w: ByteWriter): void {
  for (const value of UNITY_MATRIX) w.u32(value);
}

/** Version 1 has 64-bit times; version 0 is what every reader knows, so it is used while it can hold them. */
function versionFor(...times: readonly number[]): 0 | 1 {
  return times.some((value) => value >= TWO_32) ? 1 : 0;
}

function time(w: ByteWriter, version: 0 | 1, value: number): void {
  if (version === 1) w.u64(value);
  else w.u32(value);
}
