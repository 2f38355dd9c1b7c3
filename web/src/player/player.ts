/// <reference lib="dom" />
/**
 * A live stream on a `<video>`. Builds no DOM; what happens between start and stop is in `session.ts`, or in
 * `native_hls.ts` where a page can be given no media.
 *
 * @module
 */

import { candidates } from "../transports/mod.ts";
import { hasMediaSource } from "./media_source.ts";
import { NativeHls, playsPlaylists } from "./native_hls.ts";
import { explainUnreachable } from "./unreachable.ts";
import { NO_STATS } from "./no_stats.ts";
import type { PlayerControl, PlayerOptions, PlayerState, PlayerStats } from "./player_types.ts";
import { Session } from "./session.ts";

export type { PlayerOptions, PlayerState, PlayerStats } from "./player_types.ts";

interface Started {
  readonly stop: AbortController;
  /** Undefined where nothing can be played. */
  readonly session: Session | NativeHls | undefined;
  readonly failure: string;
}

/** See {@link PlayerControl}. */
export class Player implements PlayerControl {
  readonly #video: HTMLVideoElement;
  readonly #options: PlayerOptions;
  readonly #listeners = new Set<() => void>();
  #started: Started | undefined;

  constructor(video: HTMLVideoElement, options: PlayerOptions) {
    this.#video = video;
    this.#options = options;
  }

  get state(): PlayerState {
    const started = this.#started;
    if (started === undefined) return { kind: "idle" };
    return started.session?.state ?? { kind: "failed", reason: started.failure };
  }

  get stats(): PlayerStats {
    return this.#started?.session?.stats ?? { ...NO_STATS, state: this.state.kind };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#started !== undefined) return;
    const { url, transport } = this.#options;
    const stop = new AbortController();
    const ways = candidates(transport);
    const native = !hasMediaSource() && playsPlaylists(this.#video) &&
      (transport === undefined || transport === "hls");
    const failure = explainUnreachable(location.href, url) ||
      (native ? "" : whyNot(ways.length, transport));
    const common = { url, changed: (): void => this.#tell(), signal: stop.signal };
    const session = failure !== ""
      ? undefined
      : native
      ? new NativeHls(this.#video, common)
      : new Session(this.#video, { ...common, candidates: ways });
    this.#started = { stop, session, failure };
    this.#tell();
  }

  stop(): void {
    if (this.#started === undefined) return;
    this.#started.stop.abort();
    this.#started = undefined;
    this.#tell();
  }

  userGesture(): void {
    this.#started?.session?.userGesture();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Why this browser cannot play at all; empty when it can. */
function whyNot(ways: number, transport: string | undefined): string {
  if (!hasMediaSource()) {
    return "This browser cannot play live video inside a page (it has no Media Source Extensions).";
  }
  if (ways > 0) return "";
  return transport === undefined
    ? "This browser knows none of the ways to the relay."
    : `There is no way to the relay called "${transport}", or this browser does not know it.`;
}
