/**
 * What the relay asks of a small machine: instructions a picture, counted by valgrind and so the same on every
 * run, and memory at rest. What a Raspberry Pi makes of it is an estimate.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { makeTransportStream } from "../support/clips.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { runAnyhow } from "../support/run.ts";
import { freeUdpPort } from "../support/udp_ports.ts";
import { type Bench, CannotRun, type Figure } from "./bench.ts";
import { LineProcess } from "./line_process.ts";
import { memoryOfGroup } from "./proc.ts";

const RATE = 30;
/** Until everything hot is compiled. */
const WARM_UP_PICTURES = 1000;
/** At least: whole rounds of the clip are counted. */
const PICTURES = 1000;
/** A switch is thrown when the program is next looked at: soon, but not on a machine that does much else. */
const CONTROL_TIMEOUT_MS = 120_000;
const MEGABITS = [4, 1] as const;
/** Instructions a second of one core: guesses, not measurements. */
const BOARDS = [
  /** Cortex-A72, 1.5 GHz, about one instruction a cycle. */
  { name: "Raspberry Pi 4", instructions: 1.5e9 },
  /** Cortex-A53, 1 GHz, which takes instructions in their order: about six in ten cycles. */
  { name: "Raspberry Pi Zero 2 W", instructions: 0.6e9 },
] as const;
/** After its start the relay has nothing to do. */
const REST_MS = 5000;

const FRAMES = fileURLToPath(new URL("./frames.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/**
 * Instructions a picture, all threads, between the moment when everything is warm and {@link PICTURES} later. Only they are
 * counted: start and warm-up run without the counting that makes a program fifty times slower.
 */
async function perPicture(folder: string, bitrate: number): Promise<number> {
  const clip = join(folder, `clip-${bitrate}.ts`);
  const output = join(folder, `callgrind-${bitrate}.out`);
  await makeTransportStream(clip, {
    seconds: 4,
    rate: RATE,
    size: "1280x720",
    sound: true,
    bitrate,
  });
  await using counted = new LineProcess("valgrind", [
    ...["--tool=callgrind", "--instr-atstart=no", "--smc-check=all-non-file", "--quiet"],
    `--callgrind-out-file=${output}`,
    ...[Deno.execPath(), "run", "--quiet", "--no-check", "--allow-read", `--config=${CONFIG}`],
    ...[FRAMES, clip, `${WARM_UP_PICTURES}`, `${PICTURES}`],
  ]);
  const before = Number(await counted.line());
  await counting(counted.pid, "on");
  const after = await counted.ask<number>();
  await counting(counted.pid, "off");
  await counted.nudge();
  await counted.all(); // it has ended, and its sum is written
  const total = /^(?:summary|totals): (\d+)/m.exec(await Deno.readTextFile(output))?.[1];
  if (total === undefined) throw new Error(`valgrind wrote no sum to ${output}`);
  return Number(total) / (after - before);
}

async function valgrindIsThere(): Promise<void> {
  try {
    await runAnyhow("valgrind", ["--version"]);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new CannotRun("there is no valgrind here to count instructions with");
  }
}

/** Switches the counting in a process of valgrind's. */
async function counting(pid: number, how: "on" | "off"): Promise<void> {
  const { code, stdout, stderr } = await runAnyhow("callgrind_control", ["-i", how, `${pid}`], {
    timeoutMs: CONTROL_TIMEOUT_MS,
  });
  if (code !== 0 || !stdout.includes("OK")) {
    throw new CannotRun(`counting cannot be switched ${how} (callgrind_control: ${stderr.trim()})`);
  }
}

async function memoryAtRest(folder: string): Promise<number> {
  await using relay = await RelayProcess.start({
    args: ["--data", folder, `cam=udp://127.0.0.1:${freeUdpPort()}`],
  });
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return memoryOfGroup(relay.group);
}

async function run(folder: string): Promise<readonly Figure[]> {
  await valgrindIsThere();
  // Side by side: what is counted does not depend on what else runs.
  const counts = await Promise.all(
    MEGABITS.map(async (megabits) => ({
      megabits,
      value: await perPicture(folder, megabits * 1e6),
    })),
  );
  const figures = counts.flatMap(({ megabits, value }): Figure[] => [
    {
      name: `a picture of 720p30, ${megabits} Mb/s, with sound`,
      value: value / 1e6,
      unit: "M instr.",
    },
    ...BOARDS.map(({ name, instructions }) => ({
      name: `  of a ${name}'s core (estimate)`,
      value: (value * RATE * 100) / instructions,
      unit: "%",
    })),
  ]);
  const memory = await memoryAtRest(folder);
  return [...figures, { name: "memory at rest, one camera", value: memory / 1e6, unit: "MB" }];
}

/** The bench. */
export const small: Bench = {
  name: "small",
  about: "instructions a picture from datagram to fragment, by valgrind, after 1 000 of warm-up",
  byNameOnly: true,
  run,
};
