/**
 * Media fragments, ISO/IEC 14496-12: one track and one sample run each, so that nothing has to be known but
 * the samples at hand. Knows no codec: a picture's units get a 4-byte length each, sound goes in as it is.
 *
 * ```
 * prft  §8.16.5   capture time (pictures only)
 * moof  §8.8.4
 *   mfhd §8.8.5
 *   traf §8.8.6
 *     tfhd §8.8.7   offsets count from the moof
 *     tfdt §8.8.12
 *     trun §8.8.8
 * mdat  §8.1.1
 * ```
 *
 * Hot: once per frame. The payload is copied once, from the access unit into the batch; writing it there in
 * the first place would save some 17 µs a frame and cost every reader a minute.
 *
 * @module
 */

import { fourCc } from "../../shared/mp4/four_cc.ts";
import type { Sample } from "../../shared/media.ts";
import type { Micros, Ticks } from "../../shared/units.ts";
import { BOX_HEADER_BYTES, type ByteWriter } from "../bytes/byte_writer.ts";

const PRFT = fourCc("prft");
const MOOF = fourCc("moof");
const MFHD = fourCc("mfhd");
const TRAF = fourCc("traf");
const TFHD = fourCc("tfhd");
const TFDT = fourCc("tfdt");
const TRUN = fourCc("trun");
const MDAT = fourCc("mdat");

const FULL_BOX_BYTES = BOX_HEADER_BYTES + 4;
const PRFT_BYTES = FULL_BOX_BYTES + 4 + 8 + 8;
const MFHD_BYTES = FULL_BOX_BYTES + 4;
const TFDT_BYTES = FULL_BOX_BYTES + 8;

const VERSION_1 = 0x01000000;
/** prft: the time is the encoder's input, on a clock of its own that runs true (§8.16.5.3, 24). */
const PRFT_CAPTURE = 24;
/** Bytes of NAL unit length before each unit, as avcC states. */
export const NAL_LENGTH_BYTES = 4;
/** Seconds from the NTP era (1900) to the Unix epoch, RFC 5905 §6. */
const NTP_TO_UNIX_SECONDS = 2_208_988_800;

const TFHD_DEFAULT_SAMPLE_DURATION = 0x000008;
const TFHD_DEFAULT_BASE_IS_MOOF = 0x020000;
const TRUN_DATA_OFFSET = 0x000001;
const TRUN_SAMPLE_DURATION = 0x000100;
const TRUN_SAMPLE_SIZE = 0x000200;
const TRUN_SAMPLE_FLAGS = 0x000400;
const TRUN_COMPOSITION_OFFSET = 0x000800;

/** §8.8.3.1: sample_depends_on = 2 (on no other). */
const FLAGS_KEY = 0x02000000;
/** sample_depends_on = 1, sample_is_non_sync_sample. */
const FLAGS_DELTA = 0x01010000;

const VIDEO_TFHD_BYTES = FULL_BOX_BYTES + 4;
const VIDEO_TRUN_BYTES = FULL_BOX_BYTES + 4 + 4 + 16;
const VIDEO_TRAF_BYTES = BOX_HEADER_BYTES + VIDEO_TFHD_BYTES + TFDT_BYTES + VIDEO_TRUN_BYTES;
const VIDEO_MOOF_BYTES = BOX_HEADER_BYTES + MFHD_BYTES + VIDEO_TRAF_BYTES;
/** Everything before a picture's payload. */
export const VIDEO_HEADER_BYTES = PRFT_BYTES + VIDEO_MOOF_BYTES + BOX_HEADER_BYTES;

const AUDIO_TFHD_BYTES = FULL_BOX_BYTES + 4 + 4;
const AUDIO_TRUN_FIXED_BYTES = FULL_BOX_BYTES + 4 + 4;
const AUDIO_TRAF_FIXED_BYTES = BOX_HEADER_BYTES + AUDIO_TFHD_BYTES + TFDT_BYTES +
  AUDIO_TRUN_FIXED_BYTES;
const AUDIO_MOOF_FIXED_BYTES = BOX_HEADER_BYTES + MFHD_BYTES + AUDIO_TRAF_FIXED_BYTES;

/** Bytes of a picture's payload: its units, each behind its length. */
export function videoPayloadBytes(units: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const unit of units) bytes += NAL_LENGTH_BYTES + unit.length;
  return bytes;
}

/** Bytes of a sound fragment with `samples` samples of `payloadBytes` together. */
export function audioFragmentBytes(samples: number, payloadBytes: number): number {
  return AUDIO_MOOF_FIXED_BYTES + 4 * samples + BOX_HEADER_BYTES + payloadBytes;
}

/** A picture's place in its track. */
export interface VideoPlace {
  readonly track: number;
  /** mfhd sequence_number, from 1. */
  readonly sequence: number;
  readonly duration: Ticks;
  /** From {@link videoPayloadBytes}. */
  readonly payloadBytes: number;
}

