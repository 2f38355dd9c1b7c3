/**
 * The preview of a HERO2, HERO3 or HERO3+: a playlist (RFC 8216) polled faster than it changes, each segment
 * fetched once and handed on in its order, as one stream. Decides nothing about the camera.
 *
 * @module
 */

import { sleep } from "../../../shared/sleep.ts";
import type { SourceOutput } from "../source.ts";
import { type Get, isSuccess, textOf } from "./camera_http.ts";

/** Segments last a second: a poll that misses one would miss all after it. */
export const PLAYLIST_POLL_MS = 300;
/** More than any camera lists; what is beyond is left out. */
const MAX_SEGMENTS = 64;

/** Segments of a playlist, oldest first. */
export interface SegmentList {
  /** Media sequence number of the first (§4.3.3.2); `undefined` where the camera numbers none. */
  readonly first: number | undefined;
  readonly uris: readonly string[];
}

/** Reads a media playlist; one without segments has none yet. */
export function readPlaylist(text: string): SegmentList | undefined {
  const lines = text.split(/\r?\n/);
  if (!lines[0]?.startsWith("#EXTM3U")) return undefined;
  const stated = /^#EXT-X-MEDIA-SEQUENCE:\s*(\d+)/m.exec(text)?.[1];
  const uris = lines.filter((line) => line !== "" && !line.startsWith("#")).slice(-MAX_SEGMENTS);
  return { first: stated === undefined ? undefined : Number(stated), uris };
}

/** Which segments of a playlist come after what was fetched. */
export class SegmentCursor {
  #next: number | undefined;
  #lastUri: string | undefined;

  /**
   * At first only the newest: older ones would make the picture late for good.
   * @returns the segments to fetch, and whether the camera began anew.
   */
  take({ first, uris }: SegmentList): { readonly uris: readonly string[]; readonly anew: boolean } {
    if (uris.length === 0) return { uris: [], anew: false };
    const begins = this.#lastUri === undefined;
    let from = uris.length - 1;
    let anew = false;
    if (first !== undefined) {
      const next = this.#next;
      const end = first + uris.length;
      if (next !== undefined && next <= end) from = Math.max(0, next - first);
      // Its numbers are lower than those before: it was started again.
      if (next !== undefined && next > end) anew = true;
      this.#next = end;
    } else if (!begins) {
      const known = uris.lastIndexOf(this.#lastUri ?? "");
      from = known + 1; // all of them, when the last is not listed any more
    }
    this.#lastUri = uris.at(-1);
    return { uris: uris.slice(from), anew };
  }
}

/** What {@link followPlaylist} works with. */
export interface Following {
  readonly path: string;
  readonly port: number;
  readonly get: Get;
  readonly out: SourceOutput;
  readonly signal: AbortSignal;
  readonly pollMs: number;
  /** Media came. */
  seen(): void;
  /** Answers as a datagram would tell: the next bytes begin anew. */
  begins(): boolean;
}

/** Polls and fetches until `signal` aborts. A segment that is gone already is passed over: counters show the gap. */
export async function followPlaylist(following: Following): Promise<void> {
  const { path, port, get, out, signal, pollMs } = following;
  const cursor = new SegmentCursor();
  while (!signal.aborted) {
    const answer = await get(path, port);
    const list = isSuccess(answer) ? readPlaylist(textOf(answer)) : undefined;
    const { uris, anew } = list === undefined ? { uris: [], anew: false } : cursor.take(list);
    if (anew) out.discontinuity("restart");
    for (const uri of uris) {
      const segment = await get(resolvePath(path, uri), port);
      if (segment.kind !== "answered" || !isSuccess(segment)) continue;
      if (following.begins()) out.discontinuity("restart");
      following.seen();
      out.data(segment.body, out.now());
      out.endOfFrame(); // a segment ends with a whole picture
    }
    await sleep(pollMs, signal);
  }
}

/** A segment's path: the playlist's own, or beside it; a whole URL keeps its path alone. */
function resolvePath(playlist: string, uri: string): string {
  const base = new URL(playlist, "http://camera/");
  if (!URL.canParse(uri, base)) return playlist;
  const { pathname, search } = new URL(uri, base);
  return pathname + search;
}
