/**
 * Cameras whose programs crash after five seconds, each in its own way, again and again; and beside them a stream that
 * must not notice. Nothing may be left of them: no process, no open file, no memory.
 *
 * @module
 */

import { join } from "node:path";
import { largestOfGroup } from "../bench/proc.ts";
import { makeTransportStream } from "../support/clips.ts";
import { openFilesOf, processesWith } from "../support/process_table.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { SteadyViewer } from "../support/steady_viewer.ts";
import type { Soak, SoakResult } from "./soak.ts";

const SAMPLE_MS = 15_000;
/** Until then everything is loaded, compiled and has grown to its size. */
const WARM_UP_SAMPLES = 8;
const MB = 1_000_000;
/** A heap breathes; a leak of a crash's worth of anything shows sooner. */
const MAX_GROWTH = 1.25;
/** Pipes and sockets of what runs at that moment. */
const MAX_MORE_FILES = 40;
/** A camera that works has a guard, its lifeline's reader, a shell and ffmpeg; one that crashes may have a straggler. */
const MAX_PROCESSES_EACH = 6;

/** Endings of a program. `$1` is the clip; it stands in each command line, so that what is left can be found. */
const ENDINGS = {
  fails: "exit 3",
  killed: "kill -9 $$",
  forgets: 'sh -c "sleep 3600; : $1" & exit 1',
  garbles: "head -c 3000000 /dev/urandom; exit 0",
  hangs: 'trap "" TERM; while :; do sleep 1; done',
} as const;

interface Sample {
  readonly memory: number;
  readonly files: number;
  readonly processes: number;
}

async function run(folder: string, seconds: number): Promise<SoakResult> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, { seconds: 60, group: 25, sound: true });
  const cameras = Object.entries(ENDINGS).map(([name, ending]) => {
    const script = `ffmpeg -v error -re -i "$1" -t 5 -c copy -f mpegts pipe:1; ${ending}`;
    return `${name}=exec:sh -c '${script}' camera ${clip}`;
  });
  const lines: string[] = [];
  const problems: string[] = [];
  {
    await using relay = await RelayProcess.start({
      args: [`steady=file:${clip}?loop`, ...cameras],
    });
    await using viewer = await SteadyViewer.open(`${relay.url}/live/steady`);
    const samples: Sample[] = [];
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(SAMPLE_MS, end - performance.now()))
      );
      const { pid, memory } = largestOfGroup(relay.group);
      // The relay, its task and its launcher have the clip in their command lines too.
      const processes = (await processesWith(clip)).filter((line) => !line.includes("steady="));
      samples.push({ memory, files: openFilesOf(pid), processes: processes.length });
    }
    const crashes = await restartsOf(relay.url, Object.keys(ENDINGS));
    lines.push(
      `${[...crashes].map(([name, count]) => `${name} ${count}`).join(", ")} restarts`,
      ...describe(samples),
      `the other stream: ${viewer.pictures} pictures, ${viewer.generations} generation, ` +
        `${viewer.holes.length} holes, longest wait ${Math.round(viewer.longestMs)} ms`,
    );
    problems.push(...judge(samples), ...judgeViewer(viewer));
    for (const [name, count] of crashes) {
      if (count < seconds / 40) problems.push(`${name} was started again ${count} times only`);
    }
    await relay.stop();
  }
  const left = await leftOver(clip);
  if (left.length > 0) problems.push(`left behind: ${left.join("; ")}`);
  return { lines, problems };
}

async function restartsOf(url: string, names: readonly string[]): Promise<Map<string, number>> {
  const { streams } = await (await fetch(`${url}/api/streams`)).json() as {
    streams: { name: string; counters: { restarts: number } }[];
  };
  return new Map(
    names.map((
      name,
    ) => [name, streams.find((stream) => stream.name === name)?.counters.restarts ?? 0]),
  );
}

function describe(samples: readonly Sample[]): string[] {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  return samples.filter((_, index) => index % tenth === 0 || index === samples.length - 1).map(
    ({ memory, files, processes }) =>
      `${(memory / MB).toFixed(0)} MB, ${files} files open, ${processes} processes of cameras`,
  );
}

function judge(samples: readonly Sample[]): string[] {
  const problems: string[] = [];
  const most = Object.keys(ENDINGS).length * MAX_PROCESSES_EACH;
  const crowd = Math.max(...samples.map(({ processes }) => processes));
  if (crowd > most) problems.push(`${crowd} processes of cameras at once`);
  const warm = samples.slice(WARM_UP_SAMPLES);
  const half = Math.floor(warm.length / 2);
  if (half < 4) return problems; // too short a run to tell growth from breath
  const peak = (from: readonly Sample[], what: "memory" | "files"): number =>
    Math.max(...from.map((sample) => sample[what]));
  const [first, second] = [warm.slice(0, half), warm.slice(half)];
  if (peak(second, "memory") > MAX_GROWTH * peak(first, "memory")) {
    problems.push("memory grows from half to half");
  }
  if (peak(second, "files") > peak(first, "files") + MAX_MORE_FILES) {
    problems.push("open files grow from half to half");
  }
  return problems;
}

function judgeViewer({ holes, complaints, generations, pictures }: SteadyViewer): string[] {
  return [
    ...(pictures === 0 ? ["the other stream gave no picture"] : []),
    ...holes.map((hole) => `the other stream has a hole before ${hole} ticks of 1/90000 s`),
    ...(generations > 1 ? ["the other stream began anew"] : []),
    ...complaints.map((complaint) => `the other stream's viewer was told ${complaint}`),
  ];
}

/** What still runs, once everything has had its time to end. */
async function leftOver(clip: string): Promise<string[]> {
  for (let tries = 0;; tries++) {
    const left = await processesWith(clip);
    if (left.length === 0 || tries > 100) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The soak. */
export const crash: Soak = {
  name: "crash",
  about:
    "cameras whose programs crash after 5 s in five ways, beside a stream that must not notice",
  seconds: 1800,
  run,
};
