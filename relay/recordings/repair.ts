/**
 * A recording that was never closed, because of a crash or a power cut, gets the index it lacks (contract
 * §12). Nothing in it is moved or cut off; what a torn end holds stays there, unreachable. Also takes a
 * `stream.mp4` saved from the relay, which is such a file with a fragment for each frame.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Track } from "../../shared/media.ts";
import { boxAt, type BoxHeader, boxHeaderAt, findBox, u32At } from "../../shared/mp4/box_reader.ts";
import {
  readMovieFragment,
  readSampleDefaults,
  type SampleDefaults,
} from "../../shared/mp4/fragment_reader.ts";
import { readTracks } from "../../shared/mp4/init_reader.ts";
import { BOX_HEADER_BYTES } from "../bytes/byte_writer.ts";
import { closeWithIndex, type Reserve } from "./close.ts";
import { FileOutput } from "./file_output.ts";
import { writeFlatMoov } from "./flat_moov.ts";
import { RecordingError } from "./output.ts";
import { TrackIndex } from "./track_index.ts";

/** Nothing was recorded before it broke off: there is nothing to lose. */
export class EmptyRecording extends RecordingError {
  override readonly name = "EmptyRecording";
}

/** Most that a `moov` or `moof` may take to be read. */
const MAX_INDEX_BOX_BYTES = 16 << 20;
const LONG_HEADER_BYTES = 16;

/** What became of a file. */
export type Repair =
  /** It had its index already; nothing was touched. */
  | { readonly kind: "whole" }
  /** It has one now. */
  | {
    readonly kind: "repaired";
    /** Samples found. */
    readonly samples: number;
    /** Bytes at the end that are no whole part, and so not shown. */
    readonly lostBytes: number;
  };

/**
 * Gives the file at `path` its index.
 * @throws {EmptyRecording} when there is nothing in it, or nothing but its opening.
 * @throws {RecordingError} when it is no recording, holds nothing whole, or cannot be read or written.
 */
export function repairRecording(path: string): Repair {
  const file = FileOutput.open(path, "repair");
  try {
    return repair(file);
  } finally {
    file.close();
  }
}

/** The start of an unclosed recording. */
interface Opening {
  readonly tracks: readonly Track[];
  readonly defaults: ReadonlyMap<number, SampleDefaults>;
  readonly creationTime: number;
  readonly reserve: Reserve;
  /** First byte after the `moov`. */
  readonly end: number;
}

function repair(file: FileOutput): Repair {
  if (file.length === 0) {
    throw new EmptyRecording(`${file.path} is no recording of Rill's: it is empty`);
  }
  const opening = readOpening(file);
  if (opening === "whole") return { kind: "whole" };
  const indexes = new Map(opening.tracks.map((track) => [track.id, new TrackIndex(track)]));
  const end = scanParts(file, { opening, indexes });
  const filled = [...indexes.values()].map((index) => index.finish());
  const samples = filled.reduce((sum, { table }) => sum + table.count, 0);
  if (samples === 0) {
    const isEmpty = end.lostBytes === 0;
    throw new (isEmpty ? EmptyRecording : RecordingError)(
      `${file.path} holds no picture and no sound`,
    );
  }
  closeWithIndex(file, {
    index: writeFlatMoov(filled, { creationTime: opening.creationTime }),
    reserve: opening.reserve,
    durable: true,
  });
  return { kind: "repaired", samples, lostBytes: end.lostBytes };
}

function readOpening(file: FileOutput): Opening | "whole" {
  let free: { at: number; bytes: number } | undefined;
  let first = true;
  for (let at = 0;;) {
    const header = headerAt(file, at);
    if (header?.byteLength === undefined || first !== (header.type === "ftyp")) {
      throw noRecording(file.path);
    }
    first = false;
    if (header.type === "mdat") {
      if (indexFollows(file, at)) return "whole";
      throw noRecording(file.path);
    }
    if (header.type === "moov") return readMoov(file, { at, bytes: header.byteLength, free });
    free = header.type === "free" ? { at, bytes: header.byteLength } : undefined;
    at += header.byteLength;
  }
}

