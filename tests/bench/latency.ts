/**
 * From a picture's last datagram to its whole message at each of many loopback viewers, beside a C program that
 * reads the same datagrams and sends messages of the same size; and whether a datagram is lost while the thread
 * that serves viewers is busy. Relay, camera and viewers are processes of their own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeTransportStream } from "../support/clips.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { freePort, freeUdpPort } from "../support/ports.ts";
import { type Bench, type Figure, percentile } from "./bench.ts";
import { compile, type CPrograms } from "./c_programs.ts";
import { Crowd } from "./crowd.ts";
import { LineProcess } from "./line_process.ts";
import { makeLongClip } from "./long_clip.ts";

const VIEWERS = 100;
const RATE = 60;
const BITRATE = 12_000_000;
/** A datagram's time on the air, µs: a radio of 85 Mb/s, since no camera sends a picture in one breath. */
const AIR_US = 120;
/**
 * Until the relay believes the sender's habits, and what is hot is compiled and the compiler done: a relay runs for days, and
 * is measured behind the same minute as in `fan_out_windows.ts`.
 */
const WARM_UP_SECONDS = 60;
const WARM_UP_PICTURES = WARM_UP_SECONDS * RATE;
/** How long is measured. */
const MEASURED_SECONDS = 10;
/** Until a camera's socket is open, ms. */
const START_MS = 1500;

/** A picture as the camera sent it. */
interface Sent {
  /** CLOCK_MONOTONIC when its last datagram was out, µs. */
  readonly at: number;
  readonly datagrams: number;
}

/** A message as a viewer got it. */
interface Arrived {
  /** CLOCK_MONOTONIC when it was whole, µs. */
  readonly at: number;
  readonly bytes: number;
}

async function numbers(file: string): Promise<number[][]> {
  const text = await Deno.readTextFile(file);
  return text.split("\n").filter((line) => line !== "").map((line) => line.split(" ").map(Number));
}

/** Sends the clip and returns what was sent and what each viewer got of it. */
async function play(
  programs: CPrograms,
  { clip, udp, port, path, log }: {
    readonly clip: string;
    readonly udp: number;
    readonly port: number;
    readonly path?: string;
    readonly log: string;
  },
): Promise<{ sent: Sent[]; arrived: Arrived[][] }> {
  await sleep(START_MS);
  await using crowd = await Crowd.start(programs.crowd, {
    port,
    count: VIEWERS,
    log: { file: log, viewers: VIEWERS },
    ...(path ? { path } : {}),
  });
  await using camera = new LineProcess(programs.camera, [`${udp}`, clip, `${RATE}`, `${AIR_US}`]);
  const lines = await camera.all();
  await sleep(1000); // the last one has no successor to end it
  await crowd.received(); // writes the log out
  const arrived: Arrived[][] = Array.from({ length: VIEWERS }, () => []);
  for (const [at = 0, viewer = 0, bytes = 0, pictures = 0] of await numbers(log)) {
    if (pictures > 0) arrived[viewer]?.push({ at, bytes });
  }
  const sent = lines.map((line) => {
    const [at = 0, datagrams = 0] = line.split(" ").map(Number);
    return { at, datagrams };
  });
  return { sent, arrived };
}

/** What was played, and what came of it. */
interface Played {
  readonly sent: readonly Sent[];
  /** At each viewer. */
  readonly arrived: readonly (readonly Arrived[])[];
}

/** Messages that some viewer never got: which pictures they were nobody can tell. */
function missing({ sent, arrived }: Played): number {
  return arrived.reduce((sum, messages) => sum + Math.abs(sent.length - messages.length), 0);
}

/** How late each picture was at each viewer, ms; only where no message is {@link missing}. */
function lateness({ sent, arrived }: Played): number[] {
  return arrived.flatMap((messages) =>
    messages.map(({ at }, i) => (at - (sent[i]?.at ?? Number.NaN)) / 1000).slice(WARM_UP_PICTURES)
  );
}

async function run(folder: string): Promise<readonly Figure[]> {
  const programs = await compile(folder);
  const log = join(folder, "log");
  const clip = await makeLongClip(folder, {
    seconds: WARM_UP_SECONDS + MEASURED_SECONDS,
    rate: RATE,
    size: "1920x1080",
    bitrate: BITRATE,
  });
  const relay = await throughRelay(programs, { clip, log });
  const messages = join(folder, "messages");
  const [first = []] = relay.arrived;
  await Deno.writeTextFile(
    messages,
    relay.sent.map(({ datagrams }, i) => `${datagrams} ${first[i]?.bytes ?? 100}\n`).join(""),
  );
  const floor = await throughFloor(programs, { clip, log, messages });
  const counted: readonly Figure[] = [
    { name: "pictures sent", value: relay.sent.length, unit: "" },
    { name: "messages due", value: relay.sent.length * VIEWERS, unit: "" },
    { name: "messages received", value: relay.arrived.flat().length, unit: "" },
    { name: "late tail (cut pictures)", value: relay.lateTailBytes, unit: "bytes", target: "0" },
  ];
  const lost = { relay: missing(relay), floor: missing(floor) };
  if (lost.relay > 0 || lost.floor > 0) {
    const name = "messages missing: no lateness is told, for it would be of other pictures";
    const against = { name: "C", value: lost.floor };
    return [...counted, { name, value: lost.relay, unit: "", against, target: "0" }];
  }
  const ours = lateness(relay);
  const theirs = lateness(floor);
  const figure = (name: string, share: number, target: string): Figure => ({
    name,
    value: percentile(ours, share),
    unit: "ms",
    against: { name: "C", value: percentile(theirs, share) },
    target,
  });
  return [
    ...counted,
    figure("p50, all viewers", 0.5, "≤ 1 ms, ≤ 3 ×"),
    figure("p95, all viewers", 0.95, ""),
    figure("p99, all viewers", 0.99, "≤ 5 ms, ≤ 3 ×"),
    figure("worst", 1, ""),
  ];
}

