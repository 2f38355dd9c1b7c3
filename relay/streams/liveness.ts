/**
 * Whether a stream is live: its pictures come, or its sound where it has no pictures. One rule for all sources: whatever
 * else a camera sends beside pictures that have ceased, sound, tables or nothing at all, makes no stream live. Decides
 * nothing.
 *
 * @module
 */

import type { Batch, InitSegment } from "../../shared/media.ts";

/** Without it for so long, a live stream is not called live any more. */
export const MISSING_MS = 5_000;

/** Follows one stream, run by run. */
export class Liveness {
  /** What it is judged by. */
  kind: "picture" | "sound" = "picture";
  #track: number | undefined;
  /** When it is missing; `undefined` before it came in this run. */
  #missingAt: number | undefined;

  /** A run begins. */
  begin(): void {
    this.#missingAt = undefined;
  }

  /** A generation begins. */
  init({ tracks }: InitSegment): void {
    const pictures = tracks.find(({ kind }) => kind === "video");
    this.kind = pictures ? "picture" : "sound";
    this.#track = pictures?.id ?? tracks[0]?.id;
  }

  /** Whether a batch shows that the stream is live. Hot: once per batch. */
  shows({ fragments }: Batch): boolean {
    for (const { track } of fragments) {
      if (track !== this.#track) continue;
      this.#missingAt = performance.now() + MISSING_MS;
      return true;
    }
    return false;
  }

  /** Whether it has come in this run. */
  get hasCome(): boolean {
    return this.#missingAt !== undefined;
  }

  /** Whether it has been missing for {@link MISSING_MS}: asked often, says so once, and again when that has passed anew. */
  isMissing(): boolean {
    const now = performance.now();
    if (this.#missingAt === undefined || now < this.#missingAt) return false;
    this.#missingAt = now + MISSING_MS;
    return true;
  }
}
