/**
 * A program that says things line by line and answers a line with a line.
 *
 * @module
 */

/** Runs until it is disposed of. */
export class LineProcess implements AsyncDisposable {
  readonly pid: number;
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #rest = "";

  /** @param env beside what this process has. */
  constructor(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#name = program;
    this.#child = new Deno.Command(program, {
      args: [...args],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.pid = this.#child.pid;
    this.#input = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line. @throws when it ends without one. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#lines.read();
      if (done) throw new Error(`${this.#name} has ended`);
      this.#rest += value;
    }
  }

  /** All lines to its end. */
  async all(): Promise<string[]> {
    let text = this.#rest;
    for (;;) {
      const { value, done } = await this.#lines.read();
      if (done) return text.split("\n").filter((line) => line !== "");
      text += value;
    }
  }

  /** Gives it an empty line. */
  async nudge(): Promise<void> {
    await this.#input.write(new TextEncoder().encode("\n"));
  }

  /** Its answer to an empty line, read as JSON. */
  async ask<T>(): Promise<T> {
    await this.nudge();
    return JSON.parse(await this.line()) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.#child.status;
    await this.#lines.cancel();
    this.#input.releaseLock(); // its other end is gone
  }
}
