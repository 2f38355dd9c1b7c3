/**
 * The sample tables of a movie that is not fragmented (ISO/IEC 14496-12:2015 §8.6.1, §8.7): where each sample lies in
 * the file and when it is decoded, in the order of the file.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { findBox, i32At, u32At, u64At } from "../../shared/mp4/box_reader.ts";
import type { OpenTrack, PlacedSample } from "./samples.ts";

/** Three hours and a half of pictures and sound; a longer file is played so far. */
export const MAX_SAMPLES = 1_000_000;

/** Bytes of a line of `stsc`, §8.7.4, and of its head. */
const CHUNK_LINE_BYTES = 12;
const TABLE_HEAD_BYTES = 8;

/** A table of runs: how many samples, and what is theirs. */
class Runs {
  readonly #table: Bytes | undefined;
  readonly #count: number;
  #run = 0;
  #left = 0;
  #value = 0;
  readonly #signed: boolean;

  constructor(table: Bytes | undefined, { signed }: { readonly signed: boolean }) {
    this.#table = table;
    this.#count = table ? u32At(table, 4) : 0;
    this.#signed = signed;
  }

  /** Of the next sample; the last value goes on where the table ends. */
  next(): number {
    while (this.#table && this.#left === 0 && this.#run < this.#count) {
      const at = 8 + 8 * this.#run++;
      if (at + 8 > this.#table.length) break;
      this.#left = u32At(this.#table, at);
      this.#value = this.#signed ? i32At(this.#table, at + 4) : u32At(this.#table, at + 4);
    }
    if (this.#left > 0) this.#left--;
    return this.#value;
  }
}

/** Reads the tables of the tracks that are played. Damaged ones end where they make no sense. */
export function readSampleTables(
  tables: readonly { readonly track: OpenTrack; readonly table: Bytes }[],
): readonly PlacedSample[] {
  const samples: PlacedSample[] = [];
  for (const { track, table } of tables) readSampleTable(track, { table, samples });
  return samples.sort((a, b) => a.offset - b.offset);
}

function readSampleTable(
  track: OpenTrack,
  { table, samples }: { readonly table: Bytes; readonly samples: PlacedSample[] },
): void {
  const sizes = findBox(table, "stsz")?.body;
  const chunks = findBox(table, "stsc")?.body;
  const wide = findBox(table, "co64")?.body;
  const offsets = wide ?? findBox(table, "stco")?.body;
  if (!sizes || !chunks || !offsets) return;
  const common = u32At(sizes, 4);
  const count = u32At(sizes, 8);
  const durations = new Runs(findBox(table, "stts")?.body, { signed: false });
  const compositions = new Runs(findBox(table, "ctts")?.body, { signed: true });
  // A count that lies is no reason to look behind the table's end.
  const lines = Math.min(
    u32At(chunks, 4),
    Math.floor((chunks.length - TABLE_HEAD_BYTES) / CHUNK_LINE_BYTES),
  );
  const chunkCount = Math.min(u32At(offsets, 4), (offsets.length - 8) / (wide ? 8 : 4));
  let entry = 0;
  let dts = 0;
  let index = 0;
  for (let chunk = 1; chunk <= chunkCount && index < count; chunk++) {
    while (entry + 1 < lines && u32At(chunks, 8 + 12 * (entry + 1)) <= chunk) entry++;
    let offset = wide ? u64At(wide, 8 * chunk) : u32At(offsets, 4 + 4 * chunk);
    const inChunk = u32At(chunks, 8 + 12 * entry + 4);
    for (let i = 0; i < inChunk && index < count && samples.length < MAX_SAMPLES; i++, index++) {
      if (common === 0 && 12 + 4 * index + 4 > sizes.length) return;
      const size = common === 0 ? u32At(sizes, 12 + 4 * index) : common;
      const duration = durations.next();
      samples.push({ track, offset, size, dts, duration, compositionOffset: compositions.next() });
      offset += size;
      dts += duration;
    }
  }
}
