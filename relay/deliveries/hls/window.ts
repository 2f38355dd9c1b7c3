/**
 * One stream's HLS window: the newest segments by reference, shared by all who ask, and those who wait for the next
 * part. One sink however many watch. Bounded in seconds and in bytes; knows nothing of HTTP.
 *
 * @module
 */

import type { Batch, InitSegment, Track } from "../../../shared/media.ts";
import type { Sink } from "../../hub/sink.ts";
import { Audience } from "./audience.ts";
import { Bandwidth } from "./bandwidth.ts";
import { medianStep, partTarget } from "./cadence.ts";
import { mediaPlaylist, type Variant } from "./playlist.ts";
import { isTold, type Names, namesOf, type Segment } from "./segment.ts";
import { Segmenter } from "./segmenter.ts";
import { Waiters } from "./waiters.ts";

/** So many target durations are listed: enough for delta updates to leave something out. */
const LISTED_TARGETS = 8;
/** So many segments are: of those that one part fills there may be many, and clients load the list with each. */
const MAX_LISTED_SEGMENTS = 64;
/** A playlist is never shorter than so many targets (RFC 8216bis §6.2.2) … */
const MIN_LISTED_TARGETS = 3;
/** … unless it would hold more than this: memory is not a client's to spend. */
export const MAX_WINDOW_BYTES = 128 * 1024 * 1024;
/** Pictures from which the rate is learned. */
const LEARNED_PICTURES = 8;
/** Batches that may wait for that. */
const MAX_LEARNING_BATCHES = 256;
/** Who asks for nothing for so long, or for two target durations, watches no more. */
const LEAST_PRESENCE_MS = 10_000;

/** What a waiting request waits for. */
export interface Point {
  readonly sequence: number;
  /** All of the segment without it. */
  readonly part?: number;
}

/** The window. */
export class Window implements Sink {
  /** The hub's part of the window is never behind: it only keeps. */
  readonly backlog = 0;
  readonly transport = "hls";
  /** Bytes of what was sent of it. */
  sentBytes = 0;
  readonly epoch: string;
  readonly names: Names;
  readonly #audience = new Audience();
  readonly #now: () => number;
  readonly #firstSequence: number;
  readonly #continues: boolean;
  #segmenter: Segmenter | undefined;
  #partTarget = 0;
  /** Shortest usual step between two pictures of any generation, seconds (§4.4.6.2: the highest rate is told). */
  #step = Infinity;
  #init: InitSegment | undefined;
  /** The track that makes it live: its pictures', or its sound's where it has none. */
  #lead: Track | undefined;
  /** When the generation's first pictures begin, seconds; no more of them than its rate is learned from. */
  #times: number[] = [];
  #learning: Batch[] = [];
  /** Listed segments, oldest first; the last may be incomplete. */
  #listed: Segment[] = [];
  /** Left the playlist, still to be had until the time beside them. */
  #retired: { readonly segment: Segment; readonly until: number }[] = [];
  readonly #inits = new Map<number, InitSegment>();
  #discontinuities = 0;
  readonly #bandwidth = new Bandwidth();
  readonly #waiters = new Waiters();
  #offline = false;
  #gone = false;
  #full: string | undefined;
  #delta: string | undefined;

  /**
   * @param options `now` in ms, monotonic; `sequence` of the first segment; `discontinuities` before it, where it takes
   * another window's place.
   */
  constructor(
    options: { epoch: string; sequence: number; discontinuities?: number; now: () => number },
  ) {
    this.#continues = options.discontinuities !== undefined;
    this.#discontinuities = options.discontinuities ?? 0;
    this.epoch = options.epoch;
    this.names = namesOf(options.epoch);
    this.#firstSequence = options.sequence;
    this.#now = options.now;
  }

  /** Whether a playlist can be made: the target duration has been learned, or {@link Window.settle} was called. */
  get ready(): boolean {
    return !this.#offline && this.#segmenter?.target !== undefined && this.#listed.length > 0;
  }

