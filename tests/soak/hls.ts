/**
 * A low-latency HLS session that checks every playlist, part and segment of a stream whose generation changes more than
 * twice a minute: another size, another group length, half the rate, and a rate that the parts were not made for.
 *
 * @module
 */

import { join } from "node:path";
import { joinTransportStreams, makeTransportStream } from "../support/clips.ts";
import { HlsSession } from "../support/hls/hls_session.ts";
import { RelayProcess } from "../support/relay_process.ts";
import type { Soak, SoakResult } from "./soak.ts";

async function run(folder: string, seconds: number): Promise<SoakResult> {
  const parts = [
    { seconds: 24, rate: 30, group: 30, size: "640x360", sound: true },
    { seconds: 24, rate: 30, group: 8, size: "320x180", sound: true },
    { seconds: 24, rate: 15, group: 30, size: "320x180", sound: true },
    { seconds: 24, rate: 20, group: 20, size: "320x180", sound: true },
  ];
  const paths: string[] = [];
  for (const [index, options] of parts.entries()) {
    const path = join(folder, `${index}.ts`);
    await makeTransportStream(path, options);
    paths.push(path);
  }
  const clip = join(folder, "clip.ts");
  await joinTransportStreams(clip, paths);
  await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
  const session = new HlsSession(`${relay.url}/live/cam/index.m3u8`);
  const report = await session.run(seconds);
  const { problems, ...figures } = report;
  return { lines: Object.entries(figures).map(([name, value]) => `${name}: ${value}`), problems };
}

/** The soak. */
export const hls: Soak = {
  name: "hls",
  about: "every MUST of RFC 8216bis, playlist by playlist, across changes of generation",
  seconds: 600,
  run,
};
