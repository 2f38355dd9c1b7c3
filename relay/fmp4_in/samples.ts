/**
 * Hands the samples of several tracks on in decode order, at 90 kHz, with no picture shown before it is decoded.
 *
 * @module
 */

import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import type { SampleTaker } from "./picture_track.ts";

/** Pictures are decoded no earlier than so long before they are shown, 90 kHz: more is damage. */
const MAX_LIFT = 10 * MPEG_TIMESCALE;

/** A track being played. */
export interface OpenTrack {
  readonly id: number;
  readonly kind: "video" | "audio";
  readonly timescale: number;
  /** What to add to its times, 90 kHz. */
  readonly shift: number;
  readonly taker: SampleTaker;
  /** How much earlier its pictures are decoded than the file says, 90 kHz: composition offsets may be negative. */
  lift: number;
  /** Decode time that follows the last sample, in its timescale: for fragments that state none. */
  next: number;
}

/** A sample and where it lies. */
export interface PlacedSample {
  readonly track: OpenTrack;
  readonly offset: number;
  readonly size: number;
  /** In the track's timescale. */
  readonly dts: number;
  readonly duration: number;
  readonly compositionOffset: number;
}

/** Decode time at 90 kHz, by which samples of several tracks are put in order. */
export function timeOf({ track, dts }: PlacedSample): number {
  return (dts * MPEG_TIMESCALE) / track.timescale + track.shift;
}

/** Makes room for a composition offset below zero; before its sample is handed on. */
export function liftFor({ track, compositionOffset }: PlacedSample): void {
  const lift = (-compositionOffset * MPEG_TIMESCALE) / track.timescale;
  if (lift <= MAX_LIFT) track.lift = Math.max(track.lift, lift);
}

/** Hands a sample on; lent. Hot: once per sample. */
export function handOn(sample: PlacedSample, bytes: Uint8Array, arrival: Micros): void {
  const { track, duration, compositionOffset } = sample;
  const time = timeOf(sample);
  track.taker.sample(bytes, {
    dts: time - track.lift,
    pts: time + (compositionOffset * MPEG_TIMESCALE) / track.timescale,
    arrival,
    duration,
  });
}
