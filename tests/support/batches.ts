/** Batches made of described samples by the relay's own muxer; every sample has bytes of its own. */

import type { AudioTrack, Batch, InitSegment, Sample, VideoTrack } from "../../shared/media.ts";
import { micros, ticks } from "../../shared/units.ts";
import { writeInitSegment } from "../../relay/fmp4/init_segment.ts";
import { Muxer } from "../../relay/fmp4/muxer.ts";
import { AUDIO_TRACK, VIDEO_TRACK } from "./mp4_tracks.ts";

/** A picture track of 90 000 ticks a second. */
export const PICTURE_TRACK: VideoTrack = VIDEO_TRACK;
/** A sound track at its own rate, 48 kHz. */
export const SOUND_TRACK: AudioTrack = { ...AUDIO_TRACK, timescale: 48_000 };
/** Ticks of an AAC frame. */
export const SOUND_TICKS = 1024;

/** A sample in its track's ticks. */
export interface Described {
  readonly kind: "picture" | "sound";
  readonly dts: number;
  /** As `dts` if not given. */
  readonly pts?: number;
  readonly key?: boolean;
  /** Payload bytes, 10 if not given. */
  readonly bytes?: number;
  /** Capture time, µs after the first; the same as the first's if not given. */
  readonly arrival?: number;
  /** A sound that waits for no picture: it leaves in a batch of its own. */
  readonly alone?: boolean;
}

/** What a recorder is given. */
export interface DescribedStream {
  readonly segment: InitSegment;
  readonly batches: readonly Batch[];
}

/** Muxes what is described, in that order; tracks are those that have samples. */
export function describeStream(
  samples: readonly Described[],
  { generation = 1 }: { generation?: number } = {},
): DescribedStream {
  const has = (kind: Described["kind"]): boolean => samples.some((each) => each.kind === kind);
  const muxer = new Muxer({
    generation,
    ...(has("picture") ? { video: PICTURE_TRACK } : {}),
    ...(has("sound") ? { audio: SOUND_TRACK } : {}),
  });
  const tracks = [
    ...(has("picture") ? [PICTURE_TRACK] : []),
    ...(has("sound") ? [SOUND_TRACK] : []),
  ];
  const batches: Batch[] = [];
  for (const [index, described] of samples.entries()) {
    const sample = sampleOf(described, index);
    if (described.kind === "picture") batches.push(muxer.picture(sample));
    else muxer.audio(sample);
    const sound = described.alone || index === samples.length - 1 ? muxer.flush() : undefined;
    if (sound !== undefined) batches.push(sound);
  }
  const segment = {
    generation,
    mime: "video/mp4",
    tracks,
    bytes: writeInitSegment(tracks),
    clockOffset: micros(0),
    clockError: micros(0),
  };
  return { segment, batches };
}

/** The payload of sample `index`: a picture's with its length before it, as it ends in the file. */
export function payloadOf({ kind, bytes = 10 }: Described, index: number): Uint8Array<ArrayBuffer> {
  const unit = unitOf(bytes, index);
  if (kind === "sound") return unit;
  const payload = new Uint8Array(4 + bytes);
  new DataView(payload.buffer).setUint32(0, bytes);
  payload.set(unit, 4);
  return payload;
}

function sampleOf(described: Described, index: number): Sample {
  const { kind, dts, pts = dts, key = kind === "sound", bytes = 10, arrival = 0 } = described;
  return {
    dts: ticks(dts),
    pts: ticks(pts),
    key,
    arrival: micros(1_700_000_000_000_000 + index + arrival),
    duration: ticks(kind === "sound" ? SOUND_TICKS : 0),
    units: [unitOf(bytes, index)],
  };
}

function unitOf(bytes: number, index: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: bytes }, (_, i) => (index * 31 + i) & 0xff);
}

/** Pictures at a steady rate from `first`, the first a key, then one every `group`. */
export function steadyPictures(
  { count, first = 0, step = 3000, group = count }: {
    count: number;
    first?: number;
    step?: number;
    group?: number;
  },
): Described[] {
  return Array.from({ length: count }, (_, i): Described => ({
    kind: "picture",
    dts: first + i * step,
    key: i % group === 0,
  }));
}

/** Sounds back to back from `first`. */
export function steadySounds({ count, first = 0 }: { count: number; first?: number }): Described[] {
  return Array.from({ length: count }, (_, i): Described => ({
    kind: "sound",
    dts: first + i * SOUND_TICKS,
  }));
}

/** Both in the order of their decode times. */
export function interleave(...streams: readonly Described[][]): Described[] {
  const seconds = ({ kind, dts }: Described): number =>
    dts / (kind === "picture" ? PICTURE_TRACK.timescale : SOUND_TRACK.timescale);
  return streams.flat().sort((a, b) => seconds(a) - seconds(b));
}
