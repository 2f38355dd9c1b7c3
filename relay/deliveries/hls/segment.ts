/**
 * The nouns of an HLS window: a part is a run of batches, a segment a run of parts. References only.
 *
 * @module
 */

import type { Batch, InitSegment } from "../../../shared/media.ts";
import type { Micros } from "../../../shared/units.ts";

/** A Partial Segment, RFC 8216bis §4.4.4.9; complete from birth. */
export interface Part {
  readonly seconds: number;
  /** Holds a key picture. */
  readonly independent: boolean;
  readonly batches: readonly Batch[];
}

/** A Media Segment; it grows until it is complete. */
export interface Segment {
  /** Media Sequence Number. */
  readonly sequence: number;
  readonly init: InitSegment;
  /** Does not continue the segment before it. */
  readonly discontinuity: boolean;
  /** Its pictures outlast what a part may: it is told of when it is complete, without parts. */
  readonly whole: boolean;
  /** Capture time of its first picture. */
  readonly capturedAt: Micros;
  readonly parts: Part[];
  /** Known when it is complete. */
  seconds: number | undefined;
  bytes: number;
}

/** Whether a playlist can tell of it. */
export function isTold({ parts, whole, seconds }: Segment): boolean {
  return parts.length > 0 && !(whole && seconds === undefined);
}

/** Its batches, oldest first. */
export function batchesOf({ parts }: Segment): Batch[] {
  return parts.flatMap(({ batches }) => batches);
}

/** Names of files; unique for ever, so that any cache may keep what they name. */
export interface Names {
  /** Of a generation's Media Initialization Section. */
  init(generation: number): string;
  segment(sequence: number): string;
  part(sequence: number, part: number): string;
}

/** @param epoch tells one life of a playlist from another of the same stream. */
export function namesOf(epoch: string): Names {
  return {
    init: (generation) => `${epoch}-g${generation}.mp4`,
    segment: (sequence) => `${epoch}-${sequence}.m4s`,
    part: (sequence, part) => `${epoch}-${sequence}-${part}.m4s`,
  };
}

/** What a file name names; `undefined` when it is none of ours. */
export type Named =
  | { readonly kind: "init"; readonly epoch: string; readonly generation: number }
  | { readonly kind: "segment"; readonly epoch: string; readonly sequence: number }
  | {
    readonly kind: "part";
    readonly epoch: string;
    readonly sequence: number;
    readonly part: number;
  };

/** Reads a file name. */
export function readName(file: string): Named | undefined {
  const init = /^([0-9a-z]+)-g(\d{1,9})\.mp4$/.exec(file);
  if (init) return { kind: "init", epoch: init[1] ?? "", generation: Number(init[2]) };
  const media = /^([0-9a-z]+)-(\d{1,15})(?:-(\d{1,5}))?\.m4s$/.exec(file);
  if (!media) return undefined;
  const [, epoch = "", sequence, part] = media;
  return part === undefined
    ? { kind: "segment", epoch, sequence: Number(sequence) }
    : { kind: "part", epoch, sequence: Number(sequence), part: Number(part) };
}