async function throughRelay(
  programs: CPrograms,
  { clip, log }: { readonly clip: string; readonly log: string },
): Promise<Awaited<ReturnType<typeof play>> & { lateTailBytes: number }> {
  const udp = freeUdpPort();
  await using relay = await RelayProcess.start({ args: [`cam=udp://127.0.0.1:${udp}`] });
  const played = await play(programs, { clip, udp, port: relay.port, path: "/live/cam/ws", log });
  const { lateTailBytes = Number.NaN } = await counters(relay.url);
  return { ...played, lateTailBytes };
}

async function throughFloor(
  programs: CPrograms,
  { clip, log, messages }: {
    readonly clip: string;
    readonly log: string;
    readonly messages: string;
  },
): ReturnType<typeof play> {
  const udp = freeUdpPort();
  const port = freePort();
  await using floor = new LineProcess(programs.floor, [
    ...[`${port}`, `${VIEWERS}`, messages],
    ...["udp", `${udp}`],
  ]);
  await floor.line(); // it listens
  return await play(programs, { clip, udp, port, log });
}

/** The stream's counters, as the API tells them. */
async function counters(url: string): Promise<Record<string, number>> {
  const response = await fetch(`${url}/api/streams/cam`);
  return (await response.json()).counters;
}

/** The bench. */
export const latency: Bench = {
  name: "latency",
  about:
    `last datagram of a picture → whole message at each of ${VIEWERS} viewers, 1080p60, 12 Mb/s`,
  run,
};

const BUSY_SECONDS = 12;
const BUSY_BITRATE = 60_000_000;
const BUSY_RATE = 30;
/** A radio of 88 Mb/s: what is sent at 60 Mb/s leaves it some air. */
const BUSY_AIR_US = 120;
const BUSY_RELAY = fileURLToPath(new URL("./busy_relay.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

async function runBusy(folder: string): Promise<readonly Figure[]> {
  const programs = await compile(folder);
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, {
    seconds: BUSY_SECONDS,
    rate: BUSY_RATE,
    size: "1920x1080",
    bitrate: BUSY_BITRATE,
  });
  const { size } = await Deno.stat(clip);
  const udp = freeUdpPort();
  await using relay = new LineProcess(Deno.execPath(), [
    ...["run", "--quiet", "-A", `--config=${CONFIG}`, BUSY_RELAY],
    `cam=udp://127.0.0.1:${udp}`,
  ]);
  const url = await relay.line();
  // Beside the same busy thread, before it has anything to do with a camera.
  const floor = await receive(programs, clip);
  await sleep(START_MS);
  const sent = await send(programs, { clip, udp });
  await sleep(2000); // the counters cross once a second
  const read = await counters(url);
  return [
    { name: "datagrams sent", value: sent, unit: "" },
    {
      name: "bytes missing",
      value: size - (read.bytesIn ?? 0),
      unit: "",
      against: { name: "C", value: size - floor.bytes },
      target: "0",
    },
    { name: "continuity gaps", value: read.continuityGaps ?? Number.NaN, unit: "", target: "0" },
    { name: "late tail (cut pictures)", value: read.lateTailBytes ?? 0, unit: "bytes" },
    { name: "pictures", value: read.videoSamples ?? Number.NaN, unit: "" },
  ];
}

/** Sends the clip as a camera does; returns the number of datagrams. */
async function send(
  programs: CPrograms,
  { clip, udp }: { readonly clip: string; readonly udp: number },
): Promise<number> {
  await using camera = new LineProcess(programs.camera, [
    ...[`${udp}`, clip, `${BUSY_RATE}`, `${BUSY_AIR_US}`],
  ]);
  return (await camera.all()).reduce((sum, line) => sum + Number(line.split(" ")[1]), 0);
}

/** What a program that does nothing else receives of the clip. */
async function receive(programs: CPrograms, clip: string): Promise<{ bytes: number }> {
  const udp = freeUdpPort();
  await using receiver = new LineProcess(programs.receiver, [`${udp}`]);
  await receiver.line(); // it listens
  await send(programs, { clip, udp });
  const [, bytes = Number.NaN] = (await receiver.line()).split(" ").map(Number);
  return { bytes };
}

/** The bench. */
export const busy: Bench = {
  name: "busy",
  about:
    "datagrams lost at 60 Mb/s, paced, while the thread that serves viewers is busy 10 of every 33 ms",
  run: runBusy,
};
