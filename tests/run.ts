/**
 * `deno task test`: everything that CI checks, group by group, with the sum on the last line. Decides what
 * runs and how it ends; what the groups are stands in run/groups.ts.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCaptures } from "./run/captures.ts";
import { explainOldDeno } from "./run/deno_version.ts";
import { Interrupted } from "./run/execute.ts";
import { type Group, listGroups } from "./run/groups.ts";
import { HELP, parseOptions, type RunOptions, UsageError } from "./run/options.ts";
import { add, FAILED_ONCE, NOTHING, type Outcome, SKIPPED_ONCE, strict } from "./run/outcome.ts";
import { describe, print, sumLine } from "./run/report.ts";
import { provide, TOOLS } from "./run/tools.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

async function main(args: readonly string[]): Promise<number> {
  const old = explainOldDeno(Deno.version.deno);
  if (old !== undefined) {
    print(old);
    return EXIT_FAILED;
  }
  const captures = findCaptures(Deno.env.get("RILL_MEDIA"));
  // The tests inherit it: one folder for all of them, or none.
  if (captures.folder === undefined) Deno.env.delete("RILL_MEDIA");
  else Deno.env.set("RILL_MEDIA", captures.folder);
  const groups = await listGroups({ hasCaptures: captures.folder !== undefined });
  let options: RunOptions;
  try {
    options = parseOptions(args, groups.map((group) => group.name));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    print(error.message);
    return EXIT_USAGE;
  }
  if (options.action === "help") {
    print(HELP);
    return 0;
  }
  if (options.action === "list") {
    for (const group of groups) print(`${group.name.padEnd(18)} ${group.about}`);
    return 0;
  }

  if (options.long) {
    Deno.env.set("RILL_WATCH_SECONDS", "60");
    Deno.env.set("RILL_TEST_LIMIT_MS", "300000"); // what is watched may be watched thrice
  }
  // Temporary folders of tests are removed; screenshots are for whoever reads the report.
  if (Deno.env.get("RILL_SCREENSHOTS") === undefined) {
    Deno.env.set("RILL_SCREENSHOTS", join(tmpdir(), "rill-screenshots"));
  }
  let sum: Outcome = NOTHING;
  if (captures.problem !== undefined) {
    print(`captures: ${captures.problem}`);
    sum = add(sum, FAILED_ONCE);
  }
  for (const group of groups) {
    if (options.only !== undefined && !options.only.includes(group.name)) continue;
    sum = add(sum, await runGroup(group, options));
  }
  print("", sumLine(sum));
  return sum.failed === 0 ? 0 : EXIT_FAILED;
}

async function runGroup(group: Group, options: RunOptions): Promise<Outcome> {
  print("", `${group.name}: ${group.about}`);
  const reasons: string[] = [];
  for (const tool of group.tools) reasons.push(...await provide(TOOLS[tool]));
  if (reasons.length > 0 && !group.runsWithoutTools) {
    for (const reason of reasons) print(`  skipped: ${reason}`);
    return conclude(SKIPPED_ONCE, options, 0);
  }
  for (const reason of reasons) print(`  some tests are skipped: ${reason}`);
  const started = performance.now();
  const outcome = await group.run({ verbose: options.verbose });
  return conclude(outcome, options, performance.now() - started);
}

function conclude(outcome: Outcome, options: RunOptions, elapsedMs: number): Outcome {
  const judged = options.strict ? strict(outcome) : outcome;
  print(`  ${describe(judged, elapsedMs)}`);
  if (judged.failed > outcome.failed) print("  --strict: what was skipped counts as failed");
  return judged;
}

try {
  Deno.exitCode = await main(Deno.args);
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
  print(error.message);
  Deno.exitCode = EXIT_INTERRUPTED;
}
