/**
 * A part of a recording: what came in about a second, as one fragment for all tracks. All of it but the
 * payloads is written here (ISO/IEC 14496-12:2015 §8.8):
 *
 * ```
 * prft                   when the part's first picture was taken
 * moof
 * ├─ mfhd
 * └─ traf                one for each track with samples
 *    ├─ tfhd
 *    ├─ tfdt             from the file's start
 *    └─ trun
 * mdat                   its header; payloads follow, track by track
 * ```
 *
 * One fragment a second instead of one a frame: a file that was never closed then opens thirty times as
 * fast, and is a percent or two smaller.
 *
 * @module
 */

import type { CaptureTime } from "../../shared/mp4/fragment_reader.ts";
import { BOX_HEADER_BYTES, type ByteWriter } from "../bytes/byte_writer.ts";
import { DEPENDENT_SAMPLE_FLAGS, fullBox, SYNC_SAMPLE_FLAGS } from "../fmp4/boxes.ts";
import { prft } from "../fmp4/capture_time.ts";
import type { TrackRun } from "./track_run.ts";

const DEFAULT_BASE_IS_MOOF = 0x020000; // tfhd
const DATA_OFFSET = 0x000001; // trun
const SAMPLE_DURATION = 0x000100; // trun
const SAMPLE_SIZE = 0x000200; // trun
const SAMPLE_FLAGS = 0x000400; // trun
const COMPOSITION_OFFSET = 0x000800; // trun

/** The samples of one track that a part takes. */
export interface PartTrack {
  readonly run: TrackRun;
  /** The first so many of them, at least one. */
  readonly count: number;
  /** Their bytes. */
  readonly payloadBytes: number;
  /** The file's zero on the run's clock. */
  readonly origin: number;
}

/** A part. */
export interface Part {
  /** From 1. */
  readonly sequence: number;
  readonly tracks: readonly PartTrack[];
  readonly capture: CaptureTime | undefined;
}

/** Writes everything before the payloads. */
export function writePartHeader(w: ByteWriter, { sequence, tracks, capture }: Part): void {
  if (capture !== undefined) prft(w, capture);
  const moof = w.begin("moof"); // §8.8.4
  fullBox(w, "mfhd", { body: () => w.u32(sequence) }); // §8.8.5: sequence_number
  const dataOffsets = tracks.map((track) => traf(w, track));
  w.end(moof);
  let payloadAt = w.position - moof + BOX_HEADER_BYTES;
  for (const [index, { payloadBytes }] of tracks.entries()) {
    w.patchU32(dataOffsets[index] ?? 0, payloadAt);
    payloadAt += payloadBytes;
  }
  w.u32(payloadAt - (w.position - moof)); // size of the mdat
  w.fourcc("mdat"); // type, §8.1.1
}

/** Track fragment, §8.8.6; answers where its data_offset is to be written. */
function traf(w: ByteWriter, { run, count, origin }: PartTrack): number {
  const start = w.begin("traf");
  fullBox(w, "tfhd", { // §8.8.7
    flags: DEFAULT_BASE_IS_MOOF,
    body: () => w.u32(run.track.id), // track_ID
  });
  fullBox(w, "tfdt", { // §8.8.12
    version: 1,
    body: () => w.u64((run.times[0] ?? 0) - origin), // baseMediaDecodeTime
  });
  const dataOffset = trun(w, run, count);
  w.end(start);
  return dataOffset;
}

/** Track run, §8.8.8; answers where its data_offset is to be written. Hot: once per sample. */
function trun(w: ByteWriter, run: TrackRun, count: number): number {
  const { sizes, keys, offsets } = run;
  const flagged = run.track.kind === "video"; // sound is what trex says: every sample a key
  let shifted = false;
  for (let i = 0; i < count; i++) if (offsets[i] !== 0) shifted = true;
  const start = w.begin("trun");
  w.u8(1); // version: composition offsets are signed
  w.u24(
    DATA_OFFSET |
      SAMPLE_DURATION |
      SAMPLE_SIZE |
      (flagged ? SAMPLE_FLAGS : 0) |
      (shifted ? COMPOSITION_OFFSET : 0),
  ); // flags
  w.u32(count); // sample_count
  const dataOffset = w.position;
  w.i32(0); // data_offset, known when the moof is whole
  for (let i = 0; i < count; i++) {
    w.u32(run.durationAt(i)); // sample_duration
    w.u32(sizes[i] ?? 0); // sample_size
    if (flagged) w.u32(keys[i] ? SYNC_SAMPLE_FLAGS : DEPENDENT_SAMPLE_FLAGS); // sample_flags
    if (shifted) w.i32(offsets[i] ?? 0); // sample_composition_time_offset
  }
  w.end(start);
  return dataOffset;
}
