/**
 * Destinations that come, go, hang, refuse and talk nonsense, some added and ended through the API all the while; beside
 * them a destination and viewers that must not notice, and nothing that grows.
 *
 * @module
 */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DestinationList, StreamInfo } from "../../shared/api.ts";
import { largestOfGroup } from "../bench/proc.ts";
import { makeTransportStream } from "../support/clips.ts";
import { FlappingReceiver } from "../support/flapping_receiver.ts";
import { openFilesOf } from "../support/process_table.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run as runProgram } from "../support/run.ts";
import { SteadyViewer } from "../support/steady_viewer.ts";
import type { Soak, SoakResult } from "./soak.ts";

const SAMPLE_MS = 5_000;
/** A destination is added and another ended so often. */
const CHANGE_MS = 1_500;
/** Until then everything is loaded, compiled and has grown to its size. */
const WARM_UP_SAMPLES = 6;
const MB = 1_000_000;
/** A heap breathes; a leak of a connection's worth of anything shows sooner. */
const MAX_GROWTH = 1.25;
/** Sockets of what is connected at that moment. */
const MAX_MORE_FILES = 20;
const LATE_MS = 15_000;
/** What counts when all is well. */
const GROWS: ReadonlySet<string> = new Set([
  "bytesIn",
  "generations",
  "videoSamples",
  "audioSamples",
]);

interface Sample {
  readonly memory: number;
  readonly files: number;
}

async function run(folder: string, seconds: number): Promise<SoakResult> {
  const made = join(folder, "clip.ts");
  await makeTransportStream(made, { seconds: 60, group: 25, bitrate: 4_000_000, sound: true });
  // Pictures of known size: one that a busy machine reads in two goes is no damage then.
  const clip = join(folder, "clip.mp4");
  await runProgram("ffmpeg", [
    ...["-v", "error", "-i", made, "-c", "copy", "-movflags", "+faststart", clip],
  ]);
  await using receiver = new FlappingReceiver(freePort());
  await using far = await RelayProcess.start({ args: ["--open", "publish", "out=push"] });
  const at = (scheme: string, n: number): string =>
    `${scheme}://127.0.0.1:${receiver.port}/publish/${n}`;
  await using relay = await RelayProcess.start({
    args: [
      ...["--open", "all", "--forward", `ws://127.0.0.1:${far.port}/publish/out`],
      ...[1, 2, 3].flatMap((n) => ["--forward", at(n % 2 === 0 ? "http" : "ws", n)]),
      ...["--forward", `ws://127.0.0.1:${freePort()}/nobody`],
      `cam=file:${clip}?loop`,
    ],
  });
  await using here = await SteadyViewer.open(`${relay.url}/live/cam`);
  await arrived(far);
  await using there = await SteadyViewer.open(`${far.url}/live/out`);
  const samples: Sample[] = [];
  let changes = 0;
  const end = performance.now() + seconds * 1000;
  let sampleAt = performance.now() + SAMPLE_MS;
  while (performance.now() < end) {
    await sleep(CHANGE_MS);
    await change(relay.url, { n: changes++, url: at(changes % 2 === 0 ? "http" : "ws", 9) });
    if (performance.now() < sampleAt) continue;
    sampleAt += SAMPLE_MS;
    const { pid, memory } = largestOfGroup(relay.group);
    samples.push({ memory, files: openFilesOf(pid) });
  }
  const { destinations } = await (await fetch(`${relay.url}/api/destinations`))
    .json() as DestinationList;
  const { counters } = await (await fetch(`${relay.url}/api/streams/cam`)).json() as StreamInfo;
  const told = Object.entries(counters).filter(([name, count]) => count > 0 && !GROWS.has(name));
  const steady = destinations.find(({ id }) => id === "forward");
  const lines = [
    `${Object.entries(receiver.fates).map(([fate, count]) => `${fate} ${count}`).join(", ")}; ` +
    `${(receiver.bytes / MB).toFixed(0)} MB taken; ${changes} destinations changed by the API`,
    ...describe(samples),
    `the camera's other counters: ${
      told.map(([name, count]) => `${name} ${count}`).join(", ") || "none"
    }`,
    `the steady destination: connected ${steady?.connections} time, ` +
    `${steady?.skipped.fragments} fragments left out`,
    ...[["viewer here", here] as const, ["viewer beyond", there] as const].map(([who, viewer]) =>
      `${who}: ${viewer.pictures} pictures, ${viewer.holes.length} holes, ` +
      `longest wait ${Math.round(viewer.longestMs)} ms`
    ),
  ];
  const problems = [
    ...judge(samples),
    ...judgeViewer("here", here),
    ...judgeViewer("beyond", there),
    ...(steady?.connections === 1 ? [] : ["the steady destination was connected anew"]),
    ...Object.entries(receiver.fates).filter(([, count]) => count === 0)
      .map(([fate]) => `no connection was ${fate}: the soak is too short to prove anything`),
  ];
  return { lines, problems };
}

/** Adds one, replaces it, ends it: in turn. */
async function change(
  url: string,
  { n, url: to }: { readonly n: number; readonly url: string },
): Promise<void> {
  const answer = n % 3 === 2
    ? await fetch(`${url}/api/destinations/changing`, { method: "DELETE" })
    : await fetch(`${url}/api/destinations`, {
      method: "POST",
      body: JSON.stringify({ id: "changing", stream: "cam", url: to }),
    });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`A change of destinations was answered ${answer.status}.`);
}

async function arrived(far: RelayProcess): Promise<void> {
  const end = performance.now() + LATE_MS;
  for (;;) {
    const { state } = await (await fetch(`${far.url}/api/streams/out`)).json();
    if (state.kind === "live") return;
    if (performance.now() > end) throw new Error("Nothing arrives at the far relay.");
    await sleep(100);
  }
}

function describe(samples: readonly Sample[]): string[] {
  const tenth = Math.max(1, Math.floor(samples.length / 8));
  return samples.filter((_, index) => index % tenth === 0 || index === samples.length - 1).map(
    ({ memory, files }) => `${(memory / MB).toFixed(0)} MB, ${files} files open`,
  );
}

function judge(samples: readonly Sample[]): string[] {
  const warm = samples.slice(WARM_UP_SAMPLES);
  const half = Math.floor(warm.length / 2);
  if (half < 4) return []; // too short a run to tell growth from breath
  const peak = (from: readonly Sample[], what: "memory" | "files"): number =>
    Math.max(...from.map((sample) => sample[what]));
  const [first, second] = [warm.slice(0, half), warm.slice(half)];
  return [
    ...(peak(second, "memory") > MAX_GROWTH * peak(first, "memory")
      ? ["memory grows from half to half"]
      : []),
    ...(peak(second, "files") > peak(first, "files") + MAX_MORE_FILES
      ? ["open files grow from half to half"]
      : []),
  ];
}

function judgeViewer(
  where: string,
  { holes, complaints, generations, pictures }: SteadyViewer,
): string[] {
  return [
    ...(pictures === 0 ? [`${where}: no picture`] : []),
    ...holes.map((hole) => `${where}: a hole before ${hole} ticks of 1/90000 s`),
    ...(generations > 1 ? [`${where}: it began anew`] : []),
    ...complaints.map((complaint) => `${where}: the viewer was told ${complaint}`),
  ];
}

/** The soak. */
export const flap: Soak = {
  name: "flap",
  about:
    "destinations that come, go, hang, refuse and are changed, beside viewers that must not notice",
  seconds: 600,
  run,
};
