/** Many HLS viewers behind a cache: each follows the playlist by blocking reloads and takes every segment. */

import { readPlaylist } from "./playlist_reader.ts";

/** What they did together. */
export interface Crowd {
  readonly requests: number;
  readonly segments: number;
  readonly failures: readonly string[];
}

/** @param media address of the media playlist. */
export async function watchTogether(
  media: string,
  { viewers, seconds }: { readonly viewers: number; readonly seconds: number },
): Promise<Crowd> {
  const end = performance.now() + seconds * 1000;
  const failures: string[] = [];
  let requests = 0;
  let segments = 0;

  async function get(url: string): Promise<string> {
    requests++;
    const response = await fetch(url);
    const body = await response.text();
    if (response.status !== 200) failures.push(`${url}: ${response.status} ${body.slice(0, 200)}`);
    return body;
  }

  async function watch(): Promise<void> {
    let next = (readPlaylist(await get(media)).segments.findLast(({ uri }) => uri)?.sequence ?? 0) +
      1;
    while (performance.now() < end && failures.length === 0) {
      const playlist = readPlaylist(await get(`${media}?_HLS_msn=${next}`));
      const segment = playlist.segments.find(({ sequence }) => sequence === next);
      if (segment?.uri === undefined) {
        next = playlist.segments.findLast(({ uri }) => uri)?.sequence ?? next;
        continue;
      }
      await get(new URL(segment.uri, media).href);
      segments++;
      next++;
    }
  }

  await Promise.all(Array.from({ length: viewers }, watch));
  return { requests, segments, failures };
}

/** Addresses that were asked for more than once at the origin though their answer never changes. */
export function askedAgain(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].filter(([address, count]) => count > 1 && /\.m4s|\.mp4|_HLS_msn/.test(address))
    .map(([address, count]) => `${address}: ${count} times`);
}
