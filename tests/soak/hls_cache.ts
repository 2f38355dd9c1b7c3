/**
 * Five hundred HLS viewers behind nginx: how many requests reach the relay for each thing. Its waiters wake every half
 * second, so latency is measured elsewhere, without it.
 *
 * @module
 */

import { join } from "node:path";
import { makeTransportStream } from "../support/clips.ts";
import { askedAgain, watchTogether } from "../support/hls/cached_viewers.ts";
import { NginxCache } from "../support/hls/nginx_cache.ts";
import { RelayProcess } from "../support/relay_process.ts";
import type { Soak, SoakResult } from "./soak.ts";

const VIEWERS = 500;

async function run(folder: string, seconds: number): Promise<SoakResult> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, { seconds: 60, group: 50 });
  await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
  await using cache = await NginxCache.start(`127.0.0.1:${relay.port}`, folder);
  const crowd = await watchTogether(`${cache.url}/live/cam/hls/live.m3u8`, {
    viewers: VIEWERS,
    seconds,
  });
  const counts = await cache.originRequests();
  const asked = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return {
    lines: [
      `${VIEWERS} viewers, ${crowd.segments} segments taken, ${crowd.requests} requests`,
      `${asked} requests to the relay, for ${counts.size} things`,
    ],
    problems: [...crowd.failures, ...askedAgain(counts)],
  };
}

/** The soak. */
export const hlsCache: Soak = {
  name: "hls-cache",
  about: `${VIEWERS} HLS viewers behind nginx with proxy_cache_lock: one request a thing`,
  seconds: 60,
  run,
};
