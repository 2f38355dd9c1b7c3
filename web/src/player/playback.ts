/// <reference lib="dom" />
/**
 * From bytes to a `<video>`: feeds the buffer of its MediaSource, follows generations and timelines, and lets what breaks
 * be mended. Knows nothing of connections.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { StreamMessage } from "../../../shared/control.ts";
import { Arrivals } from "./arrivals.ts";
import type { ClockSync } from "./clock_sync.ts";
import { engineHere, silenceFor, standsFor } from "./engine.ts";
import { type Feeding, feedingOf } from "./feeding.ts";
import { FrameMeter } from "./frame_meter.ts";
import { type InitInfo, isInitSegment, readInit, readMedia } from "./incoming.ts";
import { CaptureTimes, LatencyMeter } from "./latency.ts";
import type { MediaBuffer } from "./media_buffer.ts";
import { playsType } from "./media_source.ts";
import { Mending } from "./mending.ts";
import { Opening } from "./opening.ts";
import { Pipeline, type PipelineOwner } from "./pipeline.ts";
import type { Rebuilding } from "./rebuilds.ts";
import { separate, type Separated } from "./sound/separate.ts";
import { canPlayBeside, Sound, type SoundOwner } from "./sound/sound.ts";
import { standing } from "./standing.ts";
import { Steering } from "./steering.ts";

/** Whoever the playback is for. */
export interface PlaybackOwner {
  /** Something that the state depends on has changed. */
  playbackChanged(): void;
  /** The stream must be joined again: a new decoder needs an init segment and a group. */
  rejoin(reason: string): void;
}

/** What a playback is made of. */
export interface PlaybackOptions {
  readonly owner: PlaybackOwner;
  readonly clock: ClockSync;
  /** Ends it, and frees the element. */
  readonly signal: AbortSignal;
}

/** So many decoders in a row that broke before a live picture: the next one is without silence. */
const MOST_FAILURES = 2;
/** What a joiner is sent has come within this, ms, or comes so slowly that it is not waited for. */
const FILLS_WITHIN_MS = 1_000;

/** The playing of one stream on one `<video>`. */
export class Playback implements PipelineOwner, SoundOwner {
  readonly #video: HTMLVideoElement;
  readonly #owner: PlaybackOwner;
  readonly #engine = engineHere();
  readonly #captures = new CaptureTimes();
  readonly #mending: Mending;
  readonly arrivals: Arrivals;
  readonly latency: LatencyMeter;
  readonly frames: FrameMeter;
  readonly steering: Steering;
  readonly sound: Sound;
  /** Sound can be played beside the element, until it has failed. */
  #canBeside: boolean;
  /** Silence can be played beside the pictures, until it has failed. */
  #canSilence = true;
  /** Decoders in a row that broke before a live picture, with silence. */
  #failures = 0;
  #pipeline: Pipeline | undefined;
  #opening: Opening | undefined;
  #stream: StreamMessage | undefined;
  #init: InitInfo | undefined;
  /** What the buffer is given of the generation being received. */
  #feeding: Feeding | undefined;
  /** The next media are the first after an init segment. */
  #begins = false;
  #unplayable: string | undefined;
  #leftOut = { times: 0, ms: 0 };
  /** Paused by its user: the position is left where it is. */
  #resting = false;

