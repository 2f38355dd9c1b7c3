/**
 * `deno task record` as a user runs it: a process group of its own, read from outside only.
 *
 * @module
 */

import { type Finished, run, runAnyhow } from "./run.ts";
import { signalGroup } from "./relay_process.ts";

/** Arguments of `deno` for the task. */
function taskArgs(args: readonly string[]): string[] {
  return ["task", "--quiet", "record", ...args];
}

const ENV = { NO_COLOR: "1" };

/** Records to the end and returns what was said. @throws when it fails. */
export function record(args: readonly string[]): Promise<Finished> {
  return run(Deno.execPath(), taskArgs(args), { env: ENV });
}

/** As {@link record}, whatever its exit code. */
export function recordAnyhow(args: readonly string[]): Promise<Finished> {
  return runAnyhow(Deno.execPath(), taskArgs(args), { env: ENV });
}

/** A recording that goes on until it is ended. */
export class RecordProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #text = "";
  #over = false;

  constructor(args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: taskArgs(args),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: ENV,
      detached: true,
    }).spawn();
    this.#reading = this.#read();
  }

  /** What it wrote to stderr so far. */
  get said(): string {
    return this.#text;
  }

  /** The process group. */
  get group(): number {
    return this.#child.pid;
  }

  /** Resolves when what it wrote matches. @throws when it ends first. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#text)) {
      if (this.#over) throw new Error(`${pattern} was never said:\n${this.#text}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Ends it as Ctrl-C or a service manager does; returns its exit code. */
  async stop(signal: "SIGINT" | "SIGTERM" = "SIGINT"): Promise<number> {
    signalGroup(this.group, signal);
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  /** Ends it without a word, as a power cut would. */
  async kill(): Promise<void> {
    signalGroup(this.group, "SIGKILL");
    await this.#child.status;
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#text += text;
      this.#wake();
    }
    this.#over = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
