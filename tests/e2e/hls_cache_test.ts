/** nginx before the relay: however many watch by HLS, the relay is asked for each thing once. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { makeTransportStream } from "../support/clips.ts";
import { figure } from "../support/figure.ts";
import { askedAgain, watchTogether } from "../support/hls/cached_viewers.ts";
import { NginxCache } from "../support/hls/nginx_cache.ts";
import { RelayProcess } from "../support/relay_process.ts";

const VIEWERS = 40;
const SECONDS = 5;

Deno.test("forty viewers behind a cache cost the relay one request a thing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-hls-cache-" });
  try {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 20, group: 25 });
    await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
    await using cache = await NginxCache.start(`127.0.0.1:${relay.port}`, folder);
    const crowd = await watchTogether(`${cache.url}/live/cam/hls/live.m3u8`, {
      viewers: VIEWERS,
      seconds: SECONDS,
    });
    assert.deepEqual(crowd.failures, []);
    const counts = await cache.originRequests();
    const asked = [...counts.values()].reduce((sum, count) => sum + count, 0);
    figure(`${VIEWERS} viewers: ${crowd.requests} requests, ${asked} of them to the relay`);
    assert.deepEqual(askedAgain(counts), []);
    assert.ok(crowd.segments >= VIEWERS * 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
