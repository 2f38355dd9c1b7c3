/**
 * What a codec is to the pipeline: it turns the packets of one elementary stream into samples and says how
 * a decoder is set up. Never sees a container.
 *
 * Order of calls on {@link ElementaryOutput}: `config` before the first `sample` and again before the first
 * sample that needs another one; `sample` any number of times.
 *
 * @module
 */

import type { AudioTrack, VideoTrack } from "../../shared/media.ts";
import type { Micros } from "../../shared/units.ts";

/** A track without its number, which is the pipeline's to give. */
export type TrackConfig = Omit<VideoTrack, "id"> | Omit<AudioTrack, "id">;

/** One access unit or audio frame, times at 90 kHz, unwrapped, and fractional where frames share a time stamp. Lent. */
export interface ElementarySample {
  dts: number;
  pts: number;
  key: boolean;
  arrival: Micros;
  /** In units of the track's timescale; 0 where the codec does not know it. */
  duration: number;
  /** NAL units without start codes, or one raw audio frame. */
  readonly units: Uint8Array[];
}

/** Where a codec's findings go. */
export interface ElementaryOutput {
  config(config: TrackConfig): void;
  sample(sample: ElementarySample): void;
  /** Something could not be understood and was left out. */
  unreadable(): void;
  /** A sentence for the log, at most once a cause: this stream cannot be played, and why. */
  refused(sentence: string): void;
}

/** One elementary stream being read. */
export interface ElementaryStream {
  /** A PES packet's payload, lent. Times at 90 kHz, unwrapped; `undefined` where the packet has none. */
  packet(
    payload: Uint8Array,
    pts: number | undefined,
    dts: number | undefined,
    arrival: Micros,
  ): void;
  /** Something before the next packet is missing. */
  gap(): void;
}

/** A row of the codec table. */
export interface Codec {
  readonly name: string;
  readonly kind: "video" | "audio";
  open(out: ElementaryOutput): ElementaryStream;
}
