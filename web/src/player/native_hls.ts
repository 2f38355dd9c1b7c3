/// <reference lib="dom" />
/**
 * One start-to-stop of a player where a page can be given no media, but the browser plays the relay's playlist by
 * itself (iPhones before iOS 17.1): the element is given the playlist, kept playing, and given it anew when it has
 * ended or broken. Its distance from live is the browser's affair, and so is what arrives: neither is known here.
 *
 * @module
 */

import { playlistUrl } from "../transports/hls.ts";
import { backOffMs, PATIENT, PROMPT } from "./back_off.ts";
import { FrameMeter } from "./frame_meter.ts";
import { inAac } from "./in_aac.ts";
import type { LinkState } from "./link.ts";
import { NO_STATS } from "./no_stats.ts";
import { isPictureInPicture } from "./out_of_page.ts";
import { PlayKeeper, type PlayOwner } from "./play_keeper.ts";
import { stateFrom } from "./player_state.ts";
import type { PlayerState, PlayerStats } from "./player_types.ts";
import { Presence, type PresenceOwner } from "./presence.ts";
import { asksWhy, type Trouble } from "./playlist_trouble.ts";

/** What a session is made of. */
export interface NativeOptions {
  /** The stream's page. */
  readonly url: string;
  /** Called after each change of state, and about once a second. */
  readonly changed: () => void;
  /** Ends it, and frees the element. */
  readonly signal: AbortSignal;
}

/** The media type of playlists, RFC 8216 §10. */
const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";
const LOOK_EVERY_MS = 250;
const TELL_EVERY_MS = 1_000;
/** Without a first or a new picture for this long the element is given the playlist anew, ms. */
const GIVE_UP_AFTER_MS = 15_000;
/** Played so long, the next trouble is a first one, ms. */
const HEALTHY_MS = 5_000;

/** Whether this browser plays playlists by itself. */
export function playsPlaylists(video: Pick<HTMLVideoElement, "canPlayType">): boolean {
  return video.canPlayType(PLAYLIST_TYPE) !== "";
}

