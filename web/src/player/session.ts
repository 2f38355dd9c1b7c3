/// <reference lib="dom" />
/**
 * One start-to-stop of a player: joins the link, the playback, the page's presence and the will to play,
 * and knows the state and the figures that come of it.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { ServerMessage } from "../../../shared/control.ts";
import type { Candidate } from "../transports/mod.ts";
import { ClockSync } from "./clock_sync.ts";
import { inAac, wantsAac } from "./in_aac.ts";
import { Link, type LinkOwner, MAX_ENDS } from "./link.ts";
import { memoryHere, type NetworkMemory } from "./network_memory.ts";
import { isPictureInPicture } from "./out_of_page.ts";
import { PlayKeeper, type PlayOwner } from "./play_keeper.ts";
import { Playback, type PlaybackOwner } from "./playback.ts";
import { stateFrom } from "./player_state.ts";
import type { PlayerState, PlayerStats } from "./player_types.ts";
import { Presence, type PresenceOwner } from "./presence.ts";
import { RateMeter } from "./rate_meter.ts";

/** What a session is made of. */
export interface SessionOptions {
  /** The stream's page. */
  readonly url: string;
  readonly candidates: readonly Candidate[];
  /** Called after each change of state, and about once a second. */
  readonly changed: () => void;
  /** Ends it, and frees the element. */
  readonly signal: AbortSignal;
}

/** How often it looks at itself, and how often it tells its figures, ms. */
const LOOK_EVERY_MS = 250;
const TELL_EVERY_MS = 1_000;
/** Paused for this long, nothing is received any more, ms. */
const PAUSED_AWAY_MS = 30_000;

/** A session. */
export class Session implements LinkOwner, PlaybackOwner, PresenceOwner, PlayOwner {
  readonly #video: HTMLVideoElement;
  readonly #options: SessionOptions;
  readonly #clock = new ClockSync();
  readonly #memory: NetworkMemory;
  readonly #playback: Playback;
  readonly #presence: Presence;
  readonly #play: PlayKeeper;
  readonly #bits = new RateMeter();
  #link: Link | undefined;
  #unlink = new AbortController();
  #state: PlayerState = { kind: "connecting" };
  #toldAt = 0;
  /** The relay has said something on the connection in use. */
  #heard = false;
  #offline: string | undefined;
  #bytes = 0;
  #skips = { times: 0, ms: 0 };
  /** The stream is asked for with its sound in AAC. */
  #inAac = false;
  /** Connections of links that are no more. */
  #opened = 0;
  #ends: readonly string[] = [];

