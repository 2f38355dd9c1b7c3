/**
 * From a picture's last datagram to the whole message at a loopback viewer, with other viewers beside it. The
 * relay is a process of its own, and so are the other viewers.
 *
 * @module
 */

import { join } from "node:path";
import { pid as pidOf, unitStart } from "../../relay/mpegts/packet.ts";
import { makeTransportStream } from "../support/clips.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { freeUdpPort, UdpSender } from "../support/udp_ports.ts";
import { Viewer } from "../support/viewer.ts";
import { type Bench, type Figure, percentile } from "./bench.ts";

const VIEWERS = 100;
const RATE = 60;
const SECONDS = 8;
const BITRATE = 12_000_000;
/** A datagram's time on the air: a radio of 85 Mb/s, since no camera sends a picture in one breath. */
const AIR_MS = 0.12;
const PACKET = 188;
const DATAGRAM = 7 * PACKET;
/** ffmpeg's first elementary stream. */
const VIDEO_PID = 0x100;
/** Until the relay believes the muxer's habit of stuffing last packets, and all viewers are in. */
const WARM_UP_PICTURES = 60;

/** The stream cut into what belongs to one picture each. */
function pictures(stream: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let at = 0; at + PACKET <= stream.length; at += PACKET) {
    if (pidOf(stream, at) === VIDEO_PID && unitStart(stream, at)) starts.push(at);
  }
  return starts.map((start, i) => stream.subarray(i === 0 ? 0 : start, starts[i + 1]));
}

/** Sends picture after picture at its time; returns when each one's last datagram was out, ms. */
async function send(port: number, stream: Uint8Array): Promise<number[]> {
  using sender = new UdpSender(port);
  const sentAt: number[] = [];
  const began = performance.now();
  for (const [i, picture] of pictures(stream).entries()) {
    const wait = began + (i * 1000) / RATE - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    for (let at = 0; at < picture.length; at += DATAGRAM) {
      await sender.send(picture.subarray(at, at + DATAGRAM));
      const due = performance.now() + AIR_MS;
      while (performance.now() < due);
    }
    sentAt.push(performance.now());
  }
  return sentAt;
}

/** Other viewers, in a process of their own. */
function crowd(url: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--allow-net",
      new URL("./crowd.ts", import.meta.url).pathname,
      url,
      `${VIEWERS - 1}`,
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
}

async function run(folder: string): Promise<readonly Figure[]> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, {
    seconds: SECONDS,
    rate: RATE,
    size: "1920x1080",
    bitrate: BITRATE,
  });
  const stream = await Deno.readFile(clip);
  const port = freeUdpPort();
  await using relay = await RelayProcess.start({ args: [`cam=udp://127.0.0.1:${port}`] });
  const others = crowd(`${relay.url}/live/cam`);
  try {
    const reader = others.stdout.getReader();
    await reader.read(); // all are connected
    reader.releaseLock();
    await using viewer = await Viewer.open(`${relay.url}/live/cam`);
    const arrivedAt: number[] = [];
    viewer.onMessage = (): void => {
      const message = viewer.media.at(-1);
      if (message?.fragments.some(({ tracks }) => tracks[0]?.track === 1)) {
        arrivedAt.push(performance.now());
      }
    };
    const sentAt = await send(port, stream);
    await viewer.until(() => arrivedAt.length >= sentAt.length - 1, { what: "the last picture" });
    const late = arrivedAt.map((at, i) => at - (sentAt[i] ?? at)).slice(WARM_UP_PICTURES);
    const budget = { name: "one frame at 60 fps", value: 1000 / RATE };
    return [
      { name: "pictures sent", value: sentAt.length, unit: "" },
      { name: "pictures received", value: arrivedAt.length, unit: "" },
      { name: "p50", value: percentile(late, 0.5), unit: "ms", against: budget },
      { name: "p99", value: percentile(late, 0.99), unit: "ms", against: budget },
    ];
  } finally {
    others.kill();
    await others.status;
    await others.stdout.cancel();
  }
}

/** The bench. */
export const latency: Bench = {
  name: "latency",
  about:
    `last datagram of a picture → whole message at one of ${VIEWERS} viewers, 1080p60, 12 Mb/s`,
  run,
};
