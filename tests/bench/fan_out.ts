/**
 * One camera to many viewers over WebSocket: what the relay's process costs a gigabyte delivered, its ingest
 * included, beside a C program that replays the recorded messages to as many sockets, and beside other ways to
 * send them from Deno.
 *
 * @module
 */

import { join } from "node:path";
import { makeIdentity } from "./identity.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { compile } from "./c_programs.ts";
import type { Received } from "./crowd.ts";
import {
  bareReceiver,
  floorWindow,
  RATE,
  relayWindow,
  wayWindow,
  type Window,
  WINDOW_MS,
} from "./fan_out_windows.ts";
import { makeLongClip } from "./long_clip.ts";
import { recordMessages } from "./recorded_messages.ts";

const CLIP_SECONDS = 120;

/** What is measured. */
interface Shape {
  readonly name: string;
  readonly viewers: number;
  /** Of the picture, bits a second. */
  readonly bitrate: number;
  readonly tls: boolean;
  readonly rounds: number;
  /** Other ways to send the same, see `ways.ts`. */
  readonly ways: readonly string[];
  readonly target: string;
}

function perGigabyte({ server, received }: Window): number {
  return server / (received.bytes / 1e9);
}

async function run(shape: Shape, folder: string): Promise<readonly Figure[]> {
  const programs = await compile(folder, { tls: shape.tls });
  const identity = await makeIdentity(folder);
  const seconds = CLIP_SECONDS;
  const clip = await makeLongClip(folder, {
    ...{ seconds, rate: RATE, size: "1280x720", sound: true, bitrate: shape.bitrate },
  });
  const { viewers, tls } = shape;
  const stage = { folder, programs, clip, identity, viewers, tls };
  const log = join(folder, "crowd.log");
  const recording = join(folder, "recording");
  const relay: Window[] = [];
  const floor: Window[] = [];
  for (let i = 0; i < shape.rounds; i++) {
    const window = await relayWindow(stage, i === 0 ? log : undefined);
    relay.push(window);
    if (i === 0) {
      const endUs = window.received.atUs;
      await recordMessages(log, { endUs, windowMs: WINDOW_MS, out: recording });
    }
    floor.push(await floorWindow(stage, recording));
  }
  const unit = "s/GB";
  const against = { name: "C", value: median(floor.map(perGigabyte)) };
  const ours = { name: "relay", value: median(relay.map(perGigabyte)), unit, against };
  const ways: Figure[] = [];
  for (const way of shape.ways) {
    const value = perGigabyte(await wayWindow(stage, way, recording));
    ways.push({ name: `bare, ${way}`, value, unit, against });
  }
  if (shape.ways.length > 0) {
    const gigabytes = median(relay.map(({ received }) => received.bytes)) / 1e9;
    const value = await bareReceiver(stage) / gigabytes;
    ways.push({ name: "bare, the camera's datagrams read", value, unit, against });
  }
  return [
    { ...ours, target: shape.target },
    {
      name: "of it: the camera, with nobody watching",
      value: median(relay.map(aloneShare)),
      unit,
      against,
    },
    { name: "C, one send a viewer", value: against.value, unit },
    ...ways,
    ...wellBeing(relay, shape),
    { name: "messages a viewer", value: messagesASecond(relay, shape), unit: "/s" },
    { name: "load generator's own CPU", value: median(relay.map(crowdPerGigabyte)), unit },
  ];
}

/** How the viewers fared. */
function wellBeing(relay: readonly Window[], { viewers }: Shape): Figure[] {
  const sum = (of: (received: Received) => number): number =>
    relay.reduce((total, { received }) => total + of(received), 0);
  const expected = relay.length * viewers * RATE * (WINDOW_MS / 1000);
  const memory = median(relay.map(({ memory, memoryBefore }) => memory - memoryBefore));
  return [
    { name: "delivered", value: sum(({ bytes }) => bytes) / 1e6, unit: "MB" },
    { name: "pictures due", value: expected, unit: "" },
    { name: "pictures delivered", value: sum(({ pictures }) => pictures), unit: "" },
    { name: "fragments dropped", value: sum(({ skippedFragments }) => skippedFragments), unit: "" },
    { name: "viewers lost", value: sum(({ closed }) => closed), unit: "" },
    { name: "pictures > 33 ms late", value: sum(({ late33 }) => late33), unit: "" },
    { name: "pictures > 100 ms late", value: sum(({ late100 }) => late100), unit: "" },
    { name: "lateness p50", value: median(relay.map(({ received }) => received.p50)), unit: "ms" },
    { name: "lateness p99", value: median(relay.map(({ received }) => received.p99)), unit: "ms" },
    {
      name: "memory a viewer",
      value: memory / viewers / 1024,
      unit: "KiB",
      target: "≤ 64 KiB",
    },
  ];
}

/** What reading and muxing cost anyway, of a gigabyte delivered. */
function aloneShare({ alone = Number.NaN, received }: Window): number {
  return alone / (received.bytes / 1e9);
}

function crowdPerGigabyte({ received }: Window): number {
  return received.cpu / (received.bytes / 1e9);
}

function messagesASecond(relay: readonly Window[], { viewers }: Shape): number {
  return median(relay.map(({ received }) => received.messages / viewers / (WINDOW_MS / 1000)));
}

function bench(about: string, shape: Shape): Bench {
  return { name: shape.name, about, run: (folder) => run(shape, folder) };
}

const PLAIN = [
  ...["raw-socket", "node-net", "node-handle", "ffi-send"],
  ...["ws", "deno-conn", "deno-upgrade"],
];
/** The barest of each kind: what no relay in Deno can be cheaper than, and what one could that needs no permissions. */
const BAREST = ["raw-socket", "node-net", "node-handle", "ffi-send", "deno-conn"];
const TLS = ["tls-http2", "tls-https", "tls-deno-listen", "tls-deno-serve"];
const BASE = { viewers: 300, bitrate: 4_000_000, tls: false, rounds: 3, ways: [] } as const;

/** The benches. */
export const FAN_OUT: readonly Bench[] = [
  bench("server CPU a gigabyte, 720p30, 4 Mb/s with sound, to 300 viewers over WebSocket", {
    ...BASE,
    name: "fan-out",
    ways: PLAIN,
    target: "≤ 1.6 ×, aim 1.2 ×",
  }),
  bench("the same over TLS, beside C with OpenSSL", {
    ...BASE,
    name: "fan-out-tls",
    tls: true,
    ways: TLS,
    target: "≤ 2 ×",
  }),
  bench("the same at a GoPro's 1 Mb/s, plain", {
    ...BASE,
    name: "fan-out-gopro",
    bitrate: 1_000_000,
    ways: BAREST,
    target: "≤ 1.6 ×, aim 1.2 ×",
  }),
  bench("the same at a GoPro's 1 Mb/s, over TLS", {
    ...BASE,
    name: "fan-out-gopro-tls",
    bitrate: 1_000_000,
    tls: true,
    target: "≤ 2 ×",
  }),
  bench("1 000 viewers of 4 Mb/s: who is late, what is dropped, what a viewer takes", {
    ...BASE,
    name: "thousand",
    viewers: 1000,
    rounds: 1,
    target: "",
  }),
];
