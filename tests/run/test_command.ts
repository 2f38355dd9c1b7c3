/**
 * A group made of test files: runs `deno test` over them and counts from the summary it ends with. The
 * summary, not JUnit: only there does a file that fails to load count. A run that was cut off has none, and
 * counts by what it told until then.
 *
 * @module
 */

import { FIGURE_MARK } from "../support/figure.ts";
import { execute } from "./execute.ts";
import type { Outcome } from "./outcome.ts";
import { excerpt, print } from "./report.ts";

/** How a group's files are run. */
export interface TestOptions {
  readonly verbose: boolean;
  readonly timeoutMs: number;
  /** So many files run side by side. */
  readonly lanes: number;
}

/** What makes a test that hangs fail by itself. */
const TIME_LIMIT = new URL("time_limit.ts", import.meta.url).href;

const REMOVALS = 50;
const REMOVAL_MS = 100;

/** Packages that only tests use are locked apart, so that a relay's first start does not fetch them. */
export const TEST_LOCK = "--lock=tests/deno.lock";

/** Runs `files` in one `deno test`, with a folder for temporary files that is gone afterwards. */
export async function runTests(files: readonly string[], options: TestOptions): Promise<Outcome> {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const temporary = await Deno.makeTempDir({ prefix: "rill-tests-" });
  try {
    const { ok, output } = await execute(
      Deno.execPath(),
      [
        "test",
        "-A",
        "--no-check",
        TEST_LOCK,
        `--preload=${TIME_LIMIT}`,
        ...(options.lanes > 1 ? ["--parallel"] : []),
        ...files,
      ],
      {
        timeoutMs: options.timeoutMs,
        env: { TMPDIR: temporary, DENO_JOBS: `${options.lanes}` },
        ...(options.verbose ? { onOutput: (text) => print(text.trimEnd()) } : {}),
      },
    );
    const outcome = judge(output, { ok });
    if (!options.verbose) {
      print(...namesOfSkipped(output).map((name) => `  skipped: ${name}`));
      print(...figures(output).map((figure) => `  ${figure}`));
      if (outcome.failed > 0) print(...excerpt(failures(output)));
    }
    return outcome;
  } finally {
    await removeFolder(temporary);
  }
}

/** What was killed may still write for a moment. A folder that stays is told of, and is no test's failure. */
async function removeFolder(path: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (attempt === REMOVALS) return print(`  ${path} is left: ${error}`);
      await new Promise((resolve) => setTimeout(resolve, REMOVAL_MS));
    }
  }
}

/** Reads the counts; a run that ended badly without a failed case counts as one failure. */
export function judge(output: string, { ok }: { readonly ok: boolean }): Outcome {
  const summary = [...output.matchAll(
    /^(?:ok|FAILED) \| (\d+) passed[^|\n]* \| (\d+) failed(?:[^|\n]*\| (\d+) ignored)?/gm,
  )].at(-1);
  if (summary === undefined) {
    const { passed, failed, skipped } = countLines(output);
    return { passed, failed: failed + 1, skipped };
  }
  const [passed = 0, failed = 0, skipped = 0] = summary.slice(1).map((n) => Number(n ?? 0));
  return { passed, failed: ok ? failed : Math.max(failed, 1), skipped };
}

/** The results that were told before a run was cut off; steps within a test are not counted. */
function countLines(output: string): Outcome {
  const told = [
    ...output.matchAll(/^(?! )(?:(?! \.\.\. ).)+ \.\.\. (ok|FAILED|ignored) \(.*\)$/gm),
  ];
  const count = (verdict: string): number => told.filter(([, said]) => said === verdict).length;
  return { passed: count("ok"), failed: count("FAILED"), skipped: count("ignored") };
}

/** The part of the output that explains failures; all of it when there is no such part. */
export function failures(output: string): string {
  const at = output.search(/^ ?ERRORS ?$/m);
  return at < 0 ? output : output.slice(at);
}

/** Names of the test cases that were ignored. */
export function namesOfSkipped(output: string): string[] {
  return [...output.matchAll(/^(.+) \.\.\. ignored \(.*\)$/gm)].map(([, name]) => name ?? "");
}

/** Lines that tests print to be read in every run, for example measured latencies. */
function figures(output: string): string[] {
  return output.split("\n").filter((line) => line.startsWith(FIGURE_MARK));
}
