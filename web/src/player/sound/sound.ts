/// <reference lib="dom" />
/**
 * Sound played beside a `<video>` that has pictures alone: decoded by WebCodecs, played on the audio thread,
 * kept with the pictures. Follows the element's `muted` and `volume`, so that whoever operates those need not
 * know. Decodes nothing while it is not to be heard. The rules are in `sound_sync.ts`.
 *
 * @module
 */

import type { SoundUnit } from "./separate.ts";
import type { SoundConfig } from "./sound_config.ts";
import { SoundDecoder } from "./sound_decoder.ts";
import type { SoundOrder, SoundReport } from "./sound_messages.ts";
import { SoundOutput } from "./sound_output.ts";
import { SoundPlace } from "./sound_place.ts";
import type { Piece } from "./sound_queue.ts";
import { type SoundSituation, syncSound } from "./sound_sync.ts";

/** Whoever it is for. */
export interface SoundOwner {
  /** It cannot go on; `reason` is a sentence. */
  soundBroke(reason: string): void;
}

/** What it is made of. */
export interface SoundOptions {
  readonly owner: SoundOwner;
  readonly signal: AbortSignal;
}

/** Encoded sound that is kept for when it is wanted, s: that behind the pictures is of no use. */
const KEEP_S = 2;
/** How far behind the picture on the screen sound is decoded from, s. */
const LEAD_IN_S = 0.1;
/** Between two decisions, ms; and for so long after it has begun it is still finding its place. */
const DECIDE_EVERY_MS = 250;
const FRESH_MS = 1_500;
/** Sound that the browser does not let begin within this time is not going to be heard, ms … */
const REFUSED_AFTER_MS = 2_500;
/** … in steps of no more than this: a page that is held up has not been refused anything, ms. */
const MAX_STEP_MS = 300;
/** Switched off, it has faded after this, ms; an output that rests at once would click. */
const FADES_WITHIN_MS = 200;

/** One stream's sound, until the signal ends. */
export class Sound {
  readonly #video: HTMLVideoElement;
  readonly #options: SoundOptions;
  #config: SoundConfig | undefined;
  #output: SoundOutput | undefined;
  #closeOutput = new AbortController();
  #decoder: SoundDecoder | undefined;
  #units: SoundUnit[] = [];
  #takenTo = -Infinity;
  readonly #place = new SoundPlace();
  #rate = 1;
  #gaps = 0;
  /** Orders to jump or to clear given to the output in use. */
  #moves = 0;
  #reportedGaps = 0;
  #begunAt = 0;
  /** It finds its place: what was known at the last report was not yet measured from there. */
  #finds = true;
  #decidedAt = 0;
  /** How long it has been wanted, and could be played, and does not come out, ms; and when that was looked at. */
  #silentMs = 0;
  #lookedAt = 0;
  #unwantedSince: number | undefined;
  /** Paused by its user. */
  resting = false;

