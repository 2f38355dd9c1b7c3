/**
 * Keeps one `<video>` at the live edge: reads the buffer, asks `live_edge.ts` what to do, does it, and
 * learns from stalls and jumps.
 *
 * @module
 */

import { DecodeTime } from "./decode_time.ts";
import { DecoderPlace } from "./decoder_place.ts";
import {
  type Engine,
  type Hearing,
  type Keeping,
  mannersOf,
  patienceOf,
  targetsOf,
} from "./engine.ts";
import { Gusts } from "./gusts.ts";
import { Jitter } from "./jitter.ts";
import { type Range, steer } from "./live_edge.ts";
import { LiveTarget } from "./live_target.ts";
import { Outside } from "./outside.ts";

/** What the buffer is like now. */
export interface BufferView {
  readonly ranges: readonly Range[];
  readonly newestKey: number | undefined;
  /** What the relay keeps for joiners is still coming in. */
  readonly filling: boolean;
}

/** The part of a `<video>` that is used here. */
export interface SteeredVideo extends EventTarget {
  currentTime: number;
  playbackRate: number;
  readonly readyState: number;
  readonly paused: boolean;
  readonly seeking: boolean;
  readonly muted: boolean;
  readonly volume: number;
}

/** A stop longer than this is the camera's or the network's absence, which no buffer bridges, ms. */
const OUTAGE_MS = 2_000;
/** For this long after a stall a jump does no further harm, ms. */
const SETTLED_AFTER_MS = 500;
/** No further behind the aim than this, the place has been found, s; after so long there, a stall says something. */
const FOUND_WITHIN_S = 0.1;
const AT_HOME_AFTER_MS = 1_500;
/** So many jumps in a row that do not end, or so long without moving though there is media, ms: it is stuck. */
const LOST_JUMPS = 2;
const STUCK_MS = 4_000;
/** The pace is known from so many arrivals: half a second's worth. */
const LEAST_READINGS = 15;
/** Media ahead that any browser can play from, s. */
const PLENTY_S = 0.5;
/** Time between two looks that counts as standing still, ms; what is longer was an interruption. */
const MAX_LOOK_MS = 500;
/** A picture is to be there, and decoded, so long before it is due, s, … */
const IN_TIME_S = 0.01;
/** … where decoding takes no longer than this: more is a decoder that cannot keep up, s. */
const MOST_DECODING_S = 0.15;
/** The element knows its tracks, so its position may be set. */
const HAVE_METADATA = 1;

/** What a helm is made of. */
export interface SteeringOptions {
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

/** The helm of one `<video>`, until its signal ends. */
export class Steering {
  readonly #video: SteeredVideo;
  readonly #engine: Engine;
  readonly #decodeTime = new DecodeTime();
  readonly #jitter = new Jitter();
  readonly #gusts = new Gusts(LEAST_READINGS);
  #keeping: Keeping = "picture";
  /** Each kind of playing has an aim, and learns its own. */
  readonly #aims = new Map<Keeping, LiveTarget>();
  /** End of the buffer at the last look; undefined when that was in another life. */
  #end: number | undefined;
  #jumpedMs = -Infinity;
  #jumpCost = 0;
  #seeks = 0;
  #stalls = 0;
  #stalledAt: number | undefined;
  /** The end of the last stall. */
  #flowsSince = -Infinity;
  /** What was aimed at when as much was last ahead, s; undefined: never since the last jump or stall. */
  #met: number | undefined;
  /** The aim had been met when playback ran dry: then it is too small. */
  #toBlame: number | undefined;
  /** The position belongs to another timeline, or to none yet. */
  #adrift = true;
  /** Jumps in a row that had not ended when the next was made. */
  #lostJumps = 0;
  /** How long the position has stood still though there is media, ms; and what that is known from. */
  #stuckMs = 0;
  #position = 0;
  #lookedAt = 0;
  readonly #decoder = new DecoderPlace();
  readonly #outside = new Outside();
  /** Live pictures have been shown since the stream was last joined. */
  #joined = false;
  /** Since when, after joining, the position is about where it should be. */
  #foundAt: number | undefined;
  /** The camera paused before the media that begins here, s: that comes no later than it should. */
  #pausedTo: number | undefined;
  /** Sound is played beside the element, and needs so much picture ahead, s. */
  #beside: { readonly needs: number } | undefined;

