/**
 * What a recording's file tells of itself: tracks and length, from its index (ISO/IEC 14496-12:2015 §8.2). Reads neither
 * media nor the index's tables of samples, which are most of it: a folder holds thousands of files.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Track } from "../../shared/media.ts";
import { boxHeaderAt, findBox, u32At, u64At } from "../../shared/mp4/box_reader.ts";
import { readTracks } from "../../shared/mp4/init_reader.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";

const LONG_HEADER_BYTES = 16;
/** Read at once: boxes that lie together, as those before a track's tables do. */
const WINDOW_BYTES = 4096;
/** Boxes that say what there is (§8.2 to §8.5), and those that they lie in. */
const TELLING: ReadonlySet<string> = new Set(["mvhd", "tkhd", "mdhd", "hdlr", "stsd"]);
const HOLDING: ReadonlySet<string> = new Set(["moov", "trak", "mdia", "minf", "stbl"]);
/** Of one that says something; damage is longer. */
const MAX_TELLING_BYTES = 1 << 20;
/** Boxes that are looked at; damage has more. */
const MAX_BOXES = 1_000;

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
  const windows = new Windows(file);
  for (let at = 0; at < size;) {
    const header = boxHeaderAt(await windows.at(at, LONG_HEADER_BYTES), 0);
    if (header?.byteLength === undefined) return undefined;
    const end = at + header.byteLength;
    if (header.type === "moov") {
      if (end > size) return undefined;
      const outline = new ByteWriter(WINDOW_BYTES);
      await outlineOf(windows, { from: at, to: end, outline });
      return readIndex(outline.written());
    }
    at = end;
  }
  return undefined;
}

function readIndex(moov: Bytes): RecordingFile {
  const tracks = readTracks(moov);
  // Movie header box, §8.2.2.
  const header = findBox(moov, "moov/mvhd")?.body ?? new Uint8Array(0);
  const long = header[0] === 1;
  if (header.length < (long ? 32 : 20)) return { tracks };
  const timescale = u32At(header, long ? 20 : 12);
  const duration = long ? u64At(header, 24) : u32At(header, 16);
  return duration > 0 && timescale > 0 ? { tracks, seconds: duration / timescale } : { tracks };
}

/** Copies the boxes that lie there, without those that say nothing of what there is. */
async function outlineOf(
  windows: Windows,
  { from, to, outline }: {
    readonly from: number;
    readonly to: number;
    readonly outline: ByteWriter;
  },
): Promise<void> {
  for (let at = from; at < to;) {
    const header = boxHeaderAt(await windows.at(at, LONG_HEADER_BYTES), 0);
    if (header?.byteLength === undefined || ++windows.boxes > MAX_BOXES) return;
    const { type, headerBytes, byteLength } = header;
    const end = at + byteLength;
    if (end > to) return;
    if (HOLDING.has(type)) {
      const start = outline.begin(type);
      await outlineOf(windows, { from: at + headerBytes, to: end, outline });
      outline.end(start);
    } else if (TELLING.has(type) && byteLength <= MAX_TELLING_BYTES) {
      outline.bytes(await windows.at(at, byteLength));
    }
    at = end;
  }
}

/** A file, read a piece at a time. */
class Windows {
  /** That have been looked at by whoever reads. */
  boxes = 0;
  readonly #file: Deno.FsFile;
  #from = 0;
  #bytes: Bytes = new Uint8Array(0);

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** The bytes from `at`, fewer at the file's end: a view. */
  async at(at: number, length: number): Promise<Bytes> {
    if (at < this.#from || at + length > this.#from + this.#bytes.length) {
      this.#bytes = await this.#read(at, Math.max(length, WINDOW_BYTES));
      this.#from = at;
    }
    return this.#bytes.subarray(at - this.#from, at - this.#from + length);
  }

  async #read(at: number, length: number): Promise<Bytes> {
    const bytes = new Uint8Array(length);
    await this.#file.seek(at, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < length) {
      const count = await this.#file.read(bytes.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }
}
