/**
 * A file of tests as `deno test` runs it in this suite, with what is preloaded there: for tests of the suite itself. What it
 * prints is judged by them.
 *
 * @module
 */

import { join } from "node:path";
import { runAnyhow } from "./run.ts";

/** Runs a file that holds `text`; answers with what it printed, without colours, and whether all of it passed. */
export async function runTestFile(
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly stdout: string; readonly ok: boolean }> {
  const folder = await Deno.makeTempDir({ prefix: "rill-suite-" });
  try {
    const file = join(folder, "a_test.ts");
    await Deno.writeTextFile(file, text);
    const { stdout, code } = await runAnyhow(
      Deno.execPath(),
      [
        ...["test", "-A", "--no-check", "--no-lock", "--no-config"],
        `--preload=${new URL("../run/time_limit.ts", import.meta.url).href}`,
        file,
      ],
      { env: { NO_COLOR: "1", ...env } },
    );
    return { stdout, ok: code === 0 };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