  constructor(video: SteeredVideo, { engine, signal }: SteeringOptions) {
    this.#video = video;
    this.#engine = engine;
    const until = { signal };
    video.addEventListener("seeked", () => this.#arrived(performance.now()), until);
    video.addEventListener("waiting", () => this.#ranDry(performance.now()), until);
    video.addEventListener("playing", () => this.#flows(performance.now()), until);
  }

  /** What is in the buffer from now on. */
  carries(keeping: Keeping): void {
    this.#keeping = keeping;
  }

  /** Sound is heard beside the element and needs at least so much picture ahead, s; undefined: it is not. */
  accompany(beside: { readonly needs: number } | undefined): void {
    this.#beside = beside;
  }

  /** A picture took so long to decode, s. */
  decoded(seconds: number): void {
    this.#decodeTime.note(seconds);
  }

  /** Where media begins that comes next, s, where the camera had paused before it. */
  pausedTo(start: number | undefined): void {
    this.#pausedTo = start ?? this.#pausedTo;
  }

  get joined(): boolean {
    return this.#joined;
  }

  set joined(joined: boolean) {
    this.#joined = joined;
    if (joined) return;
    this.#foundAt = undefined;
    this.#gusts.begin();
    this.#forget();
  }

  /** Whether the position has been about where it should be since the stream was joined. */
  get found(): boolean {
    return this.#joined && this.#foundAt !== undefined;
  }

  /** Media kept ahead just before more comes, s. */
  get target(): number {
    const aim = Math.max(this.#aim.seconds, this.#beside?.needs ?? 0);
    if (this.#keeping !== "quiet") return aim;
    const decoding = Math.min(MOST_DECODING_S, this.#decodeTime.seconds);
    return Math.max(aim, IN_TIME_S + Math.max(decoding, this.#jitter.seconds));
  }

  /** What is learnt of the kind of playing that goes on. */
  get #aim(): LiveTarget {
    const known = this.#aims.get(this.#keeping);
    if (known !== undefined) return known;
    const aim = new LiveTarget(targetsOf(this.#engine, this.#keeping));
    this.#aims.set(this.#keeping, aim);
    return aim;
  }

  /** Media time usually reached just before more comes, minus `performance.now()`, s; undefined while not known. */
  get usual(): number | undefined {
    return this.#gusts.usual;
  }

  /** Media ahead of the position, s. */
  get ahead(): number {
    return Math.max(0, (this.#end ?? 0) - this.#video.currentTime);
  }

  /** Jumps made. */
  get seeks(): number {
    return this.#seeks;
  }

  /** Times playback ran dry. */
  get stalls(): number {
    return this.#stalls;
  }

  /** Another timeline begins, or another source is on the element: the position means nothing. */
  castOff(): void {
    this.#jumpedMs = -Infinity;
    this.#lostJumps = 0;
    this.#stuckMs = 0;
    this.#adrift = true;
    this.#decoder.forget();
    this.joined = false;
  }

  /** The element has media and does not play it, whatever it is told: only another source helps. */
  get wedged(): boolean {
    return this.#lostJumps >= LOST_JUMPS || this.#stuckMs > STUCK_MS;
  }

  /** Looks, and acts; to be called whenever the buffer has changed, and a few times a second. */
  look({ ranges, newestKey, filling }: BufferView, now: number): void {
    const video = this.#video;
    if (video.readyState < HAVE_METADATA) return;
    const grew = this.#measure(ranges, now);
    const { currentTime: position } = video;
    const whereabouts = { newest: ranges.at(-1), position, adrift: this.#adrift };
    const move = steer({
      ranges,
      position,
      rate: video.playbackRate,
      usuallyAhead: this.usual === undefined ? undefined : this.usual - (position - now / 1000),
      grew,
      target: this.target,
      seeking: video.seeking,
      found: this.found,
      fresh: !this.#isAtHome(now),
      settled: this.#joined && now - this.#flowsSince > SETTLED_AFTER_MS,
      stranded: this.#decoder.isStranded(ranges, position) && this.#keeping === "quiet",
      outsideMs: this.#outside.for(whereabouts, now),
      adrift: this.#adrift,
      filling,
      newestKey,
      nowMs: now,
      jumpedMs: this.#jumpedMs,
      jumpCost: this.#jumpCost,
      manners: mannersOf(this.#engine, this.#hearing),
    });
    if (move.kind === "rate") video.playbackRate = move.rate;
    if (move.kind === "jump") this.#jump(move.to, now);
  }

  get #hearing(): Hearing {
    if (this.#keeping !== "sound") return this.#beside === undefined ? "nothing" : "beside";
    return !this.#video.muted && this.#video.volume > 0 ? "element" : "silenced";
  }

  /** Takes note of where position and buffer are; answers whether the buffer has grown. */
  #measure(ranges: readonly Range[], now: number): boolean {
    const { currentTime: position, paused, seeking } = this.#video;
    const end = ranges.at(-1)?.end ?? 0;
    const stands = position === this.#position && !paused && end - position > PLENTY_S;
    this.#stuckMs = stands ? this.#stuckMs + Math.min(MAX_LOOK_MS, now - this.#lookedAt) : 0;
    this.#position = position;
    this.#lookedAt = now;
    const before = this.#end;
    this.#end = end;
    const grew = before !== undefined && end > before;
    // What is noted is the pace of arrivals alone, so that it holds wherever the position is moved to, at any rate.
    if (before !== undefined && this.#joined && !paused && !seeking) {
      const isHome = this.#foundAt !== undefined && now - this.#foundAt >= AT_HOME_AFTER_MS;
      if (grew) this.#arrive(this.#reached(before, end) - now / 1000, { now, isHome });
      if (!isHome) this.#gusts.excuse();
    }
    if (!paused && this.#stalledAt === undefined) {
      this.#aim.tick(now, this.#gusts.expected(now, patienceOf(this.#keeping)));
    }
    if (end - position >= this.target) this.#met = this.target;
    if (this.#joined && !seeking && end - position < this.target + FOUND_WITHIN_S) {
      this.#foundAt ??= now;
    }
    return grew;
  }

  /** Media has come, before which there was so much of it, less the clock, s. */
  #arrive(lead: number, { now, isHome }: { readonly now: number; readonly isHome: boolean }): void {
    const { usual } = this.#gusts;
    if (isHome && usual !== undefined) this.#jitter.note(usual - lead, now);
    this.#gusts.arrived(lead, now);
  }

  /** How far media reached before it grew to `end`: a pause of the camera's is no lateness. */
  #reached(before: number, end: number): number {
    const start = this.#pausedTo;
    if (start === undefined || start >= end) return before;
    this.#pausedTo = undefined;
    return Math.max(before, start);
  }

  #jump(to: number, now: number): void {
    this.#seeks += 1;
    // Where playing is not allowed yet, an iPhone loads nothing, and no jump ends.
    if (this.#video.seeking && !this.#video.paused) this.#lostJumps += 1;
    this.#jumpedMs = now;
    this.#adrift = false;
    this.#forget();
    this.#video.playbackRate = 1;
    this.#video.currentTime = to;
    this.#decoder.jump(to);
  }

  /** The position is, or will be, elsewhere: what was measured before does not hold there. */
  #forget(): void {
    this.#end = undefined;
    this.#met = undefined;
    this.#stalledAt = undefined;
    this.#pausedTo = undefined;
  }

  #arrived(now: number): void {
    this.#lostJumps = 0;
    if (this.#jumpedMs > -Infinity) this.#jumpCost = (now - this.#jumpedMs) / 1000;
  }

  #ranDry(now: number): void {
    if (this.#video.seeking || !this.#joined || this.#stalledAt !== undefined) return;
    this.#stalledAt = now;
    this.#stalls += 1;
    this.#toBlame = this.#isAtHome(now) && !this.#isAbsence ? this.#met : undefined;
    this.#met = undefined;
  }

  /** Nothing has come for so long that no buffer would have lasted; a browser may have waited for that to say so. */
  get #isAbsence(): boolean {
    return (this.#end ?? Infinity) - this.#video.currentTime < -OUTAGE_MS / 1000;
  }

  /** Where one rushes to the edge, running dry just after is the price of that. */
  #isAtHome(now: number): boolean {
    if (mannersOf(this.#engine, this.#hearing).rush === undefined) return true;
    return this.#foundAt !== undefined && now - this.#foundAt > AT_HOME_AFTER_MS;
  }

  #flows(now: number): void {
    const since = this.#stalledAt;
    this.#stalledAt = undefined;
    if (since === undefined) return;
    this.#flowsSince = now;
    if (this.#toBlame !== undefined && now - since < OUTAGE_MS) {
      this.#aim.stalled(now, this.#toBlame);
    }
  }
}
