/**
 * `deno task bench [NAME …]`: runs the benches one after the other, prints a Markdown table of each, and writes
 * the figures as JSON. Asserts nothing: machines are noisy, and figures are for reading.
 *
 * @module
 */

import { join } from "node:path";
import { VERSION } from "../../relay/version.ts";
import { type Bench, CannotRun, type Figure } from "./bench.ts";
import { run, runAnyhow } from "../support/run.ts";
import { browser, browserLong, joining } from "./browser.ts";
import { FAN_OUT } from "./fan_out.ts";
import { busy, latency } from "./latency.ts";
import { forwardHop } from "./forward_hop.ts";
import { hls } from "./hls.ts";
import { hop } from "./hop.ts";
import { loss } from "./loss.ts";
import { waysOut } from "./ways_out.ts";
import { packaged } from "./package.ts";
import { remux } from "./remux.ts";
import { small } from "./small.ts";
import { whip } from "./whip.ts";

const BENCHES: readonly Bench[] = [
  remux,
  hls,
  hop,
  latency,
  busy,
  ...FAN_OUT,
  forwardHop,
  browser,
  browserLong,
  joining,
  whip,
  loss,
  waysOut,
  small,
  packaged,
];

const encoder = new TextEncoder();

function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

const HEADING = "| figure | value | beside | ratio | should be |\n|---|--:|---|--:|---|";

/** A figure as a row of a Markdown table. */
function row({ name, value, unit, against, target }: Figure): string {
  const beside = against ? `${against.name}: ${number(against.value)} ${unit}` : "";
  // Nothing is no measure.
  const ratio = against && against.value !== 0 ? `${(value / against.value).toFixed(2)} ×` : "";
  const cells = [name, `${number(value)} ${unit}`, beside, ratio, target ?? ""];
  return `| ${cells.map((cell) => cell.trim()).join(" | ")} |`;
}

function number(value: number): string {
  if (Number.isInteger(value)) return `${value}`;
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function help(): void {
  say("deno task bench [NAME …]: those named, or all but those that run by name only\n");
  for (const { name, about, byNameOnly } of BENCHES) {
    say(`  ${name.padEnd(18)} ${about}${byNameOnly ? "; by name only" : ""}`);
  }
}

async function main(wanted: readonly string[]): Promise<number> {
  if (wanted.includes("--help") || wanted.includes("-h")) {
    help();
    return 0;
  }
  const unknown = wanted.find((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown !== undefined) {
    say(`There is no bench ${unknown}; there are ${BENCHES.map(({ name }) => name).join(", ")}.`);
    return 2;
  }
  const results: Record<string, readonly Figure[]> = {};
  const { cpu, cores } = machine();
  say(
    `${
      new Date().toISOString().slice(0, 10)
    }, Rill ${VERSION}, Deno ${Deno.version.deno}, ${cores} × ${cpu}`,
  );
  for (const bench of BENCHES) {
    if (wanted.length > 0 ? !wanted.includes(bench.name) : bench.byNameOnly) continue;
    say(`\n**${bench.name}**: ${bench.about}\n`);
    const folder = await Deno.makeTempDir({ prefix: `rill-bench-${bench.name}-` });
    try {
      await using _memory = await putInMemory(folder);
      const figures = await bench.run(folder);
      results[bench.name] = figures;
      say([HEADING, ...figures.map(row)].join("\n"));
    } catch (error) {
      if (!(error instanceof CannotRun)) throw error;
      say(`  Not run: ${error.message}.`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  const file = join(await Deno.makeTempDir({ prefix: "rill-bench-" }), "bench.json");
  const report = {
    version: VERSION,
    deno: Deno.version.deno,
    date: new Date().toISOString(),
    cpu,
    cores,
    results,
  };
  await Deno.writeTextFile(file, JSON.stringify(report, null, 2));
  say(`\nAs JSON: ${file}`);
  return 0;
}

/**
 * Puts storage in memory under `folder` where this user may: a disk's moods are not to be measured. (Deno lets
 * nobody write below /dev, so /dev/shm does not serve.)
 */
async function putInMemory(folder: string): Promise<AsyncDisposable> {
  const mounted = Deno.build.os === "linux" && Deno.uid() === 0 &&
    (await runAnyhow("mount", ["-t", "tmpfs", "rill-bench", folder])).code === 0;
  if (!mounted) say("  (no storage in memory: this runs on a disk)");
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      // Lazily: a bench that failed may have left a program behind, and its error is the one to be told.
      if (mounted) await run("umount", ["--lazy", folder]);
    },
  };
}

function machine(): { cpu: string; cores: number } {
  const cpu = Deno.build.os === "linux"
    ? /^model name\s*:\s*(.+)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1]
    : undefined;
  return { cpu: cpu ?? Deno.build.arch, cores: navigator.hardwareConcurrency };
}

Deno.exit(await main(Deno.args));
