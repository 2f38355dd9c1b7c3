/**
 * Runs a program to its end, for tests: its output, or an error with what it said. Leaves nothing running.
 *
 * @module
 */

import { PATIENCE_MS } from "./patience.ts";

/** What a program wrote, and how it ended. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Nothing of the caller's environment reaches the program but `env`. */
  readonly clearEnv?: boolean;
  /** It is killed after this; then the promise rejects. */
  readonly timeoutMs?: number;
}

/** Runs `program` and returns what it wrote. @throws when it exits with another code than 0. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const finished = await runAnyhow(program, args, options);
  if (finished.code === 0) return finished;
  throw new Error(`${program} ${args.join(" ")} ended with ${finished.code}:\n${finished.stderr}`);
}

/** As {@link run}, for programs that are expected to fail: every exit code resolves. */
export async function runAnyhow(
  program: string,
  args: readonly string[],
  { timeoutMs = PATIENCE_MS, ...options }: RunOptions = {},
): Promise<Finished> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
    ...options,
  }).output();
  const decoder = new TextDecoder();
  const finished = { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  if (!signal.aborted) return finished;
  throw new Error(`${program} did not end within ${timeoutMs} ms:\n${finished.stderr}`);
}
