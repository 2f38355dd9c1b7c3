/**
 * What a recording's file tells of itself: tracks and length, from its index (ISO/IEC 14496-12:2015 §8.2). Reads boxes,
 * no media.
 *
 * @module
 */

import { boxHeaderAt, findBox, u32At, u64At } from "../../shared/mp4/box_reader.ts";
import { readTracks } from "../../shared/mp4/init_reader.ts";
import type { Track } from "../../shared/media.ts";

/** An index of days is read, damage is not. */
const MAX_INDEX_BYTES = 256 << 20;
const LONG_HEADER_BYTES = 16;

/** What was found. */
export interface RecordingFile {
  readonly tracks: readonly Track[];
  /** Of media; `undefined` in a file that is not closed. */
  readonly seconds?: number;
}

/** Reads the file at `path`; `undefined` when it is no MP4. */
export async function readRecordingFile(path: string): Promise<RecordingFile | undefined> {
  using file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  for (let at = 0; at < size;) {
    const header = boxHeaderAt(await readAt(file, at, LONG_HEADER_BYTES), 0);
    if (header?.byteLength === undefined) return undefined;
    if (header.type === "moov") {
      if (header.byteLength > MAX_INDEX_BYTES || at + header.byteLength > size) return undefined;
      return readIndex(await readAt(file, at, header.byteLength));
    }
    at += header.byteLength;
  }
  return undefined;
}

function readIndex(moov: Uint8Array<ArrayBuffer>): RecordingFile {
  const tracks = readTracks(moov);
  // Movie header box, §8.2.2.
  const header = findBox(moov, "moov/mvhd")?.body ?? new Uint8Array(0);
  const long = header[0] === 1;
  if (header.length < (long ? 32 : 20)) return { tracks };
  const timescale = u32At(header, long ? 20 : 12);
  const duration = long ? u64At(header, 24) : u32At(header, 16);
  return duration > 0 && timescale > 0 ? { tracks, seconds: duration / timescale } : { tracks };
}

async function readAt(
  file: Deno.FsFile,
  at: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await file.seek(at, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
