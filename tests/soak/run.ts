/**
 * `deno task soak [NAME …] [--seconds N]`: everything that takes longer than a minute, one after the other. Exits 1
 * when anything was wrong.
 *
 * @module
 */

import { config } from "./config.ts";
import { crash } from "./crash.ts";
import { firewall } from "./firewall.ts";
import { flap } from "./flap.ts";
import { halfOpen } from "./half_open.ts";
import { hls } from "./hls.ts";
import { hlsCache } from "./hls_cache.ts";
import { mutations } from "./mutations.ts";
import type { Soak } from "./soak.ts";
import { webtransport } from "./webtransport.ts";

const SOAKS = [
  config,
  crash,
  firewall,
  flap,
  halfOpen,
  hls,
  hlsCache,
  mutations,
  webtransport,
] as const satisfies readonly Soak[];

const encoder = new TextEncoder();

function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

function readArguments(args: readonly string[]): { names: string[]; seconds?: number } | string {
  const at = args.indexOf("--seconds");
  const names = args.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  const unknown = names.find((name) => !SOAKS.some((soak) => soak.name === name));
  if (unknown !== undefined) {
    return `There is no soak ${unknown}; there are ${SOAKS.map(({ name }) => name).join(", ")}.`;
  }
  if (at < 0) return { names };
  const seconds = Number(args[at + 1]);
  return seconds > 0 ? { names, seconds } : "--seconds needs a number above 0.";
}

function help(): void {
  say(
    "deno task soak [NAME …] [--seconds N]: those named, or all, each for its own time or for N seconds\n",
  );
  for (const { name, about, seconds } of SOAKS) say(`  ${name.padEnd(14)} ${about}; ${seconds} s`);
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    help();
    return 0;
  }
  const asked = readArguments(args);
  if (typeof asked === "string") {
    say(asked);
    return 2;
  }
  let wrong = 0;
  for (const soak of SOAKS) {
    if (asked.names.length > 0 && !asked.names.includes(soak.name)) continue;
    const seconds = asked.seconds ?? soak.seconds;
    say(`\n${soak.name}: ${soak.about}, ${seconds} s`);
    const folder = await Deno.makeTempDir({ prefix: `rill-soak-${soak.name}-` });
    try {
      const { lines, problems } = await soak.run(folder, seconds);
      for (const line of lines) say(`  ${line}`);
      for (const problem of problems) say(`  WRONG: ${problem}`);
      wrong += problems.length;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  say(wrong === 0 ? "\nAll is well." : `\n${wrong} things are wrong.`);
  return wrong === 0 ? 0 : 1;
}

Deno.exit(await main(Deno.args));
