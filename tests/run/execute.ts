/**
 * Runs one command of a group to its end and keeps what it wrote. Nothing that it started outlives it.
 *
 * @module
 */

import { isGone, pidsStartedWith } from "../support/process_table.ts";

/** How a command ended. */
export interface Executed {
  /** It exited with 0 within its time. */
  readonly ok: boolean;
  /** Both streams, as they came. */
  readonly output: string;
}

/** How a command is run. */
export interface ExecuteOptions {
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Sees each piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** The user, or whoever started the tests, ended them; nothing they started is left. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Marks the environment of all that a command starts, whatever process group it ends up in. */
const MARK = "RILL_TEST_RUN";

/** More output than this is dropped: no command of ours has a reason to write so much. */
const MAX_OUTPUT_CHARS = 8_000_000;

/**
 * Runs `program` with no stdin. Never throws because of how it ends.
 * @throws {Interrupted} when this process is asked to stop meanwhile.
 */
export async function execute(
  program: string,
  args: readonly string[],
  { timeoutMs, env = {}, onOutput }: ExecuteOptions,
): Promise<Executed> {
  const run = crypto.randomUUID();
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // Plain text, and no backtrace of Deno's own under each failed test.
    env: { NO_COLOR: "1", RUST_BACKTRACE: "0", ...env, [MARK]: run },
    // The terminal's Ctrl-C is ours to pass on: all or nothing of what runs must end.
    detached: true,
  }).spawn();
  let output = "";
  const collect = async (stream: ReadableStream<BufferSource>): Promise<void> => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      if (output.length < MAX_OUTPUT_CHARS) output += text;
      onOutput?.(text);
    }
  };
  let why: "late" | "interrupted" | undefined;
  const endAll = (): void => Deno.build.os === "linux" ? killMarked(run) : killGroup(child.pid);
  const end = (reason: typeof why): void => {
    why ??= reason;
    endAll();
  };
  const timer = setTimeout(() => end("late"), timeoutMs);
  const interrupt = (): void => end("interrupted");
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, interrupt);
  try {
    const reading = Promise.all([collect(child.stdout), collect(child.stderr)]);
    const { success } = await child.status;
    endAll(); // whoever is left would hold the pipes open
    await reading;
    if (why === "interrupted") throw new Interrupted(`${program} was interrupted.`);
    if (why === "late") {
      output += `\n${program} did not end within ${timeoutMs / 1000} s and was killed.\n`;
    }
    return { ok: success && why === undefined, output };
  } finally {
    clearTimeout(timer);
    for (const signal of STOP_SIGNALS) Deno.removeSignalListener(signal, interrupt);
  }
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** A process may start another while we look; each round finds those. */
const KILL_ROUNDS = 10;

/** Ends every process whose environment bears the mark of this run. */
function killMarked(run: string): void {
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const pids = pidsStartedWith(`${MARK}=${run}`);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
  }
}

/** Without a /proc to look through: what did not leave the command's process group. */
function killGroup(leader: number): void {
  try {
    Deno.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
