/**
 * What a client sends as a live stream that browsers watch: decides what is in it, and begins anew when that changes.
 * Encoding is ./live_run.ts's; without ffmpeg there is no live stream, and the recording goes on.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { Log } from "../../log.ts";
import type { Streams } from "../../streams/streams.ts";
import { NoFfmpegError } from "../../ffmpeg.ts";
import { jpegSize, type PictureSize } from "./jpeg_size.ts";
import { type LiveItem, LiveRun } from "./live_run.ts";
import { SAMPLE_BYTES, SAMPLE_RATE } from "./wav_file.ts";

/** After the first picture or sound the other is waited for. */
const GATHER_MS = 300;
/** Between two runs, whatever the client sends. */
const REST_MS = 2_000;
/** Sound that is so much off its time is put right. */
const MAX_DRIFT_MS = 250;
/** What comes before a run may wait for it. */
const MAX_EARLY_BYTES = 8 * 1024 * 1024;

/** What it is made with. */
export interface LiveStreamOptions {
  readonly streams: Streams;
  readonly log: Log;
  /** The stream's name; asked for when it begins. */
  readonly name: () => string;
}

/** One client's live stream. */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  #run: LiveRun | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #early: LiveItem[] = [];
  #earlyBytes = 0;
  #size: PictureSize | undefined;
  #hasSound = false;
  /** Of the run, or the one that is gathered for. */
  #startedAt = 0;
  #lastPictureMs = -1;
  /** When the next sound is due, in ms of the run. */
  #soundDue: number | undefined;
  #notBefore = -Infinity;
  /** There can be none. */
  #off = false;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  picture(jpeg: Bytes): void {
    const size = jpegSize(jpeg);
    if (this.#off || size === undefined) return;
    const known = this.#run ? this.#run.tracks.picture : this.#size;
    if (this.#run && (known?.width !== size.width || known.height !== size.height)) {
      if (performance.now() < this.#notBefore) return; // the recording has it
      const { sound } = this.#run.tracks;
      this.end();
      this.#hasSound = sound;
    }
    this.#size = size;
    if (!this.#prepare()) return;
    const timeMs = Math.max(this.#now(), this.#lastPictureMs + 1);
    this.#lastPictureMs = timeMs;
    this.#add({ track: "picture", timeMs, bytes: jpeg });
  }

  sound(pcm: Bytes): void {
    if (this.#off) return;
    if (this.#run && !this.#run.tracks.sound) {
      if (performance.now() < this.#notBefore) return;
      const { picture } = this.#run.tracks;
      this.end();
      this.#size = picture;
    }
    this.#hasSound = true;
    if (!this.#prepare()) return;
    const now = this.#now();
    const due = this.#soundDue ?? now;
    const timeMs = Math.abs(due - now) > MAX_DRIFT_MS ? now : due;
    this.#soundDue = timeMs + pcm.length / SAMPLE_BYTES / SAMPLE_RATE * 1000;
    this.#add({ track: "sound", timeMs: Math.round(timeMs), bytes: pcm });
  }

  /** The client says that this is all; what comes later begins another run. */
  end(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#run?.end();
    this.#run = undefined;
    this.#early = [];
    this.#earlyBytes = 0;
    this.#size = undefined;
    this.#hasSound = false;
  }

  /** Whether there is a run, or one to come, for what came just now. */
  #prepare(): boolean {
    if (this.#run || this.#gathering !== undefined) return true;
    const now = performance.now();
    if (now < this.#notBefore) return false;
    this.#startedAt = now;
    this.#lastPictureMs = -1;
    this.#soundDue = undefined;
    const wait = this.#size && this.#hasSound ? 0 : GATHER_MS;
    this.#gathering = setTimeout(() => this.#begin(), wait);
    return true;
  }

  #now(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  #add(item: LiveItem): void {
    if (this.#run) return this.#run.add(item);
    this.#earlyBytes += item.bytes.length;
    if (this.#earlyBytes <= MAX_EARLY_BYTES) this.#early.push(item);
  }

  #begin(): void {
    this.#gathering = undefined;
    this.#notBefore = performance.now() + REST_MS;
    const { streams, log, name } = this.#options;
    const stream = name();
    const publishing = streams.publish(stream, { format: "mpegts", replace: true });
    if (publishing.kind !== "publication") {
      this.#off = true;
      log.warn(`no live stream: ${WHY_NOT[publishing.kind]}`, { stream });
      return;
    }
    const { publication } = publishing;
    try {
      const tracks = {
        ...(this.#size ? { picture: this.#size } : {}),
        sound: this.#hasSound,
      };
      const run = new LiveRun({ tracks, publication });
      this.#run = run;
      for (const item of this.#early) run.add(item);
      void run.ended.then((problem) => {
        if (problem !== undefined) log.warn(`the live stream broke: ${problem}`, { stream });
        if (this.#run === run) this.end();
      });
    } catch (error) {
      if (!(error instanceof NoFfmpegError)) throw error;
      this.#off = true;
      publication.close(`there is no live picture: ${error.message}`);
      log.warn(`no live stream: ${error.message}`, { stream });
    }
    this.#early = [];
    this.#earlyBytes = 0;
  }
}

const WHY_NOT = {
  taken: "another publisher is there",
  sourced: "a stream of this name has a source of its own",
  misnamed: "it has no name that a stream may have",
  full: "there are too many streams",
} as const;
