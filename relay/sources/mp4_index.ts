/**
 * Where an MP4 file has its index (ISO/IEC 14496-12:2015 §8.2.1): cameras write it behind the media, where a reader
 * that takes the file as it comes finds it too late. Reads box headers only.
 *
 * @module
 */

import { boxHeaderAt } from "../../shared/mp4/box_reader.ts";

/** A header with a 64-bit size. */
const HEADER_BYTES = 16;
/** Boxes of a file looked at until the index is found. */
const MAX_BOXES = 10_000;
/** No index is larger: hours of it. */
export const MAX_INDEX_BYTES = 64 * 1024 * 1024;

/** A part of a file. */
export interface FilePart {
  readonly offset: number;
  readonly byteLength: number;
}

/** Bytes of a file by their place. */
export type ReadAt = (offset: number, into: Uint8Array) => Promise<number>;

/** The index, if it stands behind media; `undefined` where it stands before, or there is none, or this is no MP4. */
export async function findLateIndex(readAt: ReadAt): Promise<FilePart | undefined> {
  const head = new Uint8Array(HEADER_BYTES);
  let offset = 0;
  let afterMedia = false;
  for (let i = 0; i < MAX_BOXES; i++) {
    const filled = await readAt(offset, head);
    const header = boxHeaderAt(head.subarray(0, filled), 0);
    if (!header || header.byteLength === undefined) return undefined;
    if (i === 0 && !FIRST_TYPES.has(header.type)) return undefined;
    if (header.type === "moof") return undefined; // fragmented: each has its own index
    if (header.type === "moov") {
      const { byteLength } = header;
      return afterMedia && byteLength <= MAX_INDEX_BYTES ? { offset, byteLength } : undefined;
    }
    afterMedia ||= header.type === "mdat";
    offset += header.byteLength;
  }
  return undefined;
}

/** What an MP4 file begins with. */
const FIRST_TYPES: ReadonlySet<string> = new Set(["ftyp", "mdat", "wide", "free", "skip", "moov"]);
