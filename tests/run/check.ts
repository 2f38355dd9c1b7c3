/**
 * A group made of commands that pass or fail as a whole: formatter, linter, compiler.
 *
 * @module
 */

import { execute } from "./execute.ts";
import { add, FAILED_ONCE, NOTHING, type Outcome, PASSED_ONCE } from "./outcome.ts";
import { excerpt, print } from "./report.ts";

/** Longest that one command may take. */
const CHECK_LIMIT_MS = 420_000;

/** Runs `deno` with each of the argument lists; each counts as one check. */
export async function runChecks(
  commands: readonly (readonly string[])[],
  { verbose }: { readonly verbose: boolean },
): Promise<Outcome> {
  let sum = NOTHING;
  for (const args of commands) {
    const { ok, output } = await execute(Deno.execPath(), args, { timeoutMs: CHECK_LIMIT_MS });
    if (!ok) print(`  FAILED: deno ${args.join(" ")}`);
    if (!ok || verbose) print(...excerpt(output));
    sum = add(sum, ok ? PASSED_ONCE : FAILED_ONCE);
  }
  return sum;
}
