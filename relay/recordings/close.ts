/**
 * The last act of a recording (contract §12): the index is appended, then everything before it becomes
 * one `mdat` (ISO/IEC 14496-12:2015 §8.1.1) by a single small write over the first `moov`'s header. Until
 * that write the file is what it was while open, after it an ordinary MP4; there is nothing in between.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { BOX_HEADER_BYTES, ByteWriter } from "../bytes/byte_writer.ts";
import { RecordingError, type RecordingOutput, takeBack } from "./output.ts";

/** An `mdat` header with a 64-bit size. */
const LONG_HEADER_BYTES = 16;
const TWO_32 = 2 ** 32;

/** Where the header of the one `mdat` can be written. */
export interface Reserve {
  /** First byte, in the file. */
  readonly at: number;
  /** Bytes that may be written over: 16, or 8 in a file that kept none free. */
  readonly bytes: number;
}

/** What a file is closed with. */
export interface Closing {
  readonly index: Bytes;
  readonly reserve: Reserve;
  /** Whether a power cut may come at any time: then the index is on the disk before it counts. */
  readonly durable: boolean;
}

/**
 * Appends `index` and makes the rest media. When this throws, the file is as it was, or as near as the disk
 * allows.
 * @throws {RecordingError} when the file cannot be written.
 */
export function closeWithIndex(
  output: RecordingOutput,
  { index, reserve, durable }: Closing,
): void {
  const end = output.length;
  const header = mdatHeader(end - reserve.at, reserve, output.path);
  try {
    output.append(index);
    if (durable) output.sync();
  } catch (error) {
    takeBack(output, end);
    throw error;
  }
  output.overwrite(reserve.at, header);
  if (durable) output.sync();
}

function mdatHeader(size: number, reserve: Reserve, path: string): Bytes {
  const w = new ByteWriter(LONG_HEADER_BYTES);
  if (reserve.bytes >= LONG_HEADER_BYTES) {
    w.u32(1); // size: see largesize
    w.fourcc("mdat"); // type
    w.u64(size); // largesize
  } else if (reserve.bytes >= BOX_HEADER_BYTES && size < TWO_32) {
    w.u32(size); // size
    w.fourcc("mdat"); // type
  } else {
    throw new RecordingError(`${path} has no room for the index's header: it stays as it is`);
  }
  return w.written();
}
