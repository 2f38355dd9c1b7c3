/**
 * What a viewer costs the relay's process by each way out: one relay, one camera, and viewers of one way after the other,
 * each beside the C program that sends the same messages to as many sockets. What the camera costs with nobody watching is
 * taken off.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RelayProcess } from "../support/relay_process.ts";
import { freePort, freeUdpPort } from "../support/ports.ts";
import type { Bench, Figure } from "./bench.ts";
import { compile, type CPrograms } from "./c_programs.ts";
import { Crowd } from "./crowd.ts";
import { makeIdentity } from "./identity.ts";
import { LineProcess } from "./line_process.ts";
import { makeLongClip } from "./long_clip.ts";
import { cpuOf, cpuOfGroup } from "./proc.ts";
import { recordMessages } from "./recorded_messages.ts";

const RATE = 30;
const BITRATE = 4_000_000;
/** A datagram's time on the air, µs: a radio of 85 Mb/s. */
const AIR_US = 120;
const CLIP_SECONDS = 240;
const SETTLE_MS = 2_000;
const WINDOW_MS = 8_000;
const VIEWERS = fileURLToPath(new URL("./ways_out_viewers.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const LOCK = fileURLToPath(new URL("../deno.lock", import.meta.url));

/** Connected viewers of one way. */
interface Watching extends AsyncDisposable {
  /** What came since the last call. */
  received(): Promise<{ readonly bytes: number }>;
  /** The viewers' own CPU so far, s. */
  cpu(): number;
}

/** What a way cost in one window. */
interface Cost {
  readonly name: string;
  readonly viewers: number;
  readonly server: number;
  readonly bytes: number;
  readonly load: number;
}

/** Viewers by `ways_out_viewers.ts`. */
async function watchBy(way: string, url: string, count: number): Promise<Watching> {
  const process = new LineProcess(Deno.execPath(), [
    ...["run", "--quiet", "-A", "--no-check", `--config=${CONFIG}`, `--lock=${LOCK}`],
    ...[VIEWERS, way, url, `${count}`],
  ]);
  await process.line(); // each has had something
  return {
    received: () => process.ask<{ bytes: number }>(),
    cpu: () => cpuOf(process.pid),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** Viewers by `crowd.c`. */
async function watchByC(
  { crowd: program }: CPrograms,
  options: Parameters<typeof Crowd.start>[1],
): Promise<Watching & { readonly crowd: Crowd }> {
  const crowd = await Crowd.start(program, options);
  let cpu = 0;
  return {
    crowd,
    received: async () => {
      const received = await crowd.received();
      cpu += received.cpu;
      return received;
    },
    cpu: () => cpu,
    [Symbol.asyncDispose]: () => crowd[Symbol.asyncDispose](),
  };
}

async function measure(
  name: string,
  { viewers, watching, cpu }: {
    readonly viewers: number;
    readonly watching: Watching;
    cpu(): number;
  },
): Promise<Cost> {
  await sleep(SETTLE_MS);
  await watching.received();
  const before = { server: cpu(), load: watching.cpu() };
  await sleep(WINDOW_MS);
  const { bytes } = await watching.received();
  return {
    ...{ name, viewers, bytes },
    server: cpu() - before.server,
    load: watching.cpu() - before.load,
  };
}

async function run(folder: string): Promise<readonly Figure[]> {
  const programs = await compile(folder, { tls: true });
  const { certificate, key } = await makeIdentity(folder);
  const clip = await makeLongClip(folder, {
    ...{ seconds: CLIP_SECONDS, rate: RATE, size: "1280x720", sound: true, bitrate: BITRATE },
  });
  const udp = freeUdpPort();
  const tlsPort = freePort();
  await using relay = await RelayProcess.start({
    args: [
      ...["--data", folder, "--listen-tls", `127.0.0.1:${tlsPort}`],
      ...["--tls", `${certificate},${key}`, `cam=udp://127.0.0.1:${udp}`],
    ],
  });
  await using _camera = new LineProcess(programs.camera, [`${udp}`, clip, `${RATE}`, `${AIR_US}`]);
  await sleep(SETTLE_MS);
  const cpu = (): number => cpuOfGroup(relay.group);
  const nobody = async (): Promise<number> => {
    const before = cpu();
    await sleep(WINDOW_MS);
    return cpu() - before;
  };
  const idleBefore = await nobody();

  const page = `${relay.url}/live/cam`;
  const log = join(folder, "crowd.log");
  const path = "/live/cam/ws";
  const byC = { path, count: 100 };
  const ways: readonly (readonly [string, number, () => Promise<Watching>])[] = [
    [
      "WebSocket",
      100,
      () => watchByC(programs, { ...byC, port: relay.port, log: { file: log, viewers: 1 } }),
    ],
    ["WebSocket over TLS", 100, () => watchByC(programs, { ...byC, port: tlsPort, tls: true })],
    ["stream.mp4", 100, () => watchBy("http", `${page}/stream.mp4`, 100)],
    ["stream.ts", 100, () => watchBy("http", `${page}/stream.ts`, 100)],
    ["LL-HLS", 30, () => watchBy("hls", `${page}/index.m3u8`, 30)],
    ["WebTransport", 20, () => watchBy("webtransport", page, 20)],
  ];
  const costs: Cost[] = [];
  for (const [name, viewers, open] of ways) {
    await using watching = await open();
    const cost = await measure(name, { viewers, watching, cpu });
    costs.push(cost);
  }
  const idle = (idleBefore + await nobody()) / 2;
  // The first way's log goes on while others are measured only if its viewers do: they have left.
  const endUs = await lastMessage(log);
  const recording = join(folder, "recording");
  await recordMessages(log, { endUs, windowMs: WINDOW_MS, out: recording });
  const floors = {
    plain: await floor(programs, recording, []),
    tls: await floor(programs, recording, ["tls", certificate, key]),
  };
  return figures(costs.map((cost) => ({ ...cost, server: cost.server - idle })), floors, idle);
}

/** The C program, its viewers by `crowd.c`. */
async function floor(
  programs: CPrograms,
  recording: string,
  tls: readonly string[],
): Promise<Cost> {
  const viewers = 100;
  const port = freePort();
  await using server = new LineProcess(programs.floor, [
    `${port}`,
    `${viewers}`,
    recording,
    ...tls,
  ]);
  await server.line(); // it listens
  await using watching = await watchByC(programs, { port, count: viewers, tls: tls.length > 0 });
  return await measure("C", { viewers, watching, cpu: () => cpuOf(server.pid) });
}

async function lastMessage(log: string): Promise<number> {
  const last = (await Deno.readTextFile(log)).trim().split("\n").at(-1) ?? "";
  return Number(last.split(" ")[0]);
}

function figures(
  costs: readonly Cost[],
  floors: { readonly plain: Cost; readonly tls: Cost },
  idle: number,
): Figure[] {
  const perGigabyte = ({ server, bytes }: Cost): number => server / (bytes / 1e9);
  const perViewer = ({ server, viewers }: Cost): number =>
    1e6 * server / viewers / (WINDOW_MS / 1000);
  const rows = costs.flatMap((cost): Figure[] => {
    const { name, viewers, load } = cost;
    const isTls = name.includes("TLS") || name === "WebTransport";
    const beside = isTls ? floors.tls : floors.plain;
    const against = isTls ? "C with OpenSSL" : "C";
    return [
      {
        name: `${name}, ${viewers} viewers`,
        value: perGigabyte(cost),
        unit: "s/GB",
        against: { name: against, value: perGigabyte(beside) },
      },
      {
        name: `${name}: a viewer`,
        value: perViewer(cost),
        unit: "µs/s",
        against: { name: against, value: perViewer(beside) },
      },
      {
        name: `${name}: each got`,
        value: 8 * cost.bytes / viewers / (WINDOW_MS / 1000) / 1e6,
        unit: "Mb/s",
      },
      { name: `${name}: the viewers' own`, value: load / (cost.bytes / 1e9), unit: "s/GB" },
    ];
  });
  return [
    { name: "nobody watches", value: 1e6 * idle / (WINDOW_MS / 1000), unit: "µs/s" },
    ...rows,
  ];
}

/** The bench. */
export const waysOut: Bench = {
  name: "ways-out",
  about:
    "relay CPU for a viewer of 720p30, 4 Mb/s with sound, by each way out, its camera's own taken off",
  run,
};
