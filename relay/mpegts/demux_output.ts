/**
 * What a demuxer tells its owner: programs, the packets of their streams, gaps, and counts by cause. Types only.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import type { StreamEntry } from "./psi.ts";

/** What the demuxer counts. */
export interface DemuxCounters {
  resyncBytes: number;
  continuityGaps: number;
  packetsLost: number;
  duplicatePackets: number;
  transportErrors: number;
  scrambledPackets: number;
  sectionErrors: number;
  pesErrors: number;
  lateTailBytes: number;
}

/** One elementary stream's taker. */
export interface StreamHandler {
  packet(
    payload: Uint8Array,
    pts: number | undefined,
    dts: number | undefined,
    arrival: Micros,
  ): void;
  /** Part of this stream is missing before the next packet. `damaged`: a packet in flight was thrown away. */
  gap(damaged: boolean): void;
  /** Nothing has come for longer than a frame lasts: what is held has ended. */
  flush?(): void;
  /** Whether {@link StreamHandler.flush} would let go of anything. */
  readonly waiting?: boolean;
}

/** Where a program and its streams go. */
export interface DemuxOutput {
  /**
   * A program map that differs from the last. Answers, stream by stream, with a taker or `undefined` for a
   * stream that is not wanted. A stream that has the same taker as before goes on undisturbed.
   */
  program(streams: readonly StreamEntry[]): readonly (StreamHandler | undefined)[];
  /** Whether a taker could be had for a stream. */
  plays(stream: StreamEntry): boolean;
  /** A sentence for the log. */
  note(sentence: string): void;
}