function readMoov(
  file: FileOutput,
  { at, bytes, free }: { at: number; bytes: number; free: Reserve | undefined },
): Opening {
  const whole = readBox(file, at, bytes);
  const tracks = whole === undefined ? [] : readTracks(whole);
  if (whole === undefined || tracks.length === 0) {
    throw new RecordingError(`${file.path} is damaged: its first "moov" describes no track`);
  }
  const movieHeader = findBox(whole, "moov/mvhd")?.body ?? new Uint8Array(0);
  return {
    tracks,
    defaults: readSampleDefaults(whole),
    creationTime: movieHeader[0] === 1 ? 0 : u32At(movieHeader, 4),
    reserve: free === undefined
      ? { at, bytes: BOX_HEADER_BYTES }
      : { at: free.at, bytes: free.bytes + BOX_HEADER_BYTES },
    end: at + bytes,
  };
}

/** Whether a `moov` follows the box at `at`. */
function indexFollows(file: FileOutput, at: number): boolean {
  for (let header = headerAt(file, at); header?.byteLength !== undefined;) {
    at += header.byteLength;
    header = headerAt(file, at);
    if (header?.type === "moov") return true;
  }
  return false;
}

/** Puts every whole part into the indexes. */
function scanParts(
  file: FileOutput,
  { opening, indexes }: { opening: Opening; indexes: ReadonlyMap<number, TrackIndex> },
): { lostBytes: number } {
  let at = opening.end;
  let wholeUpTo = at;
  for (;;) {
    const header = headerAt(file, at);
    if (header?.byteLength === undefined || at + header.byteLength > file.length) break;
    if (header.type === "moof") {
      const end = readPart(file, { at, bytes: header.byteLength, opening, indexes });
      if (end === undefined) break;
      at = end;
      wholeUpTo = end;
    } else if (header.type === "moov" || header.type === "mdat") {
      break; // an index that was being appended, or damage
    } else {
      at += header.byteLength; // prft and whatever else stands between
    }
  }
  return { lostBytes: file.length - wholeUpTo };
}

/** Answers where the part ends; `undefined` when it is damaged or not whole. */
function readPart(
  file: FileOutput,
  { at, bytes, opening, indexes }: {
    at: number;
    bytes: number;
    opening: Opening;
    indexes: ReadonlyMap<number, TrackIndex>;
  },
): number | undefined {
  const mdat = headerAt(file, at + bytes);
  if (mdat?.type !== "mdat" || mdat.byteLength === undefined) return undefined;
  const end = at + bytes + mdat.byteLength;
  const whole = end > file.length ? undefined : readBox(file, at, bytes);
  const moof = whole === undefined ? undefined : boxAt(whole, 0);
  if (moof === undefined) return undefined;
  const tracks = readMovieFragment(moof, { defaults: opening.defaults, available: end - at });
  if (tracks === undefined) return undefined;
  for (const track of tracks) indexes.get(track.track)?.add(track, at);
  return end;
}

function headerAt(file: FileOutput, at: number): BoxHeader | undefined {
  const bytes = new Uint8Array(LONG_HEADER_BYTES);
  return boxHeaderAt(bytes.subarray(0, file.read(at, bytes)), 0);
}

function readBox(file: FileOutput, at: number, size: number): Bytes | undefined {
  if (size > MAX_INDEX_BOX_BYTES) return undefined;
  const bytes = new Uint8Array(size);
  return file.read(at, bytes) === size ? bytes : undefined;
}

function noRecording(path: string): RecordingError {
  return new RecordingError(
    `${path} is no recording of Rill's: it does not begin with "ftyp" and "moov"`,
  );
}
