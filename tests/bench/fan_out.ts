/**
 * One camera to many viewers over WebSocket: what the relay's process costs a gigabyte delivered, its ingest
 * included, beside a C program that replays the recorded messages to as many sockets, and beside other ways to
 * send them from Deno.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { type IdentityFiles, makeIdentity } from "./identity.ts";
import { freePort, RelayProcess } from "../support/relay_process.ts";
import { freeUdpPort } from "../support/udp_ports.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { compile, type CPrograms } from "./c_programs.ts";
import { Crowd, type Received } from "./crowd.ts";
import { LineProcess } from "./line_process.ts";
import { makeLongClip } from "./long_clip.ts";
import { cpuOf, cpuOfGroup, memoryOfGroup } from "./proc.ts";
import { recordMessages } from "./recorded_messages.ts";

const RATE = 30;
/** A datagram's time on the air, µs: a radio of 85 Mb/s. */
const AIR_US = 120;
const CLIP_SECONDS = 120;
/** After the last viewer has joined, until its burst is over. */
const SETTLE_MS = 2_000;
const WINDOW_MS = 8_000;
const WAYS = fileURLToPath(new URL("./ways.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

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

/** What one server cost in one window. */
interface Window {
  readonly server: number;
  readonly received: Received;
  /** Resident memory with and without the viewers, bytes. */
  readonly memory: number;
  readonly memoryBefore: number;
}

/** Where things are in one run. */
interface Stage {
  readonly folder: string;
  readonly programs: CPrograms;
  readonly clip: string;
  readonly identity: IdentityFiles;
  readonly shape: Shape;
}

function perGigabyte({ server, received }: Window): number {
  return server / (received.bytes / 1e9);
}

/** Connects viewers and measures a window of what they get. */
async function measure(
  { programs, shape }: Stage,
  server: { port: number; path?: string; log?: string; cpu(): number; memory(): number },
): Promise<Window> {
  const memoryBefore = server.memory();
  await using crowd = await Crowd.start(programs.crowd, {
    port: server.port,
    count: shape.viewers,
    tls: shape.tls,
    ...(server.path ? { path: server.path } : {}),
    ...(server.log ? { log: { file: server.log, viewers: 1 } } : {}),
  });
  await sleep(SETTLE_MS);
  await crowd.received();
  const before = server.cpu();
  await sleep(WINDOW_MS);
  const received = await crowd.received();
  return { server: server.cpu() - before, received, memory: server.memory(), memoryBefore };
}

/** The relay, its camera on UDP. */
async function relayWindow(stage: Stage, log?: string): Promise<Window> {
  const { folder, identity, shape, programs, clip } = stage;
  const udp = freeUdpPort();
  const tlsPort = freePort();
  await using relay = await RelayProcess.start({
    args: [
      ...["--data", folder],
      ...(shape.tls
        ? [
          ...["--listen-tls", `127.0.0.1:${tlsPort}`],
          ...["--tls", `${identity.certificate},${identity.key}`],
        ]
        : ["--tls", "off"]),
      `cam=udp://127.0.0.1:${udp}`,
    ],
  });
  await using _camera = new LineProcess(programs.camera, [`${udp}`, clip, `${RATE}`, `${AIR_US}`]);
  await sleep(SETTLE_MS);
  return await measure(stage, {
    port: shape.tls ? tlsPort : relay.port,
    path: "/live/cam/ws",
    ...(log ? { log } : {}),
    cpu: () => cpuOfGroup(relay.group),
    memory: () => memoryOfGroup(relay.group),
  });
}

/** A server that replays what was recorded; "PORT" in its arguments is the port that is found for it. */
async function replayWindow(
  stage: Stage,
  program: string,
  args: readonly string[],
): Promise<Window> {
  const port = freePort();
  const words = args.map((word) => word === "PORT" ? `${port}` : word);
  await using server = new LineProcess(program, words);
  await server.line(); // it listens
  return await measure(stage, { port, cpu: () => cpuOf(server.pid), memory: () => 0 });
}

function floorWindow(stage: Stage, recording: string): Promise<Window> {
  const { programs, shape, identity } = stage;
  const tls = shape.tls ? ["tls", identity.certificate, identity.key] : [];
  return replayWindow(stage, programs.floor, ["PORT", `${shape.viewers}`, recording, ...tls]);
}

function wayWindow(stage: Stage, way: string, recording: string): Promise<Window> {
  const { shape, identity } = stage;
  return replayWindow(stage, Deno.execPath(), [
    ...["run", "--quiet", "-A", `--config=${CONFIG}`, WAYS],
    ...[way, "PORT", `${shape.viewers}`, recording, identity.certificate, identity.key],
  ]);
}

async function run(shape: Shape, folder: string): Promise<readonly Figure[]> {
  const programs = await compile(folder, { tls: shape.tls });
  const identity = await makeIdentity(folder);
  const seconds = CLIP_SECONDS;
  const clip = await makeLongClip(folder, {
    ...{ seconds, rate: RATE, size: "1280x720", sound: true, bitrate: shape.bitrate },
  });
  const stage = { folder, programs, clip, identity, shape };
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
  return [
    { ...ours, target: shape.target },
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

function crowdPerGigabyte({ received }: Window): number {
  return received.cpu / (received.bytes / 1e9);
}

function messagesASecond(relay: readonly Window[], { viewers }: Shape): number {
  return median(relay.map(({ received }) => received.messages / viewers / (WINDOW_MS / 1000)));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function bench(about: string, shape: Shape): Bench {
  return { name: shape.name, about, run: (folder) => run(shape, folder) };
}

const PLAIN = ["raw-socket", "ws", "deno-conn", "deno-upgrade"];
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
