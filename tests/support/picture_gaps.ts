/**
 * How long the pictures of a page's player stand still: counted inside the page, picture by picture.
 *
 * @module
 */

import type { Page } from "./browsers/browser.ts";
import { deep } from "./player_page.ts";

/** What was counted since {@link countPictures}. */
export interface PictureGaps {
  readonly pictures: number;
  /** Longest time between two pictures, ms. */
  readonly longestMs: number;
  /** Times between two pictures that were over half a second, ms, and when each ended, s. */
  readonly long: readonly { readonly ms: number; readonly at: number }[];
}

/** Begins to count. */
export async function countPictures(page: Page): Promise<void> {
  await page.evaluate(`((video) => {
    const seen = globalThis.rillGaps = { pictures: 0, longestMs: 0, long: [] };
    const began = performance.now();
    let last = began;
    const next = (now) => {
      const ms = Math.round(now - last);
      last = now;
      seen.pictures++;
      seen.longestMs = Math.max(seen.longestMs, ms);
      if (ms > 500) seen.long.push({ ms, at: Math.round((now - began) / 1000) });
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback((now) => { last = now; next(now); });
  })((${deep("rill-player")}).shadowRoot.querySelector("video"))`);
}

/** What was counted so far. */
export function readGaps(page: Page): Promise<PictureGaps> {
  return page.evaluate<PictureGaps>("globalThis.rillGaps");
}
