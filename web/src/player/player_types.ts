/**
 * What the player tells whoever shows it: its state and its figures. Types only; the player is in
 * `player.ts`, what is drawn from this is the affair of `ui/`.
 *
 * @module
 */

import type { TransportName } from "../transports/mod.ts";

/** What the viewer sees, and why. One at a time; sentences are ready to be shown. */
export type PlayerState =
  /** Not started, or stopped. */
  | { readonly kind: "idle" }
  /** First connection of this start under way. */
  | { readonly kind: "connecting" }
  /** Connected; what stands on the screen, if anything, is older than live. */
  | { readonly kind: "buffering" }
  /** Live pictures. */
  | { readonly kind: "playing" }
  /** No new picture since `since` (`performance.now()`), though the camera should be there. */
  | { readonly kind: "stalled"; readonly since: number }
  /** The relay says the camera is not there; resumes by itself. */
  | { readonly kind: "offline"; readonly reason: string }
  /** No connection; the next try begins at `retryAt` (`performance.now()`), at once if that has passed. */
  | {
    readonly kind: "reconnecting";
    readonly attempt: number;
    readonly retryAt: number;
    readonly reason: string;
  }
  /** Paused by the user through the browser's own means; playing on goes to the live edge. */
  | { readonly kind: "paused" }
  /** The page was out of sight for a while, so nothing is received; resumes by itself when seen. */
  | { readonly kind: "suspended" }
  /** The browser refused even silent autoplay: call `userGesture()` from a tap. */
  | { readonly kind: "blocked" }
  /** It cannot play here, or not now (no MSE, codec, no such stream, no right); tried again slowly if sensible. */
  | { readonly kind: "failed"; readonly reason: string };

/** The player's figures at one moment; counts run from `start()`. */
export interface PlayerStats {
  readonly transport: TransportName | "none";
  readonly state: PlayerState["kind"];
  /** Camera (first byte at the origin relay) to screen, ms; null while unknown. */
  readonly latencyMs: number | null;
  /** The part of it until the picture had arrived here, ms; the rest is buffer, decoder and screen. */
  readonly arrivalMs: number | null;
  /** How far `latencyMs` may be off through the clocks, ms; null while unknown. */
  readonly clockErrorMs: number | null;
  /** Best round trip to the relay of late, ms; null while unknown. */
  readonly roundTripMs: number | null;
  /** Pictures a second on the screen over the last seconds. */
  readonly fps: number;
  readonly framesShown: number;
  /** Decoded or received too late to be shown, as the browser counts them. */
  readonly framesDropped: number;
  /** Media ahead of the position shown, ms. */
  readonly bufferedMs: number;
  /** What `bufferedMs` is steered to, ms. */
  readonly targetMs: number;
  /** Number of separate buffered ranges: one in the steady state. */
  readonly bufferedRanges: number;
  /** Generation being played; 0 before the first. */
  readonly generation: number;
  /** Received, media alone. */
  readonly bytes: number;
  /** Bits a second received over the last seconds. */
  readonly bitrate: number;
  readonly playbackRate: number;
  /** Jumps of the position made to stay live. */
  readonly seeks: number;
  /** Times playback waited for media after it had begun. */
  readonly stalls: number;
  /** Times the relay or this player left media out because it had become too much, and how much in ms. */
  readonly skips: number;
  readonly skippedMs: number;
  /** Connections opened after the first. */
  readonly reconnects: number;
  /** How the newest of the connections before this one ended, oldest first: sentences. */
  readonly ends: readonly string[];
  /** Times the decoder or buffer had to be made anew. */
  readonly rebuilds: number;
  /** `performance.now()` of the last new picture; null before the first. */
  readonly lastPictureAt: number | null;
  /** RFC 6381, comma separated; empty before the first generation. */
  readonly codec: string;
  /** Of the picture, in pixels; 0 when there is none. */
  readonly width: number;
  readonly height: number;
  readonly hasAudio: boolean;
  /** Through the element, together with the pictures; beside it, decoded and played by the page; or not at all. */
  readonly soundPath: "none" | "element" | "beside";
  /** How much later sound is heard than its picture is seen, ms; null while unknown, or in the element's hands. */
  readonly soundLateMs: number | null;
  /** Times sound played beside ran dry. */
  readonly soundGaps: number;
}

/** How a player is made. */
export interface PlayerOptions {
  /** The stream's page: `https://host/…/live/{name}`, absolute; what is fetched lies below it. */
  readonly url: string;
  /** Name of the one transport to use; any that works when left out. */
  readonly transport?: string;
}

/**
 * What `Player` in `player.ts` offers: `new Player(video, options)`. It drives the element it was given
 * (source, position, rate, `muted` when the browser demands it) and leaves its attributes and place alone.
 */
export interface PlayerControl {
  readonly state: PlayerState;
  /** Taken at the moment of reading. */
  readonly stats: PlayerStats;
  /** `listener` is called after each change of state, and once a second while started; returns the undo. */
  subscribe(listener: () => void): () => void;
  /** Connects and plays; whether with sound is `video.muted` at that moment. Does nothing when started. */
  start(): void;
  /** Lets go of everything; may be started again. */
  stop(): void;
  /**
   * To be called inside the handler of a tap or key: plays what was blocked or paused. Sound is as
   * `video.muted` says, but that a sound which the browser had refused is given back.
   */
  userGesture(): void;
}
