/**
 * A pipeline and everything that came out of it, taken apart into samples with what their fragments say.
 *
 * @module
 */

import { toHex } from "../../shared/bytes.ts";
import type { Batch, InitSegment } from "../../shared/media.ts";
import { micros } from "../../shared/units.ts";
import { Ingest, type IngestOptions, type IngestOutput } from "../../relay/ingest/ingest.ts";
import type { Aspect } from "../../relay/sources/source.ts";
import type { CameraStatus } from "../../shared/api.ts";

/** A sample as a viewer gets it. */
export interface OutSample {
  readonly generation: number;
  readonly track: number;
  readonly dts: number;
  readonly pts: number;
  readonly key: boolean;
  readonly payload: Uint8Array;
  /** Capture time. */
  readonly arrival: number;
}

/** Track numbers of a pipeline's product. */
export const VIDEO = 1;
export const AUDIO = 2;

/** A pipeline under test. */
export class Ingested implements IngestOutput {
  readonly segments: InitSegment[] = [];
  readonly batches: Batch[] = [];
  readonly notes: string[] = [];
  /** What is amiss, in order; `over` where it is not any more. */
  readonly warnings: string[] = [];
  readonly statuses: CameraStatus[] = [];
  /** What came, in order: `init 1`, `batch key`, `batch`. */
  readonly order: string[] = [];
  readonly ingest: Ingest;

  constructor(options: IngestOptions = {}) {
    this.ingest = new Ingest(this, options);
  }

  init(segment: InitSegment): void {
    this.segments.push(segment);
    this.order.push(`init ${segment.generation}`);
  }

  batch(batch: Batch): void {
    this.batches.push(batch);
    this.order.push(batch.key ? "batch key" : "batch");
  }

  status(status: CameraStatus): void {
    this.statuses.push(status);
  }

  warn(_about: Aspect, sentence: string | undefined): void {
    this.warnings.push(sentence ?? "over");
  }

  note(sentence: string): void {
    this.notes.push(sentence);
  }

  /** Bytes that came at `arrivalMs`. */
  push(bytes: Uint8Array, arrivalMs = 0): this {
    this.ingest.data(bytes, micros(arrivalMs * 1000));
    return this;
  }

  /** Everything that came out, of one track; arrivals as they were told, by the monotonic clock. */
  samples(track: number): OutSample[] {
    const offsets = new Map(
      this.segments.map(({ generation, clockOffset }) => [generation, clockOffset]),
    );
    return this.batches.flatMap(samplesOf)
      .filter((sample) => sample.track === track)
      .map((sample) => ({
        ...sample,
        arrival: sample.arrival - (offsets.get(sample.generation) ?? 0),
      }));
  }

  /** Decode times of a track. */
  times(track: number): number[] {
    return this.samples(track).map(({ dts }) => dts);
  }
}

/** The samples of a batch; a run's times follow from its duration. */
export function samplesOf(batch: Batch): OutSample[] {
  return batch.fragments.flatMap((fragment) => {
    const bytes = fragment.sizes.reduce((a, b) => a + b, 0);
    const step = fragment.duration / fragment.sizes.length;
    let at = fragment.offset + fragment.byteLength - bytes;
    return fragment.sizes.map((size, i) => ({
      generation: batch.generation,
      track: fragment.track,
      dts: fragment.dts + i * step,
      pts: fragment.pts + i * step,
      key: fragment.key,
      payload: batch.bytes.subarray(at, at += size),
      arrival: batch.arrival,
    }));
  });
}

/** Differences of neighbours. */
export function steps(values: readonly number[]): number[] {
  return values.slice(1).map((value, i) => value - (values[i] ?? 0));
}

/** A sample's payload in hexadecimal: equal samples have equal text. */
export function payloadText({ payload }: OutSample): string {
  return toHex(payload);
}