/** Writes `prft moof mdat` of one picture. */
export function writeVideoFragment(w: ByteWriter, sample: Sample, place: VideoPlace): void {
  prft(w, place.track, sample);

  w.u32(VIDEO_MOOF_BYTES); // size
  w.u32(MOOF); // type
  mfhd(w, place.sequence);
  w.u32(VIDEO_TRAF_BYTES); // size
  w.u32(TRAF); // type
  w.u32(VIDEO_TFHD_BYTES); // size
  w.u32(TFHD); // type
  w.u32(TFHD_DEFAULT_BASE_IS_MOOF); // version, flags
  w.u32(place.track); // track_ID
  tfdt(w, sample.dts);
  w.u32(VIDEO_TRUN_BYTES); // size
  w.u32(TRUN); // type
  w.u32(
    VERSION_1 |
      TRUN_DATA_OFFSET |
      TRUN_SAMPLE_DURATION |
      TRUN_SAMPLE_SIZE |
      TRUN_SAMPLE_FLAGS |
      TRUN_COMPOSITION_OFFSET,
  ); // version, flags
  w.u32(1); // sample_count
  w.i32(VIDEO_MOOF_BYTES + BOX_HEADER_BYTES); // data_offset
  w.u32(place.duration); // sample_duration
  w.u32(place.payloadBytes); // sample_size
  w.u32(sample.key ? FLAGS_KEY : FLAGS_DELTA); // sample_flags
  w.i32(sample.pts - sample.dts); // sample_composition_time_offset

  w.u32(BOX_HEADER_BYTES + place.payloadBytes); // size
  w.u32(MDAT); // type
  for (const unit of sample.units) {
    w.u32(unit.length); // NALUnitLength
    w.bytes(unit); // NALUnit
  }
}

/** A run of sound samples of one duration that follow each other without a gap. */
export interface AudioRun {
  readonly track: number;
  /** mfhd sequence_number, from 1. */
  readonly sequence: number;
  readonly dts: Ticks;
  readonly sampleDuration: Ticks;
  readonly sizes: readonly number[];
  /** The samples, back to back. */
  readonly payload: Uint8Array;
}

/** Writes `moof mdat` of a run of sound samples. */
export function writeAudioFragment(w: ByteWriter, run: AudioRun): void {
  const tableBytes = 4 * run.sizes.length;
  const moofBytes = AUDIO_MOOF_FIXED_BYTES + tableBytes;
  w.u32(moofBytes); // size
  w.u32(MOOF); // type
  mfhd(w, run.sequence);
  w.u32(AUDIO_TRAF_FIXED_BYTES + tableBytes); // size
  w.u32(TRAF); // type
  w.u32(AUDIO_TFHD_BYTES); // size
  w.u32(TFHD); // type
  w.u32(TFHD_DEFAULT_BASE_IS_MOOF | TFHD_DEFAULT_SAMPLE_DURATION); // version, flags
  w.u32(run.track); // track_ID
  w.u32(run.sampleDuration); // default_sample_duration
  tfdt(w, run.dts);
  w.u32(AUDIO_TRUN_FIXED_BYTES + tableBytes); // size
  w.u32(TRUN); // type
  w.u32(TRUN_DATA_OFFSET | TRUN_SAMPLE_SIZE); // version, flags
  w.u32(run.sizes.length); // sample_count
  w.i32(moofBytes + BOX_HEADER_BYTES); // data_offset
  for (const size of run.sizes) w.u32(size); // sample_size

  w.u32(BOX_HEADER_BYTES + run.payload.length); // size
  w.u32(MDAT); // type
  w.bytes(run.payload);
}

/** Producer reference time, §8.16.5: when this picture was captured, and where it is shown. */
function prft(w: ByteWriter, track: number, sample: Sample): void {
  w.u32(PRFT_BYTES); // size
  w.u32(PRFT); // type
  w.u32(VERSION_1 | PRFT_CAPTURE); // version, flags
  w.u32(track); // reference_track_ID
  ntp(w, sample.arrival); // ntp_timestamp
  w.u64(sample.pts); // media_time
}

/** RFC 5905 §6: seconds since 1900 and a 32-bit fraction. */
function ntp(w: ByteWriter, time: Micros): void {
  const seconds = Math.floor(time / 1e6);
  w.u32(seconds + NTP_TO_UNIX_SECONDS);
  w.u32(Math.floor(((time - seconds * 1e6) * 2 ** 32) / 1e6));
}

function mfhd(w: ByteWriter, sequence: number): void {
  w.u32(MFHD_BYTES); // size
  w.u32(MFHD); // type
  w.u32(0); // version, flags
  w.u32(sequence); // sequence_number
}

function tfdt(w: ByteWriter, dts: Ticks): void {
  w.u32(TFDT_BYTES); // size
  w.u32(TFDT); // type
  w.u32(VERSION_1); // version, flags
  w.u64(dts); // baseMediaDecodeTime
}