  constructor(video: HTMLVideoElement, options: SoundOptions) {
    this.#video = video;
    this.#options = options;
    const { signal } = options;
    video.addEventListener("volumechange", () => this.#follow(), { signal });
    signal.addEventListener("abort", () => this.#letGo(), { once: true });
  }

  /** What the sound is like from now on; undefined: there is none. */
  configure(config: SoundConfig | undefined): void {
    const same = JSON.stringify(config, plainly) === JSON.stringify(this.#config, plainly);
    if (same) return;
    this.#letGo();
    this.#config = config;
    this.#units = [];
    this.#takenTo = -Infinity;
    this.#follow();
  }

  /** Takes more; what is sent again is passed over. */
  take(units: readonly SoundUnit[]): void {
    for (const unit of units) {
      if (unit.start < this.#takenTo - 0.001) continue;
      this.#takenTo = unit.end;
      this.#units.push(unit);
    }
    while ((this.#units[0]?.end ?? Infinity) < this.#takenTo - KEEP_S) this.#units.shift();
    this.#decode();
  }

  /** The picture of `mediaTime` (s) is on the screen at `shownAt` (`performance.now()`). */
  pictured(mediaTime: number, shownAt: number): void {
    this.#place.pictured({ mediaTime, shownAt });
  }

  /** Another timeline begins, or the stream is joined again. */
  forget(): void {
    this.#units = [];
    this.#takenTo = -Infinity;
    this.#place.pictured(undefined);
    this.#stopDecoding();
  }

  /** Inside the handler of a tap or key: the browser may let sound begin now. */
  gesture(): void {
    this.#follow();
  }

  /** Sound comes out. */
  get heard(): boolean {
    return this.#wanted && this.#output?.runs === true && this.#decoder !== undefined;
  }

  /** How much later it is heard than its picture is seen, s; undefined while unknown. */
  get late(): number | undefined {
    return this.heard ? this.#place.late : undefined;
  }

  /** Times it ran dry. */
  get gaps(): number {
    return this.#gaps;
  }

  /** How much picture must be kept ahead for it, s. */
  get need(): number {
    return this.heard ? this.#place.need : 0;
  }

  /**
   * To be called a few times a second; `picture` is the media time of pictures usually reached just before more come,
   * minus `performance.now()`, s.
   */
  tick(now: number, picture: number | undefined): void {
    this.#follow();
    this.#admit(now);
    if (this.heard) this.#place.tick(now, this.#finds ? undefined : picture);
  }

  /** It has only just begun. */
  #isFresh(now: number): boolean {
    return now - this.#begunAt < FRESH_MS;
  }

  get #wanted(): boolean {
    const { muted, volume } = this.#video;
    return this.#config !== undefined && !muted && volume > 0 && !this.resting;
  }

  /** Does what the element's volume and the browser's rules ask for. */
  #follow(): void {
    if (this.#options.signal.aborted || this.#config === undefined) return;
    const wanted = this.#wanted;
    const now = performance.now();
    if (!wanted) {
      this.#unwantedSince ??= now;
      if (this.#output === undefined) return;
      this.#output.volume = 0;
      if (this.#decoder !== undefined) this.#stopDecoding();
      if (now - this.#unwantedSince > FADES_WITHIN_MS) this.#output.run("rest");
      return;
    }
    this.#unwantedSince = undefined;
    this.#open();
    const output = this.#output;
    if (output === undefined) return;
    output.volume = this.#video.volume;
    output.run("run");
    if (output.runs) this.#decode();
  }

  /** The page must not say that there is sound where there is none: its user can ask for it with a tap. */
  #admit(now: number): void {
    const refused = this.#wanted && this.#output?.waits === true && !this.#video.paused;
    this.#silentMs = refused ? this.#silentMs + Math.min(MAX_STEP_MS, now - this.#lookedAt) : 0;
    this.#lookedAt = now;
    if (this.#silentMs > REFUSED_AFTER_MS) this.#video.muted = true;
  }

  #open(): void {
    if (this.#output !== undefined || this.#config === undefined) return;
    this.#closeOutput = new AbortController();
    try {
      this.#output = new SoundOutput({
        sampleRate: this.#config.sampleRate,
        channels: Math.min(2, this.#config.numberOfChannels),
        reported: (report) => this.#reported(report),
        broke: (reason) => this.#options.owner.soundBroke(reason),
        signal: this.#closeOutput.signal,
      });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#options.owner.soundBroke(`The browser has no sound output (${error.message}).`);
    }
  }

  /** Decodes what waits, from about the picture on the screen on. */
  #decode(): void {
    if (!this.#wanted || this.#output?.runs !== true || this.#config === undefined) return;
    if (this.#units.length === 0) return;
    if (this.#decoder === undefined) {
      const now = performance.now();
      const from = this.#place.pictureAt(now) ?? this.#takenTo - LEAD_IN_S;
      this.#units = this.#units.filter(({ end }) => end > from - LEAD_IN_S);
      if (this.#units.length === 0) return;
      this.#decoder = new SoundDecoder({
        config: this.#config,
        decoded: (piece) => this.#decoded(piece),
        broke: (reason) => this.#options.owner.soundBroke(reason),
      });
      this.#begunAt = now;
      this.#finds = true;
    }
    for (const unit of this.#units) this.#decoder.take(unit);
    this.#units = [];
  }

  #decoded(piece: Piece): void {
    this.#output?.send({ kind: "piece", piece });
  }

  #stopDecoding(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#move({ kind: "clear" });
    this.#place.stop();
  }

  #reported(report: SoundReport): void {
    const now = performance.now();
    const heardNow = this.#output?.heardAt(now);
    // What was on its way when sound was moved tells of another place.
    if (this.heard && heardNow !== undefined && report.moves === this.#moves) {
      this.#place.reported(report, { heardNow, now });
      if (this.#isFresh(now)) this.#place.excuse();
      else if (this.#finds) this.#place.settle();
      this.#finds = this.#isFresh(now);
    }
    if (report.gaps > this.#reportedGaps && this.heard && !this.#isFresh(now)) {
      this.#gaps += report.gaps - this.#reportedGaps;
    }
    this.#reportedGaps = report.gaps;
    if (now - this.#decidedAt < DECIDE_EVERY_MS) return;
    this.#decidedAt = now;
    const situation = this.#place.situation(now, this.#isFresh(now));
    if (situation !== undefined) this.#steer(situation);
  }

  #move(order: SoundOrder): void {
    if (this.#output?.send(order)) this.#moves += 1;
  }

  #steer(situation: SoundSituation): void {
    const move = syncSound(situation);
    if (move.kind === "jump") {
      this.#move({ kind: "jump", by: move.by });
      this.#place.moved();
    } else if (move.rate !== this.#rate) {
      this.#rate = move.rate;
      this.#output?.send({ kind: "rate", rate: move.rate });
    }
  }

  #letGo(): void {
    this.#stopDecoding();
    this.#closeOutput.abort();
    this.#output = undefined;
    this.#rate = 1;
    this.#moves = 0;
    this.#reportedGaps = 0;
  }
}

/** Bytes as numbers, so that two configurations can be compared as text. */
function plainly(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}

/** Whether this page may decode and play sound by itself; insecure pages may not. */
export function canPlayBeside(): boolean {
  return typeof AudioDecoder === "function" && typeof AudioWorkletNode === "function";
}
