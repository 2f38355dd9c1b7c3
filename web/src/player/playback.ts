/// <reference lib="dom" />
/**
 * From bytes to a `<video>`: makes the MediaSource, feeds its buffer, follows generations and timelines,
 * and builds all of it anew when the decoder breaks. Knows nothing of connections.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { StreamMessage } from "../../../shared/control.ts";
import { backOffMs, PROMPT } from "./back_off.ts";
import type { ClockSync } from "./clock_sync.ts";
import { engineHere } from "./engine.ts";
import { FrameMeter } from "./frame_meter.ts";
import {
  type InitInfo,
  isInitSegment,
  type MediaInfo,
  type Picture,
  readInit,
  readMedia,
} from "./incoming.ts";
import { CaptureTimes, LatencyMeter, timelineOf } from "./latency.ts";
import { type BufferOwner, MediaBuffer } from "./media_buffer.ts";
import { openMediaSource, playsType } from "./media_source.ts";
import { Steering } from "./steering.ts";

/** Whoever the playback is for. */
export interface PlaybackOwner {
  /** Something that the state depends on has changed. */
  playbackChanged(): void;
  /** The stream must be joined again: a new decoder needs an init segment and a group. */
  rejoin(reason: string): void;
}

/** The decoder is being made anew. Times are `performance.now()`. */
export interface Rebuilding {
  readonly attempt: number;
  readonly retryAt: number;
  readonly reason: string;
}

/** Times in a row that the decoder is made anew before the stream counts as one that cannot play here. */
const MAX_REBUILDS = 6;
/** A decoder that worked this long was good: the next failure counts from one again. */
const GOOD_AFTER_MS = 30_000;
/** Capture times that move against media times by more than this are another timeline, ms. */
const SAME_TIMELINE_MS = 1_000;
/** Media this young on arrival is live and not the group that a joiner is sent, ms. */
const LIVE_AGE_MS = 400;
/** After this long of media it counts as live whatever its age, which a slow link adds to, ms. */
const LIVE_AFTER_MS = 3_000;
/** A picture further behind the newest received than this beyond the target is not live, s … */
const LIVE_LAG_S = 0.3;
/** … but after {@link LIVE_AFTER_MS} this much, and once live this much, s. */
const SLOW_LAG_S = 1;
const FORGIVEN_LAG_S = 2;

/** One MediaSource and what goes with it. */
interface Pipeline {
  readonly buffer: MediaBuffer;
  readonly stop: AbortController;
  readonly tracks: string;
  readonly madeAt: number;
}

/** The newest media received. */
interface Newest {
  readonly info: MediaInfo;
  readonly capturedMs: number | undefined;
  readonly arrivedAt: number;
}

/** What a playback is made of. */
export interface PlaybackOptions {
  readonly owner: PlaybackOwner;
  readonly clock: ClockSync;
  /** Ends it, and frees the element. */
  readonly signal: AbortSignal;
}

/** The playing of one stream on one `<video>`. */
export class Playback implements BufferOwner {
  readonly #video: HTMLVideoElement;
  readonly #owner: PlaybackOwner;
  readonly #clock: ClockSync;
  readonly #captures = new CaptureTimes();
  readonly latency: LatencyMeter;
  readonly frames: FrameMeter;
  readonly steering: Steering;
  #pipeline: Pipeline | undefined;
  #stream: StreamMessage | undefined;
  #init: InitInfo | undefined;
  /** The next media are the first after an init segment. */
  #begins = false;
  #newest: Newest | undefined;
  #firstMediaAt: number | undefined;
  #joinedAt: number | undefined;
  #lastKeyAt: number | undefined;
  #groupMs = 0;
  #pictureMs = 0;
  #unplayable: string | undefined;
  #rebuilding: Rebuilding | undefined;
  #rebuilds = 0;
  #failures = 0;
  #rebuildTimer: ReturnType<typeof setTimeout> | undefined;
  #leftOut = { times: 0, ms: 0 };
  /** Paused by its user: the position is left where it is. */
  resting = false;

