/**
 * MPEG-TS to MP4 as fast as it goes: `record file:…?pace=fast` beside `ffmpeg -c copy` with a fragment per
 * frame, runs alternating, start-up measured on a one-second file and stated apart.
 *
 * @module
 */

import { join } from "node:path";
import { makeTransportStream } from "../support/clips.ts";
import { run as runProgram } from "../support/run.ts";
import { type Bench, type Figure, median } from "./bench.ts";

const ROUNDS = 5;
const SECONDS = 10;
/** The clip goes so many times behind itself, on one clock: half a gigabyte. */
const REPEATS = 50;
const TIMEOUT_MS = 300_000;

interface Cost {
  readonly wall: number;
  /** User and system, s. */
  readonly cpu: number;
}

/** Runs a command line that writes `out`, and returns what it cost. */
async function cost(command: readonly string[], out: string): Promise<Cost> {
  const quoted = command.map((word) => `'${word}'`).join(" ");
  const script = `TIMEFORMAT='%R %U %S'; time ${quoted} >/dev/null 2>&1`;
  const { stderr } = await runProgram("bash", ["-c", script], { timeoutMs: TIMEOUT_MS });
  await Deno.remove(out);
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(" ").map(Number);
  return { wall, cpu: user + system };
}

function ours(source: string, out: string): string[] {
  return [Deno.execPath(), "task", "-q", "record", `file:${source}?pace=fast`, out];
}

function theirs(source: string, out: string): string[] {
  const flags = "frag_every_frame+empty_moov+delay_moov+default_base_moof";
  const copy = ["-c", "copy", "-bsf:a", "aac_adtstoasc"];
  return ["ffmpeg", "-v", "error", "-y", "-i", source, ...copy, "-movflags", flags, out];
}

async function run(folder: string): Promise<readonly Figure[]> {
  const second = join(folder, "second.ts");
  const clip = join(folder, "clip.ts");
  const big = join(folder, "big.ts");
  const shape = { rate: 30, size: "1920x1080", sound: true, bitrate: 8_000_000 } as const;
  await makeTransportStream(second, { ...shape, seconds: 1 });
  await makeTransportStream(clip, { ...shape, seconds: SECONDS });
  await runProgram("ffmpeg", [
    ...["-v", "error", "-stream_loop", `${REPEATS - 1}`, "-i", clip],
    ...["-c", "copy", "-f", "mpegts", big],
  ], { timeoutMs: TIMEOUT_MS });
  const { size } = await Deno.stat(big);
  const out = join(folder, "out.mp4");
  const rill: Cost[] = [];
  const ffmpeg: Cost[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    rill.push(await cost(ours(big, out), out));
    ffmpeg.push(await cost(theirs(big, out), out));
  }
  const started = {
    rill: await cost(ours(second, out), out),
    ffmpeg: await cost(theirs(second, out), out),
  };
  const wall = (costs: readonly Cost[]): number => median(costs.map((each) => each.wall));
  const cpu = (costs: readonly Cost[]): number => median(costs.map((each) => each.cpu));
  const megabytes = size / 1e6;
  return [
    { name: "input", value: megabytes, unit: "MB" },
    {
      name: "wall",
      value: wall(rill),
      unit: "s",
      against: { name: "ffmpeg", value: wall(ffmpeg) },
    },
    {
      name: "user + system CPU",
      value: cpu(rill),
      unit: "s",
      against: { name: "ffmpeg", value: cpu(ffmpeg) },
    },
    { name: "throughput", value: megabytes / wall(rill), unit: "MB/s" },
    { name: "throughput, ffmpeg", value: megabytes / wall(ffmpeg), unit: "MB/s" },
    {
      name: "one-second file, wall (start-up)",
      value: started.rill.wall,
      unit: "s",
      against: { name: "ffmpeg", value: started.ffmpeg.wall },
    },
  ];
}

/** The bench. */
export const remux: Bench = {
  name: "remux",
  about:
    "MPEG-TS, 1080p30, 8 Mb/s, with sound → MP4, beside ffmpeg -c copy with a fragment per frame",
  run,
};
