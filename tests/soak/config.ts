/**
 * A configuration that is saved a thousand times, another one each time and every fifth broken, while a viewer watches a
 * stream that it always says the same of. That stream must not notice, and nothing may be left of the others.
 *
 * @module
 */

import { join } from "node:path";
import { largestOfGroup } from "../bench/proc.ts";
import { makeTransportStream, rewrap } from "../support/clips.ts";
import { openFilesOf, processesWith } from "../support/process_table.ts";
import { RelayProcess, runningIn, signalGroup } from "../support/relay_process.ts";
import { SteadyViewer } from "../support/steady_viewer.ts";
import type { Soak, SoakResult } from "./soak.ts";

const RELOADS = 1000;
/** One look for so many, always with the same configuration in force. */
const RELOADS_BETWEEN_SAMPLES = 20;
/** Until then everything is loaded, compiled and has grown to its size. */
const WARM_UP_SAMPLES = 10;
const MB = 1_000_000;
/** A heap breathes. */
const MAX_GROWTH = 1.2;
/** What ends at that very moment. */
const MAX_MORE_FILES = 10;
const MAX_MORE_PROCESSES = 3;
/** For one reload, streams ended among it. */
const RELOAD_LIMIT_MS = 30_000;
const SETTLE_MS = 1_500;
const SIGHUP_EVERY = 10;

interface Sample {
  readonly reloads: number;
  readonly memory: number;
  readonly files: number;
  readonly processes: number;
}

/** What stands below the steady stream, in turn; the first is in force when a look is taken. */
function turns(clip: string): readonly string[] {
  const program = `exec:ffmpeg -v error -re -stream_loop -1 -i ${clip} -c copy -f mpegts pipe:1`;
  return [
    `  moving: file:${clip}?loop\n  program: ${program}\n  guest: push\n`,
    `  moving: push\n  program: ${program}\n  more: demo\n`,
    `  moving: demo\n  program: push\n  yard/north: file:${clip}?loop\n  yard/south: demo\n`,
    `  moving: nothing:here\n`,
    `  program: ${program}\n  moving: file:${clip}\n`,
  ];
}

async function run(folder: string, seconds: number): Promise<SoakResult> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, { seconds: 60, group: 25, sound: true });
  // In MP4 each picture says where it ends, and comes whole however busy the machine is. Without sound the end of one
  // round is the beginning of the next, to the tick.
  const silent = join(folder, "silent.ts");
  const steady = join(folder, "steady.mp4");
  await makeTransportStream(silent, { seconds: 60, group: 25 });
  await rewrap(silent, steady);
  const file = join(folder, "rill.yaml");
  const texts = turns(clip).map((rest) => `streams:\n  steady: file:${steady}?loop\n${rest}`);
  const save = async (turn: number): Promise<void> => {
    await Deno.writeTextFile(`${file}~`, `# ${turn}\n${texts[turn % texts.length]}`);
    await Deno.rename(`${file}~`, file);
  };
  await save(0);
  await using relay = await RelayProcess.start({ args: ["--config", file] });
  await using viewer = await SteadyViewer.open(`${relay.url}/live/steady`);
  const samples: Sample[] = [];
  const started = performance.now();
  let reloads = 0;
  for (let turn = 1; reloads < RELOADS; turn++) {
    if (performance.now() - started > seconds * 1000) break;
    await save(turn);
    await untilRead(relay, ++reloads);
    if (reloads % SIGHUP_EVERY === 0 && turn % texts.length !== 0) {
      signalGroup(relay.group, "SIGHUP");
      await untilRead(relay, ++reloads);
    }
    if (turn % texts.length === 0 && reloads >= (samples.length + 1) * RELOADS_BETWEEN_SAMPLES) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      samples.push(await look(relay, { reloads, clip }));
    }
  }
  const took = (performance.now() - started) / 1000;
  const { holes, generations, pictures, longestMs, complaints } = viewer;
  const broken = relay.output.split("is not taken").length - 1;
  return {
    lines: [
      `${reloads} reloads in ${Math.round(took)} s, ${broken} of them of a broken file`,
      ...describe(samples),
      `the steady stream: ${pictures} pictures, ${generations} generation, ${holes.length} holes, ` +
      `longest wait ${Math.round(longestMs)} ms`,
    ],
    problems: [
      ...judge(samples),
      ...(pictures === 0 ? ["the steady stream gave no picture"] : []),
      ...holes.map((hole) => `the steady stream has a hole before ${hole} ticks of 1/90000 s`),
      ...(generations > 1 ? ["the steady stream began anew"] : []),
      ...complaints.map((complaint) => `the steady stream's viewer was told ${complaint}`),
      ...(broken === 0 && reloads >= texts.length ? ["no broken file was refused"] : []),
    ],
  };
}

/** Until the relay has said of so many files what became of them. @throws with what it printed when it does not. */
async function untilRead(relay: RelayProcess, count: number): Promise<void> {
  const end = performance.now() + RELOAD_LIMIT_MS;
  const read = (): number =>
    relay.output.split(/configuration was read again|configuration is not taken/).length - 1;
  while (read() < count) {
    if (performance.now() > end) {
      throw new Error(`Reload ${count} was not made:\n${relay.output.slice(-2000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function look(
  relay: RelayProcess,
  { reloads, clip }: { readonly reloads: number; readonly clip: string },
): Promise<Sample> {
  const { pid, memory } = largestOfGroup(relay.group);
  const files = openFilesOf(pid);
  // Programs of cameras have groups of their own.
  const processes = runningIn(relay.group).length + (await processesWith(clip)).length;
  return { reloads, memory, files, processes };
}

function describe(samples: readonly Sample[]): string[] {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  return samples.filter((_, index) => index % tenth === 0 || index === samples.length - 1).map(
    ({ reloads, memory, files, processes }) =>
      `after ${reloads}: ${(memory / MB).toFixed(0)} MB, ${files} files open, ` +
      `${processes} processes`,
  );
}

function judge(samples: readonly Sample[]): string[] {
  const warm = samples.slice(WARM_UP_SAMPLES);
  const half = Math.floor(warm.length / 2);
  if (half < 4) return []; // too short a run to tell growth from breath
  const peak = (from: readonly Sample[], what: keyof Sample): number =>
    Math.max(...from.map((sample) => sample[what]));
  const grown = (what: keyof Sample): number =>
    peak(warm.slice(half), what) - peak(warm.slice(0, half), what);
  return [
    ...(grown("memory") > (MAX_GROWTH - 1) * peak(warm.slice(0, half), "memory")
      ? ["memory grows from half to half"]
      : []),
    ...(grown("files") > MAX_MORE_FILES ? ["open files grow from half to half"] : []),
    ...(grown("processes") > MAX_MORE_PROCESSES ? ["processes grow from half to half"] : []),
  ];
}

/** The soak. */
export const config: Soak = {
  name: "config",
  about: `a configuration saved ${RELOADS} times, beside a stream that must not notice`,
  seconds: 3600,
  run,
};