/** A session. */
export class NativeHls implements PlayOwner, PresenceOwner {
  readonly #video: HTMLVideoElement;
  readonly #options: NativeOptions;
  readonly #address: string;
  readonly #frames: FrameMeter;
  readonly #play: PlayKeeper;
  readonly #presence: Presence;
  #link: LinkState = { kind: "connecting", after: undefined };
  #offline: string | undefined;
  #state: PlayerState = { kind: "connecting" };
  #opened = 0;
  #openedAt = 0;
  /** A picture of the source on the element has been shown. */
  #live = false;
  #stalls = 0;
  #toldAt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(video: HTMLVideoElement, options: NativeOptions) {
    this.#video = video;
    this.#options = options;
    // What sound there is is not known here, and such browsers play no Opus: what is none comes as it is.
    this.#address = playlistUrl(inAac(options.url));
    const { signal } = options;
    const until = { signal };
    this.#frames = new FrameMeter(video, { signal, shown: () => this.#shown() });
    this.#play = new PlayKeeper(video, { owner: this, signal });
    this.#presence = new Presence({
      owner: this,
      page: { document, window: globalThis },
      signal,
    });
    video.addEventListener("loadedmetadata", () => this.#loaded(), until);
    video.addEventListener("waiting", () => {
      if (this.#live && !video.seeking) this.#stalls += 1;
    }, until);
    video.addEventListener("error", () => this.#ended(), until);
    video.addEventListener("ended", () => this.#ended(), until);
    const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      this.#close();
    }, { once: true });
    this.#open();
  }

  get state(): PlayerState {
    return this.#state;
  }

  get stats(): PlayerStats {
    const video = this.#video;
    const { buffered, currentTime } = video;
    const end = buffered.length === 0 ? currentTime : buffered.end(buffered.length - 1);
    return {
      ...NO_STATS,
      transport: this.#link.kind === "open" ? "hls" : "none",
      state: this.#state.kind,
      fps: this.#frames.fps,
      framesShown: this.#frames.shown,
      framesDropped: this.#frames.dropped,
      bufferedMs: Math.max(0, Math.round((end - currentTime) * 1000)),
      bufferedRanges: buffered.length,
      playbackRate: video.playbackRate,
      stalls: this.#stalls,
      reconnects: Math.max(0, this.#opened - 1),
      lastPictureAt: this.#frames.lastPictureAt,
      width: video.videoWidth,
      height: video.videoHeight,
      // Whether there is sound no browser tells before it plays: a button too many is better than none.
      hasAudio: this.#live,
      soundPath: this.#live ? "element" : "none",
    };
  }

  /** See `PlayerControl`. */
  userGesture(): void {
    this.#play.gesture();
    this.woken();
  }

  get noticed(): boolean {
    const { muted, paused, volume } = this.#video;
    return !muted && !paused && volume > 0 || isPictureInPicture(this.#video);
  }

  presenceChanged(): void {
    if (this.#presence.away) {
      this.#close();
      this.#link = { kind: "connecting", after: undefined };
    } else this.#open();
    this.#update();
  }

  woken(): void {
    if (this.#link.kind === "waiting" && !this.#presence.away) this.#open();
  }

  /** Its sound may be listened to. */
  readonly restsUnseen = false;

  playChanged(): void {
    this.#update();
  }

  /** What was paused goes on at the live edge. */
  resumed(): void {
    const { seekable } = this.#video;
    if (seekable.length > 0) this.#video.currentTime = seekable.end(seekable.length - 1);
    this.#update();
  }

  #open(): void {
    clearTimeout(this.#retry);
    this.#openedAt = performance.now();
    this.#live = false;
    this.#link = { kind: "connecting", after: this.#link.after };
    this.#video.src = this.#address;
    this.#video.load();
    this.#update();
  }

  #close(): void {
    clearTimeout(this.#retry);
    this.#live = false;
    this.#video.removeAttribute("src");
    this.#video.load(); // lets go of decoder and connections
  }

  #loaded(): void {
    this.#opened += 1;
    this.#offline = undefined;
    this.#link = { kind: "open", after: this.#link.after, transport: "hls" };
    this.#update();
  }

  #shown(): void {
    if (this.#link.kind !== "open" || this.#live) return;
    this.#live = true;
    this.#update();
  }

  /** It has ended or broken: the relay is asked why, and the playlist is tried again after a while. */
  #ended(): void {
    // Taking the source away is told in the same way.
    if (this.#link.kind === "waiting" || !this.#video.hasAttribute("src")) return;
    const healthy = this.#live && performance.now() - this.#openedAt > HEALTHY_MS;
    const attempt = healthy ? 1 : (this.#link.after?.attempt ?? 0) + 1;
    this.#close();
    this.#wait(attempt, { kind: "gone", reason: "The stream was interrupted." });
    void this.#ask(attempt);
  }

  async #ask(attempt: number): Promise<void> {
    const { signal } = this.#options;
    const trouble = await asksWhy(this.#address, signal);
    if (signal.aborted || this.#link.kind !== "waiting" || trouble === undefined) return;
    this.#wait(attempt, trouble);
  }

  #wait(attempt: number, { kind, reason }: Trouble): void {
    const refused = kind === "refused";
    const policy = refused ? PATIENT : PROMPT;
    const delayMs = backOffMs(attempt, { policy, random: Math.random() });
    this.#offline = kind === "offline" ? reason : undefined;
    this.#link = {
      kind: "waiting",
      after: { attempt, retryAt: performance.now() + delayMs, reason, refused },
    };
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), delayMs);
    this.#update();
  }

  #look(): void {
    const now = performance.now();
    this.#frames.tick(now);
    if (this.#presence.away) return;
    if (this.#link.kind !== "waiting") {
      this.#play.keep(now);
      const since = Math.max(this.#openedAt, this.#frames.lastPictureAt ?? 0);
      const idle = this.#play.blocked || this.#play.pausedAt !== undefined;
      if (!idle && now - since > GIVE_UP_AFTER_MS) this.#ended();
    }
    this.#update();
    if (now - this.#toldAt >= TELL_EVERY_MS) this.#tell(now);
  }

  #update(): void {
    const before = JSON.stringify(this.#state);
    const offline = this.#offline;
    const open: LinkState = { kind: "open", after: this.#link.after, transport: "hls" };
    this.#state = stateFrom({
      unplayable: undefined,
      suspended: this.#presence.away,
      link: offline === undefined ? this.#link : open,
      heard: true,
      rebuilding: undefined,
      offline,
      blocked: this.#play.blocked,
      paused: this.#play.pausedAt !== undefined,
      live: this.#live,
      lastPictureAt: this.#frames.lastPictureAt,
      pictureMs: 0,
      joinedAt: this.#openedAt,
      now: performance.now(),
    });
    if (before !== JSON.stringify(this.#state)) this.#tell(performance.now());
  }

  #tell(now: number): void {
    this.#toldAt = now;
    if (!this.#options.signal.aborted) this.#options.changed();
  }
}
