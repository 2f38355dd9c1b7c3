/**
 * One file of a recording, a hybrid MP4 (contract §12): while open `ftyp`, eight free bytes, `moov` and a
 * part a second, each part playable as soon as it is written; on close an index is appended that points
 * into the parts. Payloads are written once, as they came. Rolling to the next file is ./recorder.ts.
 *
 * Memory: a part (`MAX_PART_BYTES` at most, and one picture) and the index, see ./sample_table.ts.
 *
 * @module
 */

import type { Batch, Fragment, Track } from "../../shared/media.ts";
import { rescale, ticks } from "../../shared/units.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import { fragmentedTrack, ftyp, moov, MOVIE_TIMESCALE } from "../fmp4/boxes.ts";
import { closeWithIndex, type Reserve } from "./close.ts";
import { commonGrid } from "./common_grid.ts";
import { writeFlatMoov } from "./flat_moov.ts";
import { type RecordingOutput, takeBack } from "./output.ts";
import { type PartTrack, writePartHeader } from "./part.ts";
import { SampleTable } from "./sample_table.ts";
import { TrackRun } from "./track_run.ts";

/** Media in a part, so also what a crash may cost. */
export const PART_SECONDS = 1;
/** A part of more is written before its second is over. */
export const MAX_PART_BYTES = 16 << 20;
/** Likewise: a stream of tiny samples. */
export const MAX_PART_SAMPLES = 10_000;

/** What the file conforms to, open and closed. Not Rill's own brand: a part is not one sample run. */
const BRANDS = ["iso6", "isom", "mp41"] as const;
/** Part and index need at most so much for a waiting sample: 16 bytes in `trun`, 24 in the sample tables. */
const SAMPLE_BYTES = 40;
/** And so much whatever there is: headers of the last part and of the index. */
const FRAME_BYTES = 4096;
/** Seconds from 1904-01-01, the epoch of MP4, to the Unix epoch. */
const MP4_UNIX_SECONDS = 2_082_844_800;

/** How a file is written. */
export interface WriterOptions {
  readonly tracks: readonly Track[];
  /** Milliseconds since the Unix epoch. */
  readonly createdMs: number;
  /** Whether a power cut may come at any time: each part is then on the disk before the next is gathered. */
  readonly durable: boolean;
}

/** What is in a file so far, waiting samples included. */
export interface WriterTotals {
  readonly bytes: number;
  /** At most so many when the file is closed. */
  readonly closedBytes: number;
  readonly pictures: number;
  readonly sounds: number;
  /** Media seconds. */
  readonly seconds: number;
  /** Samples left out because they belong before the file's start. */
  readonly early: number;
}

interface TrackState {
  readonly run: TrackRun;
  readonly table: SampleTable;
  /** Decode time of its first sample, on the stream's clock. */
  start: number | undefined;
  /** The file's zero, on the stream's clock in the track's timescale. */
  origin: number;
}

/** Writes one file. Fragments must be of the tracks it was opened with, the first picture a key. */
export class RecordingWriter {
  readonly #output: RecordingOutput;
  readonly #options: WriterOptions;
  readonly #states: TrackState[];
  readonly #header = new ByteWriter(4096);
  readonly #reserve: Reserve;
  #parts = 0;
  #settled = false;
  #closed = false;
  #early = 0;

