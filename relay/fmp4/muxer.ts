/**
 * Samples in, batches out: the fragmented MP4 muxer. A picture leaves at once and takes along the sound that
 * waited for it. Never waits for the next sample: a picture's duration is judged by those before it.
 *
 * @module
 */

import { type Batch, type Fragment, HEADROOM_BYTES, type Sample } from "../../shared/media.ts";
import type { Bytes } from "../../shared/bytes.ts";
import type { Micros, Ticks } from "../../shared/units.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import { VIDEO_HEADER_BYTES, videoPayloadBytes, writeVideoFragment } from "./fragment.ts";
import { WaitingSound } from "./waiting_sound.ts";

/** Pictures a second where the stream does not say. */
const USUAL_RATE = 30;
/** A longer step between two pictures is a gap in the stream, not a duration. */
const MAX_STEP_SECONDS = 1;
/** A written step within a group is no longer than so many stated durations: at 2, rounding would decide. */
const MAX_STEPS = 1.9;
/** No picture is written to be decoded so long before it is shown. */
const MAX_LEAD_SECONDS = 5;

/** What the muxer must know of a generation. */
export interface MuxerOptions {
  readonly generation: number;
  readonly video?: { readonly id: number; readonly timescale: number; readonly frameRate?: number };
  /** Without a timescale, sound that ceases is not made up for. */
  readonly audio?: { readonly id: number; readonly timescale?: number };
  /** A sound sample of this duration in which nothing is heard, if there is one for the sound track. */
  readonly silence?: (sampleDuration: Ticks) => Bytes | undefined;
  /**
   * `kept` (the default): each batch has memory of its own. `lent`: its bytes are overwritten by the next, for
   * one taker that copies at once; a tenth faster, since fresh memory is dear.
   */
  readonly batches?: "kept" | "lent";
}

/** Muxes one generation of a stream with at most one picture and one sound track. */
export class Muxer {
  readonly generation: number;
  readonly #video: MuxerOptions["video"];
  readonly #sound: WaitingSound;
  /** Ticks of the sound in one of the pictures; 0 where it is not known. */
  readonly #soundTicks: number;
  #sequence = 0;
  /** Tracks that have had a fragment in the group. */
  readonly #begun = new Set<number>();
  #batches = 0;
  #group = -1;
  #lastDts: Ticks | undefined;
  /** The last two steps between pictures; the longer one is the duration, so that it errs long. */
  #step: number;
  #stepBefore: number;
  /** The last picture's decode time and duration as they were written. */
  #placed: Ticks | undefined;
  #stated = 0;
  readonly #lent: boolean;
  /** Of batches that are lent. */
  #buffer: Bytes = new Uint8Array();

  constructor(options: MuxerOptions) {
    this.generation = options.generation;
    this.#video = options.video;
    const { audio, silence } = options;
    this.#sound = new WaitingSound({ track: audio?.id ?? 0, silence });
    this.#lent = options.batches === "lent";
    const { timescale = 0, frameRate = USUAL_RATE } = options.video ?? {};
    this.#soundTicks = timescale > 0 ? (audio?.timescale ?? 0) / timescale : 0;
    this.#step = Math.round(Math.min(timescale / frameRate, timescale * MAX_STEP_SECONDS));
    this.#stepBefore = this.#step;
  }

  /** Arrival of the oldest sound that waits for a picture. */
  get waitingSince(): Micros | undefined {
    return this.#sound.since;
  }

  /** Samples of silence put where sound is missing. */
  get silentSamples(): number {
    return this.#sound.silentSamples;
  }

  /** A sound sample; it waits for the next picture or {@link Muxer.flush}. `false` when there is no more room. */
  audio(sample: Sample): boolean {
    return this.#sound.add(sample);
  }

