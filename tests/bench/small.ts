/**
 * What the relay asks of a small machine: instructions a picture, counted by valgrind and so the same however busy the
 * machine is, and memory at rest. What a Raspberry Pi makes of it is an estimate.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { makeTransportStream } from "../support/clips.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { runAnyhow } from "../support/run.ts";
import { freeUdpPort } from "../support/ports.ts";
import { type Bench, CannotRun, type Figure } from "./bench.ts";
import { LineProcess } from "./line_process.ts";
import { memoryOfGroup } from "./proc.ts";

const RATE = 30;
/** Until everything hot is compiled. */
const WARM_UP_PICTURES = 3000;
/**
 * At least: whole rounds of the clip are counted. So many, because some 100 M instructions of V8's own (a collection, a late
 * compilation) fall into the count of one run and not of the next: of 1 000 pictures they were as much as the pictures.
 */
const PICTURES = 10_000;
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
  await control(counted.pid, ["-i", "on"]);
  const after = await counted.ask<number>();
  await control(counted.pid, ["-d"]);
  await counted.nudge();
  await counted.all(); // it has ended, and its sum is written
  const total = /^(?:summary|totals): (\d+)/m.exec(await Deno.readTextFile(`${output}.1`))?.[1];
  if (!(Number(total) > 0)) throw new Error(`valgrind counted nothing: ${total} in ${output}.1`);
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

/** Has a process of valgrind's begin to count (`-i on`), or write what it has counted to the next file (`-d`). */
async function control(pid: number, what: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runAnyhow("callgrind_control", [...what, `${pid}`], {
    timeoutMs: CONTROL_TIMEOUT_MS,
  });
  if (code !== 0 || !stdout.includes("OK")) {
    const said = `${stdout}${stderr}`.trim();
    throw new CannotRun(`callgrind_control ${what.join(" ")} did not do it: ${said}`);
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
  const figures: Figure[] = [];
  for (const megabits of MEGABITS) {
    const value = await perPicture(folder, megabits * 1e6);
    figures.push(
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
    );
  }
  const memory = await memoryAtRest(folder);
  return [...figures, { name: "memory at rest, one camera", value: memory / 1e6, unit: "MB" }];
}

/** The bench. */
export const small: Bench = {
  name: "small",
  about:
    "instructions a picture from datagram to fragment, by valgrind, 10 000 after 3 000 of warm-up",
  byNameOnly: true,
  run,
};
