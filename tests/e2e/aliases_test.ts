/** Other relays' addresses, read by ffprobe as their programs read them: every picture there, and sound beside it. */

import assert from "node:assert/strict";
import { ffprobe } from "../support/ffprobe.ts";
import { RelayProcess } from "../support/relay_process.ts";

const ADDRESSES = [
  "/api/stream.mp4?src=demo",
  "/api/stream.ts?src=demo",
  "/api/stream.m3u8?src=demo",
  "/api/hls/playlist.m3u8?src=demo",
  "/stream.mp4",
  "/stream.m3u8",
];

interface Probed {
  readonly packets: readonly { readonly codec_type: string; readonly pts_time: string }[];
}

Deno.test("go2rtc's and fmp4streamer's addresses: two seconds of each, no picture missing", async () => {
  await using relay = await RelayProcess.start();
  await Promise.all(ADDRESSES.map((address) => assertWhole(relay.url, address)));
});

async function assertWhole(relay: string, address: string): Promise<void> {
  const { packets } = await ffprobe(relay + address, {
    args: ["-read_intervals", "%+2", "-show_entries", "packet=codec_type,pts_time"],
    level: "error",
  }) as Probed;
  const times = (kind: string): number[] =>
    packets.filter(({ codec_type }) => codec_type === kind).map(({ pts_time }) => Number(pts_time))
      .sort((one, other) => one - other);
  const pictures = times("video");
  assert.ok(pictures.length >= 50, `${address}: ${pictures.length} pictures`);
  const steps = pictures.slice(1).map((time, at) => time - (pictures[at] ?? 0));
  assert.ok(
    steps.every((step) => Math.abs(step - 1 / 30) < 0.001),
    `${address}: steps of ${steps}`,
  );
  assert.ok(times("audio").length >= 50, `${address}: sound`);
}
