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
import { memoryOfGroup } from "./proc.ts";

const RATE = 30;
/** Until everything hot is compiled. */
const WARM_UP_PICTURES = 1000;
const PICTURES = 1000;
/** A run takes minutes, and many on a machine that does much else. */
const VALGRIND_TIMEOUT_MS = 3_600_000;
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

/** Instructions of a process that brings so many pictures through the pipeline, all threads. */
async function instructions(folder: string, clip: string, pictures: number): Promise<number> {
  const { code, stderr } = await valgrind([
    ...["--tool=callgrind", "--smc-check=all-non-file"],
    `--callgrind-out-file=${join(folder, "callgrind.out")}`,
    ...[Deno.execPath(), "run", "--quiet", "--no-check", "--allow-read", `--config=${CONFIG}`],
    ...[FRAMES, clip, `${pictures}`],
  ]);
  const counted = /Collected : (\d+)/.exec(stderr)?.[1];
  if (code !== 0 || counted === undefined) throw new Error(`valgrind:\n${stderr}`);
  return Number(counted);
}

async function valgrind(args: readonly string[]): ReturnType<typeof runAnyhow> {
  try {
    return await runAnyhow("valgrind", args, { timeoutMs: VALGRIND_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new CannotRun("there is no valgrind here to count instructions with");
  }
}

async function perPicture(folder: string, bitrate: number): Promise<number> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, {
    seconds: 4,
    rate: RATE,
    size: "1280x720",
    sound: true,
    bitrate,
  });
  const warm = await instructions(folder, clip, WARM_UP_PICTURES);
  const all = await instructions(folder, clip, WARM_UP_PICTURES + PICTURES);
  return (all - warm) / PICTURES;
}

async function memoryAtRest(folder: string): Promise<number> {
  await using relay = await RelayProcess.start({
    args: ["--data", folder, `cam=udp://127.0.0.1:${freeUdpPort()}`],
  });
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return memoryOfGroup(relay.group);
}

async function run(folder: string): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const megabits of [4, 1]) {
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
  about: "instructions a picture from datagram to fragment, by valgrind, after 1 000 of warm-up",
  byNameOnly: true,
  run,
};