  /** Who has asked for something not long ago: a player asks at least every target duration. */
  get viewers(): number {
    return this.#audience.since(this.#now() - Math.max(LEAST_PRESENCE_MS, 2000 * this.target));
  }

  /** This client asks for something. @param client what tells it from others. */
  asked(client: string): void {
    this.#audience.saw(client, this.#now());
  }

  /** The stream is no more. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Discontinuities up to its end, for a window that takes this one's place. */
  get endDiscontinuities(): number {
    return this.#discontinuities + this.#listed.filter(({ discontinuity }) => discontinuity).length;
  }

  /** Target duration, seconds; 0 until it is known. */
  get target(): number {
    return this.#segmenter?.target ?? 0;
  }

  /** Parts a request may be ahead of the newest (§6.2.5.2). */
  get advanceParts(): number {
    return this.#partTarget < 1 ? Math.ceil(3 / Math.max(this.#partTarget, 0.001)) : 3;
  }

  /** Sequence number of the newest segment and parts it has; of the next before there is one. */
  get newest(): { readonly sequence: number; readonly parts: number; readonly complete: boolean } {
    const segment = this.#listed.findLast(isTold);
    return segment
      ? {
        sequence: segment.sequence,
        parts: segment.parts.length,
        complete: segment.seconds !== undefined,
      }
      : { sequence: this.#firstSequence - 1, parts: 0, complete: true };
  }

  /** Segments that are listed whole. */
  get whole(): number {
    return this.#listed.filter(({ seconds }) => seconds !== undefined).length;
  }

  /** Sequence number for a window that takes this one's place. */
  get nextSequence(): number {
    return (this.#listed.at(-1)?.sequence ?? this.#firstSequence - 1) + 1;
  }

  /** Bytes held. */
  get bytes(): number {
    let bytes = 0;
    for (const segment of this.#listed) bytes += segment.bytes;
    for (const { segment } of this.#retired) bytes += segment.bytes;
    return bytes;
  }

  /** Whoever asks first cannot wait for a whole long group: what there is must do. */
  settle(): void {
    if (this.#listed.some(({ parts }) => parts.length > 0)) this.#segmenter?.settle();
    this.#changed();
  }

  /** Whether `point` has come. */
  has({ sequence, part }: Point): boolean {
    const { newest } = this;
    if (newest.sequence !== sequence) return newest.sequence > sequence;
    return part === undefined ? newest.complete : part < newest.parts;
  }

  /** Resolves when `met`, when the stream is gone, or when `signal` aborts. */
  wait(met: () => boolean, signal: AbortSignal): Promise<void> {
    return this.#waiters.wait(met, signal);
  }

  /** The media playlist; made once a change, however many ask. */
  playlist({ delta }: { delta: boolean }): string {
    const make = (): string =>
      mediaPlaylist({
        names: this.names,
        partTarget: this.#partTarget,
        target: this.target,
        segments: this.#listed.filter(isTold),
        discontinuities: this.#discontinuities,
        next: this.#segmenter?.next,
      }, { delta });
    return delta ? this.#delta ??= make() : this.#full ??= make();
  }

  /** What the multivariant playlist says. @param uri of the media playlist. */
  variant(uri: string): Variant | undefined {
    const init = this.#init;
    if (!init) return undefined;
    const video = init.tracks.find((track) => track.kind === "video");
    return {
      uri,
      ...this.#bandwidth.figures(this.#listed.at(-1)),
      codecs: init.tracks.map(({ codec }) => codec).join(","),
      ...(video
        ? { picture: { width: video.width, height: video.height, rate: 1 / this.#step } }
        : {}),
    };
  }

  /** A generation's init segment, while anything of it is held. */
  initOf(generation: number): InitSegment | undefined {
    return this.#inits.get(generation);
  }

  /** A segment that is listed, or was until not long ago. */
  segment(sequence: number): Segment | undefined {
    return this.#listed.find((each) => each.sequence === sequence) ??
      this.#retired.find(({ segment }) => segment.sequence === sequence)?.segment;
  }

  init(segment: InitSegment): void {
    this.#init = segment;
    this.#lead = segment.tracks.find(({ kind }) => kind === "video") ?? segment.tracks[0];
    this.#inits.set(segment.generation, segment);
    this.#learning = [];
    this.#times = [];
    this.#offline = false;
    this.#segmenter?.init(segment);
  }

  push(batch: Batch): void {
    if (batch.fragments.some(({ track }) => track === this.#lead?.id)) this.#offline = false;
    if (this.#times.length <= LEARNED_PICTURES) this.#time(batch);
    if (this.#segmenter) {
      this.#segmenter.push(batch);
      return;
    }
    this.#learning.push(batch);
    this.#learn();
    if (this.#learning.length > MAX_LEARNING_BATCHES) this.#learning.shift(); // sound, and no pictures
  }

  skipped(): void {
    this.#segmenter?.break();
  }

  offline(): void {
    this.#offline = true;
    this.#learning = [];
    if (!this.#segmenter) this.#times = [];
    this.#segmenter?.break(); // what there is can be had; what comes later continues nothing
  }

  close(): void {
    this.#gone = true;
    this.#changed();
    this.#waiters.end();
  }

  /** Notes when a generation's first pictures begin, and of enough of them their rate. */
  #time({ fragments }: Batch): void {
    const track = this.#lead;
    if (!track) return;
    for (const each of fragments) {
      if (each.track === track.id) this.#times.push(each.dts / track.timescale);
    }
    if (this.#times.length <= LEARNED_PICTURES) return;
    this.#step = Math.min(this.#step, medianStep(this.#times) ?? Infinity);
  }

  #learn(): void {
    const init = this.#init;
    const enough = this.#times.length > LEARNED_PICTURES ||
      this.#learning.length > MAX_LEARNING_BATCHES;
    const step = enough ? medianStep(this.#times) : undefined;
    if (!init || step === undefined) return;
    this.#step = step;
    this.#partTarget = partTarget(step);
    this.#segmenter = new Segmenter({
      began: (segment) => void this.#listed.push(segment),
      part: () => this.#changed(),
      complete: (segment) => this.#complete(segment),
    }, {
      partTarget: this.#partTarget,
      step,
      sequence: this.#firstSequence,
      discontinuity: this.#continues,
    });
    this.#segmenter.init(init);
    const batches = this.#learning;
    this.#learning = [];
    for (const batch of batches) this.#segmenter.push(batch);
  }

  #complete(segment: Segment): void {
    this.#bandwidth.took(segment, this.target);
    if (this.target > 0) this.#retire(); // until then nobody has seen a playlist
    this.#changed();
  }

  #retire(): void {
    const time = this.#now();
    let listed = this.#listed.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
    const longest = listed;
    for (;;) {
      const oldest = this.#listed[0];
      if (oldest?.seconds === undefined || this.#listed.length < 2) break;
      const rest = listed - oldest.seconds;
      const crowded = this.#listed.length > MAX_LISTED_SEGMENTS ||
        this.bytes > MAX_WINDOW_BYTES / 2;
      const over = rest >= LISTED_TARGETS * this.target ||
        (rest >= MIN_LISTED_TARGETS * this.target && crowded);
      if (!over) break;
      this.#listed.shift();
      listed = rest;
      if (oldest.discontinuity) this.#discontinuities++;
      // §6.2.2: to be had for its own and the longest playlist's duration more.
      this.#retired.push({ segment: oldest, until: time + (oldest.seconds + longest) * 1000 });
    }
    while (this.#retired[0] && (this.#retired[0].until < time || this.bytes > MAX_WINDOW_BYTES)) {
      this.#retired.shift();
    }
    while (this.bytes > MAX_WINDOW_BYTES && this.#listed.length > 1) {
      if (this.#listed.shift()?.discontinuity) this.#discontinuities++;
    }
    const first = (this.#retired[0]?.segment ?? this.#listed[0])?.init.generation ?? 0;
    for (const generation of this.#inits.keys()) {
      if (generation < first) this.#inits.delete(generation);
    }
  }

  #changed(): void {
    this.#full = undefined;
    this.#delta = undefined;
    this.#waiters.changed();
  }
}
