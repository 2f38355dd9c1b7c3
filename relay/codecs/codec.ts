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
import type { Pictures } from "./pictures.ts";

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
  /** A picture was left out because nobody can decode it: it leans on pictures before the one that was entered at. */
  undecodable(): void;
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

/** When an access unit is decoded, shown and came; as {@link ElementaryStream.packet} has them. */
export interface AccessUnitTimes {
  readonly pts: number | undefined;
  readonly dts: number | undefined;
  readonly arrival: Micros;
}

/** A stream of NAL units. */
export interface UnitStream extends ElementaryStream {
  /** An access unit that is in units already, without start codes; lent. */
  units(units: readonly Uint8Array[], times: AccessUnitTimes): void;
  /** No more will come: a field whose other half is awaited goes out alone. */
  flush(): void;
}

/** A codec of NAL units. */
export interface UnitCodec extends Codec {
  open(out: ElementaryOutput): UnitStream;
  /** A follower of its pictures, for containers that do not say where one ends or when it is shown. */
  pictures(): Pictures;
  /** Bytes of a NAL unit's header. */
  readonly unitHeaderBytes: number;
  /** Whether a unit is part of a picture; its header suffices. */
  isPicture(unit: Uint8Array): boolean;
  /** Whether a unit stands before a picture: behind another it begins the next access unit. Its header suffices. */
  isHead(unit: Uint8Array): boolean;
}

/** A row of the codec table. */
export interface Codec {
  readonly name: string;
  readonly kind: "video" | "audio";
  /** @param descriptors of a transport stream's program map, where it comes from one. */
  open(out: ElementaryOutput, descriptors?: Uint8Array): ElementaryStream;
}
