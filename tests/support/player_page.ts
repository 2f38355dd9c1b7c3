/**
 * A page with a `<rill-player>`, asked from outside: its statistics, its `<video>`, wherever in the shadow
 * tree they stand. Relies on the element's public interface.
 *
 * @module
 */

import type { PlayerStats } from "../../web/src/player/player_types.ts";
import type { Page } from "./browsers/browser.ts";
import { PATIENCE_MS } from "./patience.ts";

/** What the page's `<video>` says of itself. */
export interface VideoState {
  readonly width: number;
  readonly height: number;
  readonly currentTime: number;
  /** When it said so, s, on the page's own clock. */
  readonly at: number;
  readonly paused: boolean;
  readonly ranges: number;
  readonly decoded: number;
  readonly dropped: number;
  /** Whether sound has been decoded; `null` where the browser does not tell. */
  readonly sound: boolean | null;
}

/** An expression: the first element that matches, looked for in every shadow root. */
export function deep(selector: string): string {
  return `((root) => {
    const find = (scope) => {
      const hit = scope.querySelector(${JSON.stringify(selector)});
      if (hit) return hit;
      for (const element of scope.querySelectorAll("*")) {
        const inside = element.shadowRoot && find(element.shadowRoot);
        if (inside) return inside;
      }
      return null;
    };
    return find(root);
  })(document)`;
}

const PLAYER = deep("rill-player");

/** The player's figures; `undefined` while there is no player. */
export async function readStats(page: Page): Promise<PlayerStats | undefined> {
  return await page.evaluate<PlayerStats | null>(`(${PLAYER})?.stats ?? null`) ?? undefined;
}

/** The `<video>` inside the player. @throws when there is none. */
export function readVideo(page: Page): Promise<VideoState> {
  return page.evaluate<VideoState>(`((player) => {
    const video = player.shadowRoot.querySelector("video");
    const quality = video.getVideoPlaybackQuality();
    const bytes = video.webkitAudioDecodedByteCount;
    return {
      width: video.videoWidth,
      height: video.videoHeight,
      currentTime: video.currentTime,
      at: performance.now() / 1000,
      paused: video.paused,
      ranges: video.buffered.length,
      decoded: quality.totalVideoFrames,
      dropped: quality.droppedVideoFrames,
      sound: typeof bytes === "number" ? bytes > 0 : video.mozHasAudio ?? null,
    };
  })(${PLAYER})`);
}

/** Resolves when `accept` takes the player's figures. @throws with the last ones when that does not happen. */
export async function untilStats(
  page: Page,
  { what, accept, timeoutMs = PATIENCE_MS }: {
    readonly what: string;
    readonly accept: (stats: PlayerStats) => boolean;
    readonly timeoutMs?: number;
  },
): Promise<PlayerStats> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const stats = await readStats(page);
    if (stats !== undefined && accept(stats)) return stats;
    if (performance.now() > end) {
      throw new Error(
        `Waited ${timeoutMs} ms for ${what}; the player says ${JSON.stringify(stats)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
