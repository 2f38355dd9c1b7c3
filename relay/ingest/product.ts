/**
 * What a pipeline makes: the generations of a stream one after the other, each with its init segment and a muxer of its own.
 * Samples that come before theirs begins wait for it. When each is decoded and shown is `placing.ts`'s.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { mimeType } from "../../shared/codec_string.ts";
import type { Batch, InitSegment, Track } from "../../shared/media.ts";
import { type Micros, micros } from "../../shared/units.ts";
import type { TrackConfig } from "../codecs/codec.ts";
import { silence } from "../codecs/silence.ts";
import { writeInitSegment } from "../fmp4/init_segment.ts";
import { Muxer, type MuxerOptions } from "../fmp4/muxer.ts";
import type { OriginEstimate } from "../sources/source.ts";
import type { IngestCounters } from "./counters.ts";
import { AUDIO_TRACK, Tracks, VIDEO_TRACK } from "./generation.ts";
import { OriginClock } from "./origin_clock.ts";
import { type OwnSample, WaitingSamples } from "./waiting_samples.ts";

/** Where it goes. */
export interface ProductOutput {
  init(segment: InitSegment): void;
  batch(batch: Batch): void;
}

/** What a product begins with. */
export interface ProductOptions {
  readonly counters: IngestCounters;
  /** Number of the generation before the first. */
  readonly generation: number;
  /** What the muxer's option of that name says. */
  readonly batches: NonNullable<MuxerOptions["batches"]>;
}

/** A generation, as it is announced. */
export interface Announcement {
  readonly tracks: readonly Track[];
  /** `ftyp` and `moov`. */
  readonly bytes: Bytes;
  /** How the clock stands that its capture times are of, where that is not this relay's. @param here how this one does. */
  clock?(here: Micros): OriginEstimate;
}

/** One pipeline's. Hot: {@link Product.deliver} runs once per sample. */
export class Product {
  readonly tracks = new Tracks();
  readonly #out: ProductOutput;
  readonly #counters: IngestCounters;
  readonly #batches: ProductOptions["batches"];
  readonly #clock = new OriginClock();
  /** What came while the tracks of the next generation are not all known. */
  readonly #pending = new WaitingSamples();
  #generation: number;
  #muxer: Muxer | undefined;

  constructor(out: ProductOutput, { counters, generation, batches }: ProductOptions) {
    this.#out = out;
    this.#counters = counters;
    this.#generation = generation;
    this.#batches = batches;
    this.#clock.anchor();
  }

  /** Number of the newest generation. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether samples go into a generation that has begun. */
  get isOpen(): boolean {
    return this.#muxer !== undefined;
  }

  /** Origin clock minus this machine's monotonic clock, as the newest generation has it. */
  get clockOffset(): Micros {
    return this.#clock.offset;
  }

  /** When the oldest sound came that waits for a picture. */
  get soundSince(): Micros | undefined {
    const since = this.#muxer?.waitingSince;
    return since === undefined ? undefined : micros(since - this.#clock.offset);
  }

  /** A codec says how its track is set up. @returns whether that ends what waited for another set-up. */
  configure(config: TrackConfig): boolean {
    if (!this.tracks.configure(config)) return false;
    const track = config.kind === "video" ? VIDEO_TRACK : AUDIO_TRACK;
    this.#counters.heldAccessUnits += this.#pending.drop(track);
    return true;
  }

  /**
   * A sample, lent; its arrival is overwritten.
   * @param dts at 90 kHz, on the stream's timeline.
   */
  deliver(track: number, sample: OwnSample, dts: number): void {
    if (!this.#muxer) {
      if (!this.tracks.complete(dts) && this.#pending.hasRoom) {
        return this.#pending.keep(track, sample);
      }
      this.#begin();
    }
    this.#mux(track, sample);
  }

  /** Sound waits for a picture no longer. */
  flushSound(): void {
    const batch = this.#muxer?.flush();
    if (batch) this.#out.batch(batch);
  }

  /** The generation is over: what comes next begins another. */
  close(): void {
    this.flushSound();
    this.#muxer = undefined;
  }

  /** Nothing more comes: what waits goes out. */
  end(): void {
    if (!this.#muxer && !this.#pending.isEmpty && this.tracks.known) this.#begin();
    this.flushSound();
  }

  /** A generation begins. */
  announce({ tracks, bytes, clock }: Announcement): void {
    this.#clock.anchor();
    this.#generation++;
    this.#counters.generations++;
    const here = this.#clock.offset;
    const { offset, error } = clock?.(here) ?? { offset: here, error: micros(0) };
    this.#out.init({
      generation: this.#generation,
      mime: mimeType(tracks),
      tracks,
      bytes,
      clockOffset: offset,
      clockError: error,
    });
  }

  /** Begins a generation with the tracks there are, and sends what waited for it. */
  #begin(): void {
    const { video, audio } = this.tracks;
    const tracks = this.tracks.list();
    this.tracks.settle();
    this.#muxer = new Muxer({
      generation: this.#generation + 1,
      ...(video ? { video } : {}),
      ...(audio ? { audio, silence: (duration) => silence(audio, duration) } : {}),
      batches: this.#batches,
    });
    this.announce({ tracks, bytes: writeInitSegment(tracks) });
    for (const { track, sample } of this.#pending.take()) this.#mux(track, sample);
  }

  #mux(track: number, sample: OwnSample): void {
    const muxer = this.#muxer;
    if (!muxer) return;
    sample.arrival = micros(sample.arrival + this.#clock.offset); // from here on it is a capture time
    const silentBefore = muxer.silentSamples;
    if (track === VIDEO_TRACK) this.#out.batch(muxer.picture(sample));
    else if (!muxer.audio(sample)) this.#counters.unreadable++;
    this.#counters.silentSamples += muxer.silentSamples - silentBefore;
  }
}
