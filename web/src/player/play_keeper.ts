/**
 * Keeps a `<video>` playing unless its user has paused it or the browser refuses: autoplay rules, pauses
 * of the browser's own making, taps.
 *
 * @module
 */

import { type Playable, playAsAllowed } from "./autoplay.ts";

/** The part of a `<video>` that is used here. */
export interface KeptVideo extends Playable, EventTarget {
  pause(): void;
  readonly paused: boolean;
  readonly readyState: number;
  readonly ownerDocument: EventTarget & { readonly visibilityState: string };
}

/** Whoever wants to know. */
export interface PlayOwner {
  /** {@link PlayKeeper.blocked} or {@link PlayKeeper.pausedAt} has changed. */
  playChanged(): void;
  /** The user plays on after a pause. */
  resumed(): void;
  /** Whether what is out of sight now is to rest until it is seen. */
  readonly restsUnseen: boolean;
}

/** Between two tries to play, ms. */
const TRY_EVERY_MS = 1_000;
/** The element has a source and knows its tracks: a pause now is somebody's wish. */
const HAVE_METADATA = 1;

/** Keeps one `<video>` playing until its signal ends. */
export class PlayKeeper {
  readonly #video: KeptVideo;
  readonly #owner: PlayOwner;
  readonly #signal: AbortSignal;
  #blocked = false;
  /** The browser took the sound away that was wanted. */
  #silenced = false;
  #pausedAt: number | undefined;
  #trying = false;
  /** It has been paused here, and does not know yet. */
  #rests = false;
  #triedAt = -Infinity;

  constructor(
    video: KeptVideo,
    { owner, signal }: { readonly owner: PlayOwner; readonly signal: AbortSignal },
  ) {
    this.#video = video;
    this.#owner = owner;
    this.#signal = signal;
    const until = { signal };
    video.addEventListener("pause", () => this.#paused(), until);
    video.addEventListener("play", () => this.#played(), until);
    // What was refused before there was a picture may be granted with it.
    video.addEventListener("canplay", () => this.#soon(), until);
    video.ownerDocument.addEventListener("visibilitychange", () => this.#seen(), until);
    video.addEventListener("leavepictureinpicture", () => this.#seen(), until);
  }

  /** The browser refuses to play, even without sound. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Since when it is paused by its user, `performance.now()`. */
  get pausedAt(): number | undefined {
    return this.#pausedAt;
  }

  /** Plays if nothing speaks against it; to be called a few times a second while there is a source. */
  keep(now: number): void {
    if (!this.#video.paused || this.#pausedAt !== undefined || this.#trying) return;
    if (this.#blocked || this.#hidden) return;
    if (now - this.#triedAt < TRY_EVERY_MS) return;
    this.#triedAt = now;
    void this.#try();
  }

  /** Plays, inside the handler of a tap: with the sound that was wanted. */
  gesture(): void {
    if (this.#blocked && this.#silenced) this.#video.muted = false;
    this.#blocked = false;
    void this.#try();
  }

  get #hidden(): boolean {
    return this.#video.ownerDocument.visibilityState === "hidden";
  }

  #seen(): void {
    if (!this.#hidden) {
      this.#soon();
      if (this.#video.readyState >= HAVE_METADATA) this.keep(performance.now());
    } else if (!this.#video.paused && this.#owner.restsUnseen) {
      this.#rests = true;
      this.#video.pause();
    }
  }

  #soon(): void {
    this.#triedAt = -Infinity;
    if (!this.#blocked) return;
    this.#blocked = false;
    this.keep(performance.now());
  }

  async #try(): Promise<void> {
    this.#trying = true;
    const wantsSound = !this.#video.muted;
    const outcome = await playAsAllowed(this.#video);
    this.#trying = false;
    if (this.#signal.aborted) return;
    const blocked = outcome === "blocked";
    if (wantsSound && this.#video.muted) this.#silenced = true;
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.#owner.playChanged();
  }

  #paused(): void {
    const rests = this.#rests;
    this.#rests = false;
    // Browsers pause what is out of sight as well, and everything when its source goes.
    if (rests || this.#hidden || this.#video.readyState < HAVE_METADATA) return;
    this.#pausedAt = performance.now();
    this.#owner.playChanged();
  }

  #played(): void {
    if (this.#pausedAt === undefined) return;
    this.#pausedAt = undefined;
    this.#owner.resumed();
  }
}
