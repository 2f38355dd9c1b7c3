/**
 * Runs one command of a group to its end and keeps what it wrote. Nothing that it started outlives it.
 *
 * @module
 */

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

/** More output than this is dropped: no command of ours has a reason to write so much. */
const MAX_OUTPUT_CHARS = 8_000_000;

/** Runs `program` with no stdin. Never throws because of how it ends. */
export async function execute(
  program: string,
  args: readonly string[],
  { timeoutMs, env = {}, onOutput }: ExecuteOptions,
): Promise<Executed> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // Plain text, and no backtrace of Deno's own under each failed test.
    env: { NO_COLOR: "1", RUST_BACKTRACE: "0", ...env },
    // A process group of its own, so that a time-out ends its browsers and relays with it.
    detached: true,
  }).spawn();
  let output = "";
  const collect = async (stream: ReadableStream<BufferSource>): Promise<void> => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      if (output.length < MAX_OUTPUT_CHARS) output += text;
      onOutput?.(text);
    }
  };
  const endGroup = (): void => killGroup(child.pid);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup();
  }, timeoutMs);
  // A detached child does not hear the terminal's Ctrl-C.
  const interrupted = (): void => {
    endGroup();
    Deno.exit(130); // 128 + SIGINT
  };
  Deno.addSignalListener("SIGINT", interrupted);
  Deno.addSignalListener("SIGTERM", interrupted);
  try {
    const reading = Promise.all([collect(child.stdout), collect(child.stderr)]);
    const { success } = await child.status;
    endGroup(); // whoever is left would hold the pipes open
    await reading;
    if (late) output += `\n${program} did not end within ${timeoutMs / 1000} s and was killed.\n`;
    return { ok: success && !late, output };
  } finally {
    clearTimeout(timer);
    Deno.removeSignalListener("SIGINT", interrupted);
    Deno.removeSignalListener("SIGTERM", interrupted);
  }
}

function killGroup(leader: number): void {
  try {
    Deno.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // nobody is left: as it should be
  }
}
