/**
 * Windows of the fan-out bench: what a server costs, and what its viewers get, in some seconds of one camera. The relay,
 * the C program that replays its messages, other ways to send them from Deno, and the least a Deno program can do with
 * the camera's datagrams.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { MEMORY_VARIABLES, runtimeFlags } from "../../relay/runtime_settings.ts";
import type { IdentityFiles } from "./identity.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { freePort, freeUdpPort } from "../support/ports.ts";
import type { CPrograms } from "./c_programs.ts";
import { Crowd, type Received } from "./crowd.ts";
import { LineProcess } from "./line_process.ts";
import { cpuOf, cpuOfGroup, memoryOfGroup } from "./proc.ts";

/** Pictures a second. */
export const RATE = 30;
/** A datagram's time on the air, µs: a radio of 85 Mb/s. */
const AIR_US = 120;
/**
 * A relay runs for days: it is measured once its code is compiled, which takes half a minute at a camera's pace, and once
 * V8 has given back what starting took: its memory reducer marks and compacts 30 to 31 s after the start, beside the
 * compiler. A window from 25 to 35 s showed 41 to 46 ms of CPU a second for the camera alone, one behind 45 s showed 30.
 */
const WARM_UP_MS = 60_000;
/** After the last viewer has joined, until its burst is over. */
const SETTLE_MS = 2_000;
/** How long is measured. */
export const WINDOW_MS = 8_000;
const WAYS = fileURLToPath(new URL("./ways.ts", import.meta.url));
const BARE_RECEIVER = fileURLToPath(new URL("./bare_receiver.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
/** Before a program of Deno's and its arguments: V8 is told what the relay's is. */
const RUN = ["run", "--quiet", ...runtimeFlags(Deno.version.v8), "-A", `--config=${CONFIG}`];

/** What one server cost in one window. */
export interface Window {
  readonly server: number;
  readonly received: Received;
  /** Resident memory with and without the viewers, bytes. */
  readonly memory: number;
  readonly memoryBefore: number;
  /** What the server had cost in a window of the same length before anybody watched, s. */
  readonly alone?: number;
}

/** Where things are in one run. */
export interface Stage {
  readonly folder: string;
  readonly programs: CPrograms;
  readonly clip: string;
  readonly identity: IdentityFiles;
  readonly viewers: number;
  readonly tls: boolean;
}

/** Connects viewers and measures a window of what they get. */
async function measure(
  { programs, viewers, tls }: Stage,
  server: { port: number; path?: string; log?: string; cpu(): number; memory(): number },
): Promise<Window> {
  const memoryBefore = server.memory();
  await using crowd = await Crowd.start(programs.crowd, {
    port: server.port,
    count: viewers,
    tls,
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
export async function relayWindow(stage: Stage, log?: string): Promise<Window> {
  const { folder, identity, tls, programs, clip } = stage;
  const udp = freeUdpPort();
  const tlsPort = freePort();
  await using relay = await RelayProcess.start({
    args: [
      ...["--data", folder],
      ...(tls
        ? [
          ...["--listen-tls", `127.0.0.1:${tlsPort}`],
          ...["--tls", `${identity.certificate},${identity.key}`],
        ]
        : ["--tls", "off"]),
      `cam=udp://127.0.0.1:${udp}`,
    ],
  });
  await using _camera = new LineProcess(programs.camera, [`${udp}`, clip, `${RATE}`, `${AIR_US}`]);
  await sleep(WARM_UP_MS);
  const before = cpuOfGroup(relay.group);
  await sleep(WINDOW_MS);
  const alone = cpuOfGroup(relay.group) - before;
  const window = await measure(stage, {
    port: tls ? tlsPort : relay.port,
    path: "/live/cam/ws",
    ...(log ? { log } : {}),
    cpu: () => cpuOfGroup(relay.group),
    memory: () => memoryOfGroup(relay.group),
  });
  return { ...window, alone };
}

/** CPU time of a Deno program that reads the camera's datagrams in one window and does nothing with them, s. */
export async function bareReceiver({ programs, clip }: Stage): Promise<number> {
  const udp = freeUdpPort();
  await using receiver = new LineProcess(Deno.execPath(), [
    ...RUN,
    ...[BARE_RECEIVER, `${udp}`],
  ], MEMORY_VARIABLES);
  await receiver.line(); // it listens
  await using _camera = new LineProcess(programs.camera, [`${udp}`, clip, `${RATE}`, `${AIR_US}`]);
  await sleep(WARM_UP_MS);
  const before = cpuOf(receiver.pid);
  await sleep(WINDOW_MS);
  return cpuOf(receiver.pid) - before;
}

/** A server that replays what was recorded, started as the relay is; "PORT" in its arguments is the port that is found for it. */
async function replayWindow(
  stage: Stage,
  program: string,
  args: readonly string[],
): Promise<Window> {
  const port = freePort();
  const words = args.map((word) => word === "PORT" ? `${port}` : word);
  await using server = new LineProcess(program, words, MEMORY_VARIABLES);
  await server.line(); // it listens
  return await measure(stage, { port, cpu: () => cpuOf(server.pid), memory: () => 0 });
}

/** C, one send a viewer. */
export function floorWindow(stage: Stage, recording: string): Promise<Window> {
  const { programs, viewers, identity } = stage;
  const secured = stage.tls ? ["tls", identity.certificate, identity.key] : [];
  return replayWindow(stage, programs.floor, ["PORT", `${viewers}`, recording, ...secured]);
}

/** A way of `ways.ts`. */
export function wayWindow(stage: Stage, way: string, recording: string): Promise<Window> {
  const { viewers, identity } = stage;
  return replayWindow(stage, Deno.execPath(), [
    ...RUN,
    ...[WAYS, way, "PORT", `${viewers}`, recording, identity.certificate, identity.key],
  ]);
}
