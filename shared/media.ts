/**
 * The nouns of the media path: Track, Sample, Fragment, Batch, InitSegment. Data only: nothing here
 * reads, writes or decides.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";
import type { Micros, Ticks } from "./units.ts";

/** What every track states, whatever it carries. */
interface TrackBase {
  /** ISO/IEC 14496-12 track_ID, from 1. */
  readonly id: number;
  /** RFC 6381 codec string, for example `avc1.4d4015`. */
  readonly codec: string;
  /** Ticks a second of every time of this track. */
  readonly timescale: number;
  /** Four-character code of the sample entry, for example `avc1`. */
  readonly sampleEntry: string;
  /** Decoder configuration box that goes into the sample entry, without its header. */
  readonly config: { readonly type: string; readonly bytes: Bytes };
}

/** A picture track. */
export interface VideoTrack extends TrackBase {
  readonly kind: "video";
  /** Luma samples a row after cropping. */
  readonly width: number;
  /** Rows after cropping. */
  readonly height: number;
  /** Pictures a second if the stream states it; a hint, never a clock. */
  readonly frameRate?: number;
  /** Sample aspect ratio if stated and not square. */
  readonly pixelAspect?: { readonly horizontal: number; readonly vertical: number };
  /** ISO/IEC 23091-2 code points if stated. */
  readonly colour?: {
    readonly primaries: number;
    readonly transfer: number;
    readonly matrix: number;
    readonly fullRange: boolean;
  };
}

/** A sound track. */
export interface AudioTrack extends TrackBase {
  readonly kind: "audio";
  /** Samples a second, as the elementary stream states it. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** One elementary stream as a player sees it. Immutable: a change makes a new one in a new generation. */
export type Track = VideoTrack | AudioTrack;

/**
 * One access unit or one audio frame on its way to the muxer. **Lent for the duration of the call**:
 * its units are views of a buffer that the next sample overwrites.
 */
export interface Sample {
  /** In the track's timescale. */
  readonly dts: Ticks;
  readonly pts: Ticks;
  /** A decoder can start here (ISO/IEC 14496-12 §8.6.2, sync sample). */
  readonly key: boolean;
  /** When its first byte reached this machine; to the muxer, on the origin clock. */
  readonly arrival: Micros;
  /** Of a sound sample; 0 where it is not known (pictures). */
  readonly duration: Ticks;
  /** NAL units without start codes, or one raw audio frame. */
  readonly units: readonly Uint8Array[];
}

/** A `[prft] moof mdat` of one track, as a place inside its {@link Batch}. */
export interface Fragment {
  readonly track: number;
  /** As the source says. After a pause within a group its bytes may say less, see `relay/fmp4/muxer.ts`. */
  readonly dts: Ticks;
  /** Presentation time of the first sample. */
  readonly pts: Ticks;
  /** Of all samples together; of a picture it is an estimate from the past, never much too short. */
  readonly duration: Ticks;
  readonly key: boolean;
  /** Sizes in bytes of its samples, in order; payloads lie back to back at the fragment's end. */
  readonly sizes: readonly number[];
  /** First byte inside the batch. */
  readonly offset: number;
  readonly byteLength: number;
}

/**
 * Fragments that leave together: the sound that waited, then the picture it waited for. Immutable from
 * birth and shared by reference between all viewers, ring and recorder; the unit of every message.
 */
export interface Batch {
  readonly generation: number;
  /** Counts batches of this generation from 0: a hole is a loss on this side of the muxer. */
  readonly sequence: number;
  /** Counts groups (key picture to key picture) of this generation from 0. */
  readonly group: number;
  /** Holds a key picture, or sound alone where there is no picture: a viewer can begin here. */
  readonly key: boolean;
  /** Capture time of its picture (or oldest sound), on the origin clock. */
  readonly arrival: Micros;
  readonly fragments: readonly Fragment[];
  /**
   * The fragments' bytes in order, and silence between them where sound is missing, so that a browser goes on;
   * {@link HEADROOM_BYTES} before them are free in the same buffer.
   */
  readonly bytes: Bytes;
}

/** Bytes left free before a batch, so that a delivery can frame it in place without a copy. */
export const HEADROOM_BYTES = 16;

/** `ftyp moov`, and what a player must know before it. */
export interface InitSegment {
  /** Counts from 1 for the life of the stream on this relay. */
  readonly generation: number;
  /** `video/mp4; codecs="…"`. */
  readonly mime: string;
  readonly tracks: readonly Track[];
  readonly bytes: Bytes;
  /**
   * Origin clock minus this machine's monotonic clock (`performance.timeOrigin + performance.now()`), fixed
   * once a generation, so that `prft` and `pong` tell the same time.
   */
  readonly clockOffset: Micros;
  /** How far the origin clock may be off, as far as is known. */
  readonly clockError: Micros;
}
