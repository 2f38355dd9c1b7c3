/**
 * How far hls.js in low-latency mode is behind the camera in Chromium over loopback, by PROGRAM-DATE-TIME of the picture
 * on the screen; and how long the parts are.
 *
 * @module
 */

import { join } from "node:path";
import { launchChromium } from "../support/browsers/chromium.ts";
import { makeTransportStream } from "../support/clips.ts";
import { HlsPage } from "../support/hls/hls_page.ts";
import { readPlaylist } from "../support/hls/playlist_reader.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { type Bench, type Figure, percentile } from "./bench.ts";

const RATE = 30;
const CLIP_S = 60;
const SETTLE_S = 8;
const WATCH_S = 30;
const LIMIT = { name: "the aim", value: 1500 };

async function run(folder: string): Promise<readonly Figure[]> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, {
    seconds: CLIP_S,
    rate: RATE,
    group: RATE,
    size: "1280x720",
    sound: true,
  });
  await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
  const playlist = `${relay.url}/live/cam/index.m3u8`;
  await using browser = await launchChromium({ autoplay: true });
  await using page = await HlsPage.open(browser, playlist);
  await page.page.waitFor("state().latencyMs", { what: "a picture" });
  await new Promise((resolve) => setTimeout(resolve, SETTLE_S * 1000));
  const latencies: number[] = [];
  const before = await page.state();
  for (let i = 0; i < WATCH_S * 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const { latencyMs } = await page.state();
    if (latencyMs !== null) latencies.push(latencyMs);
  }
  const after = await page.state();
  const media = await (await fetch(new URL("hls/live.m3u8", playlist))).text();
  const parts = readPlaylist(media).segments.flatMap((segment) => segment.parts);
  const aim = { against: LIMIT };
  return [
    { name: "hls.js latency p50", value: percentile(latencies, 0.5), unit: "ms", ...aim },
    { name: "hls.js latency p95", value: percentile(latencies, 0.95), unit: "ms", ...aim },
    {
      name: "longest part",
      value: Math.max(...parts.map(({ seconds }) => seconds * 1000)),
      unit: "ms",
    },
    { name: "stalls", value: after.stalls - before.stalls, unit: "" },
    { name: "pictures dropped", value: after.dropped - before.dropped, unit: "" },
    { name: "pictures decoded", value: after.decoded - before.decoded, unit: "" },
  ];
}

/** The bench. */
export const hls: Bench = {
  name: "hls",
  about: `camera → screen by LL-HLS in hls.js, Chromium, 720p${RATE}, no cache between`,
  run,
};