  /**
   * Writes what stands before the first part.
   * @throws {RecordingError} when the file cannot be written.
   */
  constructor(output: RecordingOutput, options: WriterOptions) {
    this.#output = output;
    this.#options = options;
    this.#states = options.tracks.map((track) => ({
      run: new TrackRun(track),
      table: new SampleTable(),
      start: undefined,
      origin: 0,
    }));
    const w = this.#header;
    ftyp(w, BRANDS);
    this.#reserve = { at: w.position, bytes: 16 };
    w.box("free", () => {}); // §8.1.2: with the moov's header, room for an mdat header of 16 bytes
    moov(w, {
      tracks: options.tracks.map(fragmentedTrack),
      duration: 0,
      creationTime: this.#creationTime,
      fragmented: true,
    });
    output.append(w.written());
  }

  /** What has been taken in; of a closed file, what is in it. */
  get totals(): WriterTotals {
    let bytes = this.#output.length;
    let more = this.#closed ? 0 : FRAME_BYTES;
    let pictures = 0;
    let sounds = 0;
    let seconds = 0;
    for (const { run, table } of this.#states) {
      let count = table.count;
      let length = table.decodeEnd / run.track.timescale;
      if (!this.#closed) {
        bytes += run.bytes;
        more += table.indexBytes + SAMPLE_BYTES * run.count;
        count += run.count;
        length += run.seconds;
      }
      if (run.track.kind === "video") pictures += count;
      else sounds += count;
      seconds = Math.max(seconds, length);
    }
    return { bytes, closedBytes: bytes + more, pictures, sounds, seconds, early: this.#early };
  }

  /**
   * Takes one fragment of a batch. Hot: once per frame.
   * @throws {RecordingError} when the file cannot be written; it then holds every whole part.
   */
  add(fragment: Fragment, batch: Batch): void {
    const state = this.#stateOf(fragment.track);
    if (state === undefined || fragment.sizes.length === 0) return;
    if (this.#settled && fragment.dts < state.origin) {
      this.#early += fragment.sizes.length;
      return;
    }
    state.start ??= fragment.dts;
    state.run.add(fragment, batch);
    if (this.#due()) this.#cut("known");
  }

  /** Writes what can be written, whether or not its second is over. */
  flush(): void {
    this.#cut("known");
  }

  /**
   * Writes what waits and the index, and closes the file, which is playable in any case.
   * @throws {RecordingError} when not all of that could be written.
   */
  close(): void {
    try {
      try {
        this.#cut("all");
      } finally {
        this.#index();
      }
    } finally {
      this.#closed = true;
      this.#output.close();
    }
  }

  get #creationTime(): number {
    return Math.floor(this.#options.createdMs / 1000) + MP4_UNIX_SECONDS;
  }

  #stateOf(id: number): TrackState | undefined {
    for (const state of this.#states) if (state.run.track.id === id) return state;
    return undefined;
  }

  #due(): boolean {
    let bytes = 0;
    let samples = 0;
    let seconds = 0;
    let pictureToCome = false;
    for (const { run, start } of this.#states) {
      if (run.track.kind === "video" && start === undefined) pictureToCome = true;
      bytes += run.bytes;
      samples += run.count;
      seconds = Math.max(seconds, run.seconds);
    }
    if (bytes >= MAX_PART_BYTES || samples >= MAX_PART_SAMPLES) return true;
    // The first picture may be older than sound that came before it: the file's zero waits for it.
    return seconds >= PART_SECONDS && !pictureToCome;
  }

  /** The file's zero: the last point that all tracks can state before anything in it. */
  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    let first = Infinity;
    for (const { run, start } of this.#states) {
      if (start === undefined) continue;
      first = Math.min(first, rescale(start, run.track.timescale, MOVIE_TIMESCALE));
    }
    const grid = commonGrid(this.#options.tracks.map((track) => track.timescale));
    const zero = Math.floor(first / grid) * grid;
    for (const state of this.#states) {
      state.origin = rescale(zero, MOVIE_TIMESCALE, state.run.track.timescale);
    }
  }

  #cut(what: "known" | "all"): void {
    const taken: (TrackState & PartTrack)[] = [];
    for (const state of this.#states) {
      const count = state.run.ready(what);
      if (count === 0) continue;
      this.#settle();
      taken.push({ ...state, count, payloadBytes: state.run.payload(count).length });
    }
    if (taken.length === 0) return;
    const start = this.#output.length;
    const w = this.#header;
    w.reset();
    writePartHeader(w, {
      sequence: ++this.#parts,
      tracks: taken,
      capture: captureOf(taken),
    });
    try {
      this.#output.append(w.written());
      for (const { run, count } of taken) this.#output.append(run.payload(count));
      if (this.#options.durable) this.#output.sync();
    } catch (error) {
      takeBack(this.#output, start); // a torn part would be in the index's way
      throw error;
    }
    let payloadAt = start + w.position;
    for (const { run, table, count, payloadBytes } of taken) {
      for (let i = 0; i < count; i++) {
        table.add({
          size: run.sizes[i] ?? 0,
          duration: run.durationAt(i),
          compositionOffset: run.offsets[i] ?? 0,
          key: run.keys[i] ?? false,
        });
      }
      table.addChunk(payloadAt, count);
      payloadAt += payloadBytes;
      run.drop(count);
    }
  }

  #index(): void {
    if (this.#states.every(({ table }) => table.count === 0)) return;
    closeWithIndex(this.#output, {
      index: writeFlatMoov(
        this.#states.map(({ run, table, start }) => ({
          track: run.track,
          table,
          start: start ?? 0,
        })),
        { creationTime: this.#creationTime },
      ),
      reserve: this.#reserve,
      durable: this.#options.durable,
    });
  }
}

/** When the part's first picture was taken; sound alone has no such time. */
function captureOf(
  taken: readonly PartTrack[],
): Parameters<typeof writePartHeader>[1]["capture"] {
  for (const { run, origin } of taken) {
    const time = run.arrivals[0];
    if (run.track.kind !== "video" || time === undefined) continue;
    const mediaTime = ticks((run.times[0] ?? 0) + (run.offsets[0] ?? 0) - origin);
    return { track: run.track.id, time, mediaTime };
  }
  return undefined;
}