  /** A picture, and the sound that waited. */
  picture(sample: Sample): Batch {
    const track = this.#video?.id ?? 0;
    const payloadBytes = videoPayloadBytes(sample.units);
    if (sample.key) this.#begun.clear();
    if (this.#soundTicks > 0) this.#sound.accompany(sample.dts * this.#soundTicks, sample.arrival);
    const w = this.#open(VIDEO_HEADER_BYTES + payloadBytes);
    const fragments = this.#sound.take(w, this.#numberOf);
    const dts = this.#place(sample);
    const duration = this.#duration(sample.dts);
    const offset = w.position;
    const placed = dts === sample.dts ? sample : { ...sample, dts };
    writeVideoFragment(w, placed, {
      track,
      sequence: this.#numberOf(track),
      duration,
      payloadBytes,
    });
    fragments.push({
      track,
      dts: sample.dts,
      pts: sample.pts,
      duration,
      key: sample.key,
      sizes: [payloadBytes],
      offset: offset - HEADROOM_BYTES,
      byteLength: w.position - offset,
    });
    return this.#close(w, fragments, { key: sample.key, arrival: sample.arrival });
  }

  /** The sound that waits, without a picture; `undefined` when none does. */
  flush(): Batch | undefined {
    const arrival = this.#sound.since;
    if (arrival === undefined) return undefined;
    const w = this.#open(0);
    const fragments = this.#sound.take(w, this.#numberOf);
    return this.#close(w, fragments, { key: this.#video === undefined, arrival });
  }

  #open(pictureBytes: number): ByteWriter {
    const bytes = HEADROOM_BYTES + pictureBytes + this.#sound.fragmentBytes;
    const w = new ByteWriter(this.#room(bytes));
    w.zeros(HEADROOM_BYTES);
    return w;
  }

  #room(bytes: number): Bytes {
    if (!this.#lent) return new Uint8Array(bytes);
    if (this.#buffer.length < bytes) this.#buffer = new Uint8Array(2 * bytes);
    return this.#buffer;
  }

  #close(
    w: ByteWriter,
    fragments: readonly Fragment[],
    { key, arrival }: { key: boolean; arrival: Micros },
  ): Batch {
    if (key) this.#group++;
    return {
      generation: this.generation,
      sequence: this.#batches++,
      group: this.#group,
      key,
      arrival,
      fragments,
      bytes: w.written().subarray(HEADROOM_BYTES),
    };
  }

  /**
   * The next sequence_number: they increase (§8.8.5). One is left out where a group, which is where viewers join, has
   * its second track begin: VLC (3.0) reads decode times in the first fragment it gets and behind such gaps alone; it
   * would play the other track from time 0, and drop every picture as late.
   */
  readonly #numberOf = (track: number): number => {
    if (this.#begun.has(track)) return ++this.#sequence;
    this.#sequence += this.#begun.size === 0 ? 1 : 2;
    this.#begun.add(track);
    return this.#sequence;
  };

  /**
   * The decode time that is written. A step of more than twice the last picture's stated duration makes a browser throw all pictures away
   * until the next key picture (Media Source Extensions, coded frame processing, step 6). So a pause within a group is
   * taken in steps that it bears: each picture is shown when it says, and decoded early. Recordings and playlists, which
   * write times of their own, go by the sample's.
   */
  #place({ dts, pts, key }: Sample): Ticks {
    const last = this.#placed;
    const furthest = (last ?? 0) + Math.floor(this.#stated * MAX_STEPS);
    const isBridged = last !== undefined && !key && dts > furthest && furthest > last &&
      pts - furthest <= MAX_LEAD_SECONDS * (this.#video?.timescale ?? 0);
    const placed = (isBridged ? furthest : dts) as Ticks;
    this.#placed = placed;
    return placed;
  }

  #duration(dts: Ticks): Ticks {
    const step = this.#lastDts === undefined ? 0 : dts - this.#lastDts;
    this.#lastDts = dts;
    if (step > 0 && step <= MAX_STEP_SECONDS * (this.#video?.timescale ?? 0)) {
      this.#stepBefore = this.#step;
      this.#step = step;
    }
    this.#stated = Math.max(this.#step, this.#stepBefore);
    return this.#stated as Ticks;
  }
}