  constructor(video: HTMLVideoElement, { owner, clock, signal }: PlaybackOptions) {
    this.#video = video;
    this.#owner = owner;
    this.#clock = clock;
    this.latency = new LatencyMeter(this.#captures, clock);
    this.steering = new Steering(video, { engine: engineHere(), signal });
    this.frames = new FrameMeter(video, {
      signal,
      shown: (mediaTime, shownAt) => this.#shown(mediaTime, shownAt),
    });
    video.addEventListener("error", () => this.#decoderBroke(), { signal });
    signal.addEventListener("abort", () => {
      clearTimeout(this.#rebuildTimer);
      this.#pipeline?.stop.abort();
    }, { once: true });
  }

  /** What the relay said of the generation being played; undefined before the first. */
  get stream(): StreamMessage | undefined {
    return this.#stream;
  }

  get hasAudio(): boolean {
    return this.#init?.hasAudio ?? false;
  }

  /** Live pictures are, or until a moment ago were, on the screen. */
  get live(): boolean {
    return this.steering.joined;
  }

  /** Why this stream cannot play here, as a sentence. */
  get unplayable(): string | undefined {
    return this.#unplayable;
  }

  get rebuilding(): Rebuilding | undefined {
    return this.#rebuilding;
  }

  /** Times the decoder was made anew. */
  get rebuilds(): number {
    return this.#rebuilds;
  }

  /** What was left out here for want of room. */
  get leftOutHere(): { readonly times: number; readonly ms: number } {
    return this.#leftOut;
  }

  /** The time between two key pictures, ms; 0 while unknown. */
  get groupMs(): number {
    return this.#groupMs;
  }

  /** The time between two pictures, ms; 0 while unknown. */
  get pictureMs(): number {
    return this.#pictureMs;
  }

  /** When the stream was last joined, `performance.now()`; undefined before the first time. */
  get joinedAt(): number | undefined {
    return this.#joinedAt;
  }

  /** Separate ranges buffered. */
  get bufferedRanges(): number {
    return this.#pipeline?.buffer.ranges.length ?? 0;
  }

  /** There is a source on the element, which may be told to play. */
  get ready(): boolean {
    return this.#pipeline !== undefined;
  }

  /** Whether what came last was live when it came, as far as can be known. */
  get receivesLive(): boolean {
    const newest = this.#newest;
    if (newest === undefined) return false;
    if (newest.capturedMs === undefined) return true;
    const originMs = this.#clock.originTime(newest.arrivedAt);
    return originMs !== null && originMs - newest.capturedMs < LIVE_AGE_MS;
  }

  /** A connection begins to be used: what is on the screen is the past now. */
  joining(): void {
    this.steering.joined = false;
    this.latency.reset();
    this.#newest = undefined;
    this.#firstMediaAt = undefined;
    this.#lastKeyAt = undefined;
    this.#joinedAt = performance.now();
  }

  /** Takes what the relay says before each init segment. */
  describe(stream: StreamMessage): void {
    if (stream.mime !== this.#stream?.mime) {
      this.#unplayable = undefined;
      this.#failures = 0;
    }
    this.#stream = stream;
  }

  /** Takes a message of media. */
  media(bytes: Bytes): void {
    if (isInitSegment(bytes)) this.#begin(bytes);
    else this.#continue(bytes);
  }

  /** To be called a few times a second. */
  tick(now: number): void {
    this.frames.tick(now);
    const buffer = this.#pipeline?.buffer;
    if (buffer === undefined) return;
    buffer.tidy(this.#video.currentTime);
    if (!this.resting) this.steering.look(buffer, now);
  }

  bufferChanged(): void {
    const buffer = this.#pipeline?.buffer;
    if (buffer !== undefined && !this.resting) this.steering.look(buffer, performance.now());
  }

  leftOut(ms: number): void {
    this.#leftOut = { times: this.#leftOut.times + 1, ms: this.#leftOut.ms + ms };
  }

  bufferBroke(reason: string): void {
    this.#broke(reason);
  }

  /** An init segment: a new generation, or the same one on a new connection. */
  #begin(bytes: Bytes): void {
    const init = readInit(bytes);
    const mime = this.#stream?.mime;
    if (init === undefined || mime === undefined) return;
    this.#init = init;
    this.#begins = true;
    if (this.#failures > MAX_REBUILDS || this.#rebuilding !== undefined) return;
    if (!playsType(mime)) {
      this.#pipeline?.stop.abort();
      this.#pipeline = undefined;
      this.#unplayable = `This browser cannot play what the camera sends (${mime}).`;
      this.#owner.playbackChanged();
      return;
    }
    // One SourceBuffer keeps its kinds of tracks for life (MSE §3.5.7, step 3).
    const tracks = [...init.tracks.values()].map(({ kind }) => kind).sort().join();
    if (this.#pipeline !== undefined && this.#pipeline.tracks !== tracks) this.#letGo();
    this.#pipeline ??= this.#build(mime, tracks);
    this.steering.carries(init.hasAudio ? "sound" : "picture");
    this.#pipeline.buffer.init(bytes, mime);
    this.#owner.playbackChanged();
  }

  #continue(bytes: Bytes): void {
    const init = this.#init;
    const info = init === undefined ? undefined : readMedia(bytes, init);
    const first = info?.pictures[0];
    if (info === undefined || first === undefined) return;
    const now = performance.now();
    if (this.#begins && !this.#goesOn(info, first)) {
      this.#pipeline?.buffer.empty();
      this.#captures.clear();
      this.steering.joined = false;
    }
    this.#begins = false;
    this.#firstMediaAt ??= now;
    this.#newest = { info, capturedMs: info.pictures.at(-1)?.capturedMs, arrivedAt: now };
    for (const picture of info.pictures) this.#captures.note(picture);
    this.#pictureMs = (info.end - info.start) * 1000 / info.pictures.length;
    if (info.key) this.#measureGroup(info.start);
    this.#pipeline?.buffer.append({ bytes, ...info });
  }

  /** Whether what begins with `first` belongs to the timeline of what is buffered. */
  #goesOn(info: MediaInfo, first: Picture): boolean {
    const before = this.#captures.timeline;
    const after = timelineOf(first);
    if (before !== undefined && after !== undefined) {
      return Math.abs(after - before) < SAME_TIMELINE_MS;
    }
    const ranges = this.#pipeline?.buffer.ranges ?? [];
    const start = ranges[0]?.start ?? -Infinity;
    const end = ranges.at(-1)?.end ?? Infinity;
    return info.start >= start && info.start <= end + SAME_TIMELINE_MS / 1000;
  }

  #measureGroup(start: number): void {
    if (this.#lastKeyAt !== undefined && start > this.#lastKeyAt) {
      this.#groupMs = (start - this.#lastKeyAt) * 1000;
    }
    this.#lastKeyAt = start;
  }

  /** A picture is on the screen. */
  #shown(mediaTime: number, shownAt: number): void {
    this.latency.shown(mediaTime, shownAt);
    const newest = this.#newest;
    if (newest === undefined) return;
    const lag = newest.info.start - mediaTime - this.steering.target;
    if (this.live) {
      if (lag > FORGIVEN_LAG_S) this.#becomes("behind");
      return;
    }
    const longSince = this.#firstMediaAt !== undefined &&
      newest.arrivedAt - this.#firstMediaAt > LIVE_AFTER_MS;
    const live = longSince ? lag < SLOW_LAG_S : lag < LIVE_LAG_S && this.receivesLive;
    if (live) this.#becomes("live");
  }

  #becomes(what: "live" | "behind"): void {
    this.steering.joined = what === "live";
    this.#owner.playbackChanged();
  }