  constructor(video: HTMLVideoElement, { owner, clock, signal }: PlaybackOptions) {
    this.#video = video;
    this.#owner = owner;
    this.arrivals = new Arrivals(this.#captures, clock);
    this.latency = new LatencyMeter(this.#captures, clock);
    this.steering = new Steering(video, { engine: this.#engine, signal });
    this.sound = new Sound(video, { owner: this, signal });
    this.#mending = new Mending({ rejoin: (reason) => owner.rejoin(reason), signal });
    this.#canBeside = this.#engine === "chromium" && canPlayBeside();
    this.frames = new FrameMeter(video, {
      signal,
      shown: (mediaTime, shownAt, decodeS) => {
        if (decodeS !== undefined) this.steering.decoded(decodeS);
        this.#shown(mediaTime, shownAt);
      },
    });
    video.addEventListener("error", () => this.#decoderBroke(), { signal });
    video.addEventListener("loadedmetadata", () => this.#steer(performance.now()), { signal });
    this.#opening = new Opening(video);
    signal.addEventListener("abort", () => {
      this.#pipeline?.stop();
      this.#opening?.stop.abort();
    }, { once: true });
  }

  /** Paused by its user: the position is left where it is. */
  set resting(resting: boolean) {
    this.#resting = resting;
    this.sound.resting = resting;
  }

  /** By which way sound comes: with the pictures through the element, or beside it. */
  get soundPath(): "none" | "element" | "beside" {
    if (!this.hasAudio) return "none";
    return this.#feeding?.sound === undefined ? "element" : "beside";
  }

  /** Pictures alone are played beside silence, which the browser takes for a film that is listened to. */
  get besideSilence(): boolean {
    return this.#pipeline?.silence !== undefined;
  }

  /** What the relay said of the generation being received; undefined before the first. */
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
    return this.#mending.rebuilding;
  }

  /** Times the decoder was made anew. */
  get rebuilds(): number {
    return this.#mending.total;
  }

  /** What was left out here for want of room. */
  get leftOutHere(): { readonly times: number; readonly ms: number } {
    return this.#leftOut;
  }

  /** Separate ranges buffered. */
  get bufferedRanges(): number {
    return this.#pipeline?.buffer.ranges.length ?? 0;
  }

  /** There is a source on the element, which may be told to play. */
  get ready(): boolean {
    return this.#pipeline !== undefined;
  }

  /** What is on the screen is the past now; what comes must show that it is live. */
  join(): void {
    this.steering.joined = false;
    this.latency.reset();
    this.arrivals.join(performance.now());
  }

  /** Takes what the relay says before each init segment. */
  describe(stream: StreamMessage): void {
    if (stream.mime !== this.#stream?.mime) {
      this.#unplayable = undefined;
      this.#mending.forgive();
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
    this.#pipeline?.buffer.tidy(this.#video.currentTime);
    this.sound.tick(now, this.steering.usual);
    this.steering.accompany(this.sound.heard ? { needs: this.sound.need } : undefined);
    this.#steer(now);
  }

  bufferChanged(): void {
    this.#steer(performance.now());
  }

  leftOut(ms: number): void {
    this.#leftOut = { times: this.#leftOut.times + 1, ms: this.#leftOut.ms + ms };
  }

  bufferBroke(reason: string): void {
    this.#broke(reason);
  }

  soundBroke(_reason: string): void {
    if (!this.#canBeside) return;
    // Not worth a word to the viewer: from the next init segment on the element plays it.
    this.#canBeside = false;
    this.sound.configure(undefined);
    this.#letGo();
    this.#owner.rejoin("Sound is played another way.");
  }

  silenceBroke(_reason: string): void {
    this.#canSilence = false;
    this.#letGo();
    this.#owner.rejoin("Pictures are played another way.");
  }

  #steer(now: number): void {
    const buffer = this.#pipeline?.buffer;
    // Chromium pauses pictures without sound that are out of sight: jumping would only decode them in vain.
    const unseen = this.#video.paused && document.visibilityState === "hidden";
    // Before anything has arrived since joining, what is buffered says nothing of where live is.
    if (buffer !== undefined && !this.#resting && !unseen && this.arrivals.any) {
      const { ranges, newestKey } = buffer;
      this.steering.look({ ranges, newestKey, filling: this.#filling(buffer, now) }, now);
      if (this.steering.wedged) this.#broke("The browser's player got stuck.");
    }
  }

  /** The group that a joiner is sent is still arriving or being appended. */
  #filling(buffer: MediaBuffer, now: number): boolean {
    if (now - (this.arrivals.joinedAt ?? now) > FILLS_WITHIN_MS) return false;
    return buffer.waits || !this.arrivals.areLive;
  }

  /** An init segment: a new generation, or the same one on a new connection. */
  #begin(bytes: Bytes): void {
    const init = readInit(bytes);
    const stream = this.#stream;
    if (init === undefined || stream === undefined) return;
    this.#init = init;
    this.#begins = true;
    if (this.#mending.givenUp || this.#mending.rebuilding !== undefined) return;
    const beside = this.#canBeside ? "can" : "cannot";
    this.#feeding = feedingOf(bytes, { info: init, stream, beside });
    this.sound.configure(this.#feeding.sound);
    if (playsType(this.#feeding.mime)) this.#feed(this.#feeding);
    else this.#refuse(`This browser cannot play what the camera sends (${stream.mime}).`);
    this.#owner.playbackChanged();
  }

  #feed({ bytes, mime, kinds }: Feeding): void {
    if (this.#pipeline?.kinds !== kinds) this.#letGo();
    this.#pipeline ??= this.#build(mime, kinds);
    const alone = this.#pipeline.silence === undefined ? "picture" : "quiet";
    this.steering.carries(kinds.includes("audio") ? "sound" : alone);
    this.#pipeline.buffer.init(bytes, mime);
  }

  #refuse(reason: string): void {
    this.#letGo();
    this.#unplayable = reason;
  }

  #continue(bytes: Bytes): void {
    const init = this.#init;
    const info = init === undefined ? undefined : readMedia(bytes, init);
    if (init === undefined || info === undefined) return;
    if (this.#mending.spares(info, performance.now())) return;
    const { pictures, sounds } = this.#apart(bytes, init);
    const buffer = this.#pipeline?.buffer;
    if (info.pictures.length === 0) {
      // Sound before the first picture would open a range of its own.
      if (!this.#begins && pictures !== undefined) {
        buffer?.append({ ...info, bytes: pictures, alone: true });
      }
    } else {
      if (this.#begins && !this.arrivals.goesOn(info, buffer?.ranges ?? [])) this.#startOver();
      this.#begins = false;
      this.arrivals.take(info, performance.now());
      this.steering.pausedTo(this.arrivals.pausedTo);
      if (pictures !== undefined) {
        this.#pipeline?.buffer.append({ ...info, bytes: pictures, alone: false });
      }
    }
    this.sound.take(sounds);
  }

  /** What the buffer gets of a message, and what is played beside it. */
  #apart(bytes: Bytes, init: InitInfo): Separated {
    const feeding = this.#feeding;
    const apart = feeding?.sound === undefined
      ? { pictures: bytes, sounds: [] }
      : separate(bytes, init);
    // Not until the place is found: what a joiner is sent is whole, and a decoder has enough to do with it.
    const stands = this.steering.found ? standsFor(this.#engine, feeding?.kinds ?? "") : 0;
    const pictures = apart.pictures && standing(apart.pictures, init, stands);
    return { ...apart, pictures };
  }

  /** Another timeline begins. */
  #startOver(): void {
    const pipeline = this.#pipeline;
    const feeding = this.#feeding;
    if (pipeline === undefined || feeding === undefined) return;
    this.sound.forget();
    if (this.#engine === "webkit") {
      // WebKitGTK may not get over the emptying of what it plays from: a jump afterwards never ends.
      this.#letGo();
      this.#pipeline = this.#build(feeding.mime, feeding.kinds);
      this.#pipeline.buffer.init(feeding.bytes, feeding.mime);
    } else {
      pipeline.buffer.empty();
      this.#captures.clear();
      this.steering.castOff();
    }
  }

  /** A picture is on the screen. */
  #shown(mediaTime: number, shownAt: number): void {
    this.latency.shown(mediaTime, shownAt);
    this.sound.pictured(mediaTime, shownAt);
    const { target, joined } = this.steering;
    const live = this.arrivals.isLive(mediaTime, { target, wereLive: joined });
    if (live === joined) return;
    this.steering.joined = live;
    if (live) this.#works();
    this.#owner.playbackChanged();
  }

  #works(): void {
    this.#failures = 0;
    this.#mending.works();
  }

  #build(mime: string, kinds: string): Pipeline {
    const opening = this.#opening ?? new Opening(this.#video);
    this.#opening = undefined;
    this.steering.castOff();
    const silence = this.#canSilence ? silenceFor(this.#engine, kinds) : undefined;
    return new Pipeline(opening, { owner: this, mime, kinds, silence });
  }

  #letGo(): void {
    this.#pipeline?.stop();
    this.#pipeline = undefined;
    this.#captures.clear();
    this.latency.reset();
  }

  #decoderBroke(): void {
    const { error } = this.#video;
    if (error === null) return;
    this.#broke(`The browser could not decode the pictures (${error.message || error.code}).`);
  }

  /** Makes everything anew, after a while, or gives up. One cause may be told in several ways. */
  #broke(reason: string): void {
    const pipeline = this.#pipeline;
    if (pipeline === undefined) return;
    const { madeAt, buffer, silence } = pipeline;
    // Silence is decoded too, and what it cannot do is told in the same words.
    if (silence !== undefined && ++this.#failures >= MOST_FAILURES) this.#canSilence = false;
    this.#letGo();
    this.#mending.broke(reason, { madeAt, takenTo: buffer.takenTo });
    if (this.#mending.rebuilding === undefined) this.#unplayable = reason;
    this.#owner.playbackChanged();
  }
}