  constructor(video: HTMLVideoElement, options: SessionOptions) {
    this.#video = video;
    this.#options = options;
    const { signal, url } = options;
    this.#memory = memoryHere(url);
    this.#playback = new Playback(video, { owner: this, clock: this.#clock, signal });
    this.#play = new PlayKeeper(video, { owner: this, signal });
    const page = { document, window: globalThis };
    this.#presence = new Presence({ owner: this, page, signal });
    const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      this.#unlink.abort();
    }, { once: true });
    this.#connectIfWanted();
  }

  get state(): PlayerState {
    return this.#state;
  }

  get stats(): PlayerStats {
    const video = this.#video;
    const { frames, steering, stream, leftOutHere, sound, soundPath } = this.#playback;
    const link = this.#link?.state;
    return {
      transport: link?.kind === "open" ? link.transport : "none",
      state: this.#state.kind,
      latencyMs: this.#playback.latency.at(performance.now()),
      arrivalMs: this.#playback.arrivals.ageMs,
      clockErrorMs: this.#clock.errorMs,
      roundTripMs: this.#clock.roundTripMs,
      fps: frames.fps,
      framesShown: frames.shown,
      framesDropped: frames.dropped,
      bufferedMs: Math.round(steering.ahead * 1000),
      targetMs: Math.round(steering.target * 1000),
      bufferedRanges: this.#playback.bufferedRanges,
      generation: stream?.generation ?? 0,
      bytes: this.#bytes,
      bitrate: Math.round(this.#bits.perSecond * 8),
      playbackRate: video.playbackRate,
      seeks: steering.seeks,
      stalls: steering.stalls,
      skips: this.#skips.times + leftOutHere.times,
      skippedMs: this.#skips.ms + leftOutHere.ms,
      reconnects: Math.max(0, this.#opened + (this.#link?.opened ?? 0) - 1),
      ends: this.#allEnds,
      rebuilds: this.#playback.rebuilds,
      lastPictureAt: frames.lastPictureAt,
      codec: stream?.tracks.map(({ codec }) => codec).join(", ") ?? "",
      width: video.videoWidth,
      height: video.videoHeight,
      hasAudio: this.#playback.hasAudio,
      soundPath,
      soundLateMs: sound.late === undefined ? null : sound.late * 1000,
      soundGaps: sound.gaps,
    };
  }

  /** See `PlayerControl`. */
  userGesture(): void {
    this.#play.gesture();
    this.#playback.sound.gesture();
    this.#link?.wake();
  }

  media(bytes: Bytes): void {
    this.#heard = true;
    this.#bytes += bytes.length;
    this.#playback.media(bytes);
  }

  control(message: ServerMessage): void {
    if (message.type === "pong") return;
    this.#heard = true;
    switch (message.type) {
      case "stream":
        if (!this.#inAac && wantsAac(message)) {
          this.#inAac = true;
          this.#letGo();
          this.#connectIfWanted();
          return;
        }
        this.#playback.describe(message);
        break;
      case "offline":
        this.#offline = message.reason;
        this.#playback.join(); // what comes before live pictures come again is not live
        break;
      case "skip":
        this.#skips = { times: this.#skips.times + 1, ms: this.#skips.ms + message.ms };
        break;
    }
    this.#update();
  }

  linkChanged(): void {
    if (this.#link?.state.kind === "open") {
      this.#heard = false;
      this.#offline = undefined;
      this.#playback.join();
    }
    this.#update();
  }

  playbackChanged(): void {
    this.#update();
  }

  rejoin(reason: string): void {
    this.#link?.renew(reason);
  }

  get restsUnseen(): boolean {
    return this.#playback.besideSilence && !isPictureInPicture(this.#video);
  }

  playChanged(): void {
    this.#playback.resting = this.#play.pausedAt !== undefined;
    this.#update();
  }

  resumed(): void {
    this.#playback.resting = false;
    this.#playback.join();
    this.#connectIfWanted();
    this.#update();
  }

  get noticed(): boolean {
    const { muted, paused, volume } = this.#video;
    // A picture that is out of sight rests, and not the sound beside it.
    const heard = this.#playback.soundPath === "beside"
      ? this.#playback.sound.heard
      : this.#playback.hasAudio && !muted && !paused && volume > 0;
    return heard || isPictureInPicture(this.#video);
  }

  presenceChanged(): void {
    this.#connectIfWanted();
  }

  woken(): void {
    this.#link?.wake();
  }

  get #suspended(): boolean {
    const { pausedAt } = this.#play;
    return this.#presence.away ||
      (pausedAt !== undefined && performance.now() - pausedAt > PAUSED_AWAY_MS);
  }

  #connectIfWanted(): void {
    const wanted = !this.#suspended && !this.#options.signal.aborted;
    if (wanted === (this.#link !== undefined)) return;
    if (wanted) {
      const { candidates } = this.#options;
      const url = this.#inAac ? inAac(this.#options.url) : this.#options.url;
      this.#unlink = new AbortController();
      const { signal } = this.#unlink;
      this.#link = new Link(url, {
        owner: this,
        candidates,
        clock: this.#clock,
        memory: this.#memory,
        signal,
      });
    } else {
      this.#letGo();
    }
    this.#update();
  }

  get #allEnds(): readonly string[] {
    return [...this.#ends, ...this.#link?.ends ?? []].slice(-MAX_ENDS);
  }

  #letGo(): void {
    this.#opened += this.#link?.opened ?? 0;
    this.#ends = this.#allEnds;
    this.#unlink.abort();
    this.#link = undefined;
    this.#playback.join(); // what runs out now is nobody's fault
  }

  #look(): void {
    const now = performance.now();
    this.#connectIfWanted();
    if (this.#playback.ready) this.#play.keep(now);
    this.#playback.tick(now);
    this.#bits.sample(this.#bytes, now);
    this.#link?.groupLasts(this.#playback.arrivals.groupMs);
    if (this.#playback.arrivals.areLive) this.#offline = undefined;
    this.#update();
    if (now - this.#toldAt >= TELL_EVERY_MS) this.#tell(now);
  }

  #update(): void {
    const before = this.#state;
    const { frames, unplayable, rebuilding, live } = this.#playback;
    this.#state = stateFrom({
      unplayable,
      suspended: this.#suspended,
      link: this.#link?.state,
      heard: this.#heard,
      rebuilding,
      offline: this.#offline,
      blocked: this.#play.blocked,
      paused: this.#play.pausedAt !== undefined,
      live,
      lastPictureAt: frames.lastPictureAt,
      pictureMs: this.#playback.arrivals.pictureMs,
      joinedAt: this.#playback.arrivals.joinedAt,
      now: performance.now(),
    });
    if (JSON.stringify(before) !== JSON.stringify(this.#state)) this.#tell(performance.now());
  }

  #tell(now: number): void {
    this.#toldAt = now;
    if (!this.#options.signal.aborted) this.#options.changed();
  }
}
