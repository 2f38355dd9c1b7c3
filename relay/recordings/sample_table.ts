/**
 * The index of one track of a recording while it grows, and the boxes it ends in: `stts` `ctts` `stss`
 * `stsc` `stsz` `stco`/`co64` (ISO/IEC 14496-12:2015 §8.6, §8.7). Knows no file and no codec.
 *
 * Memory: 4 bytes a sample for its size, 12 bytes or so for each chunk of about a second. A picture that
 * is not as long as the one before it, or not as much reordered, costs 8 bytes more for each, a key
 * picture 4: an hour of 60 pictures and 47 sounds a second takes 1.5 MB, with the worst of both 5 MB.
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import { fullBox } from "../fmp4/boxes.ts";
import { U32List } from "./u32_list.ts";

const TWO_32 = 2 ** 32;
const MAX_U32 = TWO_32 - 1;

/** A sample as the index keeps it; times in the track's timescale. */
export interface IndexedSample {
  /** Bytes. */
  readonly size: number;
  /** To the next sample's decode time. */
  readonly duration: number;
  /** Presentation minus decode time. */
  readonly compositionOffset: number;
  /** A decoder can start here. */
  readonly key: boolean;
}

/** One track's samples, in decode order; its time 0 is the first one's decode time. Hot: once per sample. */
export class SampleTable {
  readonly #sizes = new U32List();
  /** Pairs: how many samples, how long each. */
  readonly #durations = new U32List();
  /** Pairs: how many samples, their composition offset as a signed number. */
  readonly #offsets = new U32List();
  /** Numbers of the key samples from 1; empty while all are. */
  readonly #keys = new U32List();
  /** Pairs: number of a chunk from 1, how many samples it and those after it have. */
  readonly #chunkRuns = new U32List();
  /** Pairs: high and low half of a chunk's place in the file. */
  readonly #chunks = new U32List();
  #allKeys = true;
  #shifted = false;
  #negative = false;
  #longOffsets = false;
  #end = 0;
  #firstPresented = Infinity;
  #lastPresented = 0;

  /** How many samples there are. */
  get count(): number {
    return this.#sizes.length;
  }

  /** Decode time at which the last sample ends. */
  get decodeEnd(): number {
    return this.#end;
  }

  /** The earliest presentation time; 0 when there are no samples. */
  get presentationStart(): number {
    return this.count === 0 ? 0 : this.#firstPresented;
  }

  /** The latest presentation time at which a sample ends. */
  get presentationEnd(): number {
    return this.#lastPresented;
  }

  /** Bytes that {@link SampleTable.write} will write, headers not counted. */
  get indexBytes(): number {
    const numbers = this.#sizes.length + this.#durations.length + this.#keys.length +
      (this.#shifted ? this.#offsets.length : 0) + 1.5 * this.#chunkRuns.length +
      (this.#longOffsets ? 1 : 0.5) * this.#chunks.length;
    return 4 * numbers;
  }

  /** The next sample. */
  add(sample: IndexedSample): void {
    const { size, compositionOffset, key } = sample;
    const duration = Math.min(sample.duration, MAX_U32);
    const presented = this.#end + compositionOffset;
    if (presented < this.#firstPresented) this.#firstPresented = presented;
    if (presented + duration > this.#lastPresented) this.#lastPresented = presented + duration;
    this.#end += duration;
    if (compositionOffset !== 0) this.#shifted = true;
    if (compositionOffset < 0) this.#negative = true;
    this.#key(key);
    this.#sizes.push(size);
    addRun(this.#durations, duration);
    addRun(this.#offsets, compositionOffset);
  }

  /** The last `samples` samples lie back to back from `offset` in the file. */
  addChunk(offset: number, samples: number): void {
    if (samples === 0) return;
    const runs = this.#chunkRuns;
    if (runs.length === 0 || runs.at(runs.length - 1) !== samples) {
      runs.push(this.#chunks.length / 2 + 1);
      runs.push(samples);
    }
    if (offset >= TWO_32) this.#longOffsets = true;
    this.#chunks.push(Math.floor(offset / TWO_32));
    this.#chunks.push(offset % TWO_32);
  }

  /** Writes what follows `stsd` in `stbl`. */
  write(w: ByteWriter): void {
    writePairs(w, { code: "stts", version: 0, pairs: this.#durations });
    if (!this.#allKeys) this.#stss(w);
    if (this.#shifted) {
      writePairs(w, { code: "ctts", version: this.#negative ? 1 : 0, pairs: this.#offsets });
    }
    this.#stsc(w);
    this.#stsz(w);
    this.#stco(w);
  }

  #key(key: boolean): void {
    if (!key && this.#allKeys) {
      for (let number = 1; number <= this.count; number++) this.#keys.push(number);
      this.#allKeys = false;
    }
    if (key && !this.#allKeys) this.#keys.push(this.count + 1);
  }

  /** Sync samples, §8.6.2. */
  #stss(w: ByteWriter): void {
    fullBox(w, "stss", {
      body: () => {
        w.u32(this.#keys.length); // entry_count
        for (let i = 0; i < this.#keys.length; i++) w.u32(this.#keys.at(i)); // sample_number
      },
    });
  }

  /** Sample to chunk, §8.7.4. */
  #stsc(w: ByteWriter): void {
    const runs = this.#chunkRuns;
    fullBox(w, "stsc", {
      body: () => {
        w.u32(runs.length / 2); // entry_count
        for (let i = 0; i < runs.length; i += 2) {
          w.u32(runs.at(i)); // first_chunk
          w.u32(runs.at(i + 1)); // samples_per_chunk
          w.u32(1); // sample_description_index
        }
      },
    });
  }

  /** Sample sizes, §8.7.3.2. */
  #stsz(w: ByteWriter): void {
    fullBox(w, "stsz", {
      body: () => {
        w.u32(0); // sample_size: each has its own
        w.u32(this.count); // sample_count
        for (let i = 0; i < this.count; i++) w.u32(this.#sizes.at(i)); // entry_size
      },
    });
  }

  /** Chunk offsets, §8.7.5, of 64 bits only where they are needed. */
  #stco(w: ByteWriter): void {
    const long = this.#longOffsets;
    fullBox(w, long ? "co64" : "stco", {
      body: () => {
        w.u32(this.#chunks.length / 2); // entry_count
        for (let i = 0; i < this.#chunks.length; i += 2) {
          if (long) w.u32(this.#chunks.at(i)); // chunk_offset, high half
          w.u32(this.#chunks.at(i + 1)); // chunk_offset
        }
      },
    });
  }
}

/** Counts one more of `value` in a list of pairs (count, value). */
function addRun(pairs: U32List, value: number): void {
  const last = pairs.length - 2;
  if (last >= 0 && pairs.at(last + 1) === value >>> 0) {
    pairs.set(last, pairs.at(last) + 1);
  } else {
    pairs.push(1);
    pairs.push(value);
  }
}

/** Decode times (§8.6.1.2) and composition offsets (§8.6.1.3) have the same form. */
function writePairs(
  w: ByteWriter,
  { code, version, pairs }: { code: string; version: 0 | 1; pairs: U32List },
): void {
  fullBox(w, code, {
    version,
    body: () => {
      w.u32(pairs.length / 2); // entry_count
      for (let i = 0; i < pairs.length; i++) w.u32(pairs.at(i)); // sample_count, then its value
    },
  });
}