  #build(mime: string, tracks: string): Pipeline {
    const stop = new AbortController();
    const buffer = new MediaBuffer(this, stop.signal);
    this.steering.restart();
    void this.#open(mime, { buffer, signal: stop.signal });
    return { buffer, stop, tracks, madeAt: performance.now() };
  }

  async #open(
    mime: string,
    { buffer, signal }: { readonly buffer: MediaBuffer; readonly signal: AbortSignal },
  ): Promise<void> {
    try {
      const source = await openMediaSource(this.#video, {
        signal,
        streaming: (wanted) => buffer.hold(wanted ? "no" : "yes"),
      });
      buffer.attach(source.addSourceBuffer(mime), mime);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof DOMException)) throw error;
      this.#broke(`The browser could not prepare for playing (${error.message}).`);
    }
  }

  #letGo(): void {
    this.#pipeline?.stop.abort();
    this.#pipeline = undefined;
    this.#captures.clear();
    this.latency.reset();
  }

  #decoderBroke(): void {
    const { error } = this.#video;
    if (error !== null && this.#pipeline !== undefined) {
      this.#broke(`The browser could not decode the pictures (${error.message || error.code}).`);
    }
  }

  /** Makes everything anew, after a while, or gives up. One cause may be told in several ways. */
  #broke(reason: string): void {
    const pipeline = this.#pipeline;
    if (pipeline === undefined) return;
    const now = performance.now();
    this.#failures = now - pipeline.madeAt > GOOD_AFTER_MS ? 1 : this.#failures + 1;
    this.#letGo();
    if (this.#failures > MAX_REBUILDS) {
      this.#unplayable = reason;
      this.#owner.playbackChanged();
      return;
    }
    this.#rebuilds += 1;
    const delayMs = backOffMs(this.#failures, { policy: PROMPT, random: Math.random() });
    this.#rebuilding = { attempt: this.#failures, retryAt: now + delayMs, reason };
    this.#rebuildTimer = setTimeout(() => {
      this.#rebuilding = undefined;
      this.#owner.rejoin(reason);
    }, delayMs);
    this.#owner.playbackChanged();
  }
}
