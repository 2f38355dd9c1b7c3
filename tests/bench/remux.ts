/**
 * MPEG-TS to MP4 as fast as it goes: `record file:…?pace=fast` beside `ffmpeg -c copy` with a fragment per
 * frame, runs alternating, start-up measured on a one-second file and stated apart; JavaScript's own remuxers on a
 * shorter file beside it. A profile of one more run says where the time goes.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { makeTransportStream } from "../support/clips.ts";
import { run as runProgram } from "../support/run.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { type CpuProfile, sharesOf } from "./cpu_profile.ts";

const ROUNDS = 5;
const SECONDS = 10;
/** The clip goes so many times behind itself, on one clock: a gigabyte. */
const REPEATS = 100;
/** mux.js holds all of its input: it gets so many repeats. */
const RIVAL_REPEATS = 6;
/**
 * Before each run. What the one before it wrote was in memory and has been freed. On a virtual machine runs one upon the other
 * took twice as long in write(2) as runs with a pause between, and of two that alternate one alone did: as it seems, because
 * such memory goes back to the host some two seconds later, and whoever writes then has to get it again.
 */
const SETTLE_MS = 4_000;
/** Lines of the profile. */
const PROFILE_LINES = 8;
const TIMEOUT_MS = 300_000;
const RIVALS = ["mux.js", "mediabunny"] as const;

interface Cost {
  readonly wall: number;
  /** User and system, s. */
  readonly cpu: number;
  /** The program's own part of it: what the kernel takes to find memory for a file differs from run to run. */
  readonly user: number;
}

/** Runs a command line that writes `out`, and returns what it cost. */
async function cost(command: readonly string[], out: string): Promise<Cost> {
  await sleep(SETTLE_MS);
  const quoted = command.map((word) => `'${word}'`).join(" ");
  const script = `TIMEFORMAT='%R %U %S'; time ${quoted} >/dev/null 2>&1`;
  const { stderr } = await runProgram("bash", ["-c", script], { timeoutMs: TIMEOUT_MS });
  await Deno.remove(out);
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(" ").map(Number);
  return { wall, cpu: user + system, user };
}

function ours(source: string, out: string): string[] {
  return [Deno.execPath(), "task", "-q", "record", `file:${source}?pace=fast`, out];
}

function theirs(source: string, out: string): string[] {
  const flags = "frag_every_frame+empty_moov+delay_moov+default_base_moof";
  const copy = ["-c", "copy", "-bsf:a", "aac_adtstoasc"];
  return ["ffmpeg", "-v", "error", "-y", "-i", source, ...copy, "-movflags", flags, out];
}

/** A library's program, see support/rival_remuxers.ts. */
function rival(name: string, source: string, out: string): string[] {
  const program = fileURLToPath(new URL("../support/rival_remuxers.ts", import.meta.url));
  const lock = fileURLToPath(new URL("../deno.lock", import.meta.url));
  return [
    Deno.execPath(),
    "run",
    "-qA",
    "--no-check",
    `--lock=${lock}`,
    program,
    name,
    source,
    out,
  ];
}

/** The clip so many times behind itself, on one clock. */
async function repeat(clip: string, times: number, into: string): Promise<void> {
  await runProgram("ffmpeg", [
    ...["-v", "error", "-stream_loop", `${times - 1}`, "-i", clip],
    ...["-c", "copy", "-f", "mpegts", into],
  ], { timeoutMs: TIMEOUT_MS });
}

/** Where one run spends its time: shares of a CPU profile, the largest first. */
async function profile(source: string, folder: string): Promise<readonly Figure[]> {
  const out = join(folder, "profiled.mp4");
  await sleep(SETTLE_MS);
  const record = fileURLToPath(new URL("../../relay/record.ts", import.meta.url));
  await runProgram(Deno.execPath(), [
    ...["run", "-qA", "--cpu-prof", `--cpu-prof-dir=${folder}`, record],
    ...[`file:${source}?pace=fast`, out],
  ], { timeoutMs: TIMEOUT_MS });
  await Deno.remove(out);
  const [name] = [...Deno.readDirSync(folder)].map((entry) => entry.name)
    .filter((each) => each.endsWith(".cpuprofile"));
  if (name === undefined) return [];
  const shares = sharesOf(JSON.parse(await Deno.readTextFile(join(folder, name))) as CpuProfile);
  return shares.slice(0, PROFILE_LINES).map(([where, share]) => ({
    name: `profile: ${where}`,
    value: share * 100,
    unit: "%",
  }));
}

async function run(folder: string): Promise<readonly Figure[]> {
  const second = join(folder, "second.ts");
  const clip = join(folder, "clip.ts");
  const big = join(folder, "big.ts");
  const small = join(folder, "small.ts");
  const shape = { rate: 30, size: "1920x1080", sound: true, bitrate: 8_000_000 } as const;
  await makeTransportStream(second, { ...shape, seconds: 1 });
  await makeTransportStream(clip, { ...shape, seconds: SECONDS });
  await repeat(clip, REPEATS, big);
  await repeat(clip, RIVAL_REPEATS, small);
  const { size } = await Deno.stat(big);
  const smallSize = (await Deno.stat(small)).size;
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
  const rivals: Figure[] = [];
  for (const name of RIVALS) {
    const { wall } = await cost(rival(name, small, out), out);
    const start = (await cost(rival(name, second, out), out)).wall;
    const speed = smallSize / 1e6 / Math.max(wall - start, 0.001);
    rivals.push({ name: `throughput, ${name}, start-up taken off`, value: speed, unit: "MB/s" });
  }
  const wall = (costs: readonly Cost[]): number => median(costs.map((each) => each.wall));
  const cpu = (costs: readonly Cost[]): number => median(costs.map((each) => each.cpu));
  const user = (costs: readonly Cost[]): number => median(costs.map((each) => each.user));
  const beside = (name: string, value: number, unit: string, reference: number): Figure => ({
    name,
    value,
    unit,
    against: { name: "ffmpeg", value: reference },
  });
  const megabytes = size / 1e6;
  const net = {
    rill: { wall: wall(rill) - started.rill.wall, cpu: cpu(rill) - started.rill.cpu },
    ffmpeg: { wall: wall(ffmpeg) - started.ffmpeg.wall, cpu: cpu(ffmpeg) - started.ffmpeg.cpu },
  };
  return [
    { name: "input", value: megabytes, unit: "MB" },
    beside("wall", wall(rill), "s", wall(ffmpeg)),
    beside("user + system CPU", cpu(rill), "s", cpu(ffmpeg)),
    beside("of it user CPU", user(rill), "s", user(ffmpeg)),
    beside("start-up: one-second file, wall", started.rill.wall, "s", started.ffmpeg.wall),
    beside("start-up: one-second file, CPU", started.rill.cpu, "s", started.ffmpeg.cpu),
    beside("wall, start-up taken off", net.rill.wall, "s", net.ffmpeg.wall),
    beside("CPU, start-up taken off", net.rill.cpu, "s", net.ffmpeg.cpu),
    { name: "throughput", value: megabytes / wall(rill), unit: "MB/s" },
    { name: "throughput, ffmpeg", value: megabytes / wall(ffmpeg), unit: "MB/s" },
    ...rivals,
    ...await profile(big, folder),
  ];
}

/** The bench. */
export const remux: Bench = {
  name: "remux",
  about:
    "MPEG-TS, 1080p30, 8 Mb/s, with sound → MP4, beside ffmpeg -c copy with a fragment per frame",
  run,
};
