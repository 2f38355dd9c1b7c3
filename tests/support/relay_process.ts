/**
 * The relay as a user runs it: a process of its own, started by its task, ended with all it started. Knows
 * the command line and what the relay prints, nothing inside.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StreamInfo } from "../../shared/api.ts";
import { PATIENCE_MS } from "./patience.ts";
import { freePort } from "./ports.ts";

/** What the relay is started with. */
export interface RelayOptions {
  /** `[NAME=]SOURCE …` and options other than `--listen`. */
  readonly args?: readonly string[];
  /** The same port as before, after a restart; any free one by default. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** No file may grow beyond it, in KiB: what a full disk does to a writer. */
  readonly maxFileKiB?: number;
  /** What starts it, instead of the task; `env` is all it has then. */
  readonly program?: string;
}

/** How long what is to be said may take to be said, and to come through the pipe. */
const SAY_LIMIT_MS = PATIENCE_MS;
/** The first start builds the web app. */
const START_LIMIT_MS = 90_000;
const POLL_MS = 50;
/** What relays keep that were told no folder: each has its own in here, and none outlives the tests. */
const DATA = join(tmpdir(), `rill-tests-data-${crypto.randomUUID()}`);
globalThis.addEventListener("unload", () => {
  try {
    Deno.removeSync(DATA, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // nobody kept anything
  }
});

/** A relay that is up. */
export class RelayProcess implements AsyncDisposable {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #output = "";

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    const collect = async (stream: ReadableStream<BufferSource>): Promise<void> => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
    };
    this.#reading = Promise.all([collect(child.stdout), collect(child.stderr)]);
  }

  /** Starts a relay and waits until it answers. @throws with what it printed when it does not. */
  static async start(options: RelayOptions = {}): Promise<RelayProcess> {
    const { args = [], port = freePort(), env = {}, maxFileKiB, program } = options;
    const all = ["--listen", `127.0.0.1:${port}`, ...args];
    const child = program !== undefined
      ? spawn(program, all, env)
      : maxFileKiB === undefined
      ? spawnRelay(all, env)
      : spawnLimited(all, { env, maxFileKiB });
    const relay = new RelayProcess(child, port);
    try {
      await relay.#untilReady();
      return relay;
    } catch (error) {
      await relay.kill();
      throw error;
    }
  }

  /** What it wrote to both streams so far. */
  get output(): string {
    return this.#output;
  }

  /** Resolves with all of that once it matches: a line may come after what the relay answers elsewhere. @throws if late. */
  async untilSaid(pattern: RegExp): Promise<string> {
    const end = performance.now() + SAY_LIMIT_MS;
    while (!pattern.test(this.#output)) {
      if (performance.now() > end) throw new Error(`${pattern} was never said:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return this.#output;
  }

  /** What it says of a stream. @throws when it has none of that name. */
  async stream(name: string): Promise<StreamInfo> {
    const answer = await fetch(`${this.url}/api/streams/${name}`);
    if (!answer.ok) throw new Error(`GET /api/streams/${name}: ${await answer.text()}`);
    return await answer.json();
  }

  /** The process group: the task, the launcher, the relay. */
  get group(): number {
    return this.#child.pid;
  }

  /** Asks it to stop, as Ctrl-C or a service manager does, and returns its exit code. */
  async stop(signal: "SIGINT" | "SIGTERM" = "SIGTERM"): Promise<number> {
    // A terminal signals the whole group; a service manager does so by default.
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

  async #untilReady(): Promise<void> {
    const end = performance.now() + START_LIMIT_MS;
    let ended: Deno.CommandStatus | undefined;
    this.#child.status.then((status) => ended = status);
    for (;;) {
      if (await answers(`${this.url}/healthz`)) return;
      if (ended) throw new Error(`The relay ended with ${ended.code}:\n${this.#output}`);
      if (performance.now() > end) {
        throw new Error(`The relay did not answer within ${START_LIMIT_MS} ms:\n${this.#output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** Starts `deno task relay` in a process group of its own. */
export function spawnRelay(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.ChildProcess {
  return spawn(Deno.execPath(), ["task", "--quiet", "relay", ...args], {
    ...Deno.env.toObject(),
    // --tls and --data say otherwise; what a user keeps is no part of a test.
    ...{ NO_COLOR: "1", RILL_TLS: "off", RILL_DATA: join(DATA, crypto.randomUUID()), ...env },
  });
}

function spawn(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  return new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env,
    clearEnv: true,
    detached: true,
  }).spawn();
}

/** The launcher without the task, which would give back the signal that has to be ignored for a write to fail. */
function spawnLimited(
  args: readonly string[],
  { env, maxFileKiB }: { readonly env: Readonly<Record<string, string>>; maxFileKiB: number },
): Deno.ChildProcess {
  const limited = `trap "" XFSZ; ulimit -f ${maxFileKiB}; exec "$@"`;
  const command = [Deno.execPath(), "run", "-A", "relay/launch.ts", ...args];
  return new Deno.Command("bash", {
    args: ["-c", limited, "bash", ...command],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", RILL_TLS: "off", ...env },
    detached: true,
  }).spawn();
}

/** Sends `signal` to a process group; one that is gone is gone. */
export function signalGroup(group: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-group, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Processes of a group that still run, as `ps` would name them; the dead that nobody reaped do not count. None
 * where there is no /proc to look through.
 */
export function runningIn(group: number): string[] {
  const found: string[] = [];
  if (Deno.build.os !== "linux") return found;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readProcess(name);
    if (stat !== undefined && stat.group === group && stat.state !== "Z") found.push(stat.command);
  }
  return found;
}

function readProcess(
  pid: string,
): { readonly state: string; readonly group: number; readonly command: string } | undefined {
  try {
    // proc(5): pid (comm) state ppid pgrp …; comm may hold spaces and brackets.
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const open = text.indexOf("(");
    const close = text.lastIndexOf(")");
    const [state = "", , group = "0"] = text.slice(close + 2).split(" ");
    return { state, group: Number(group), command: text.slice(open + 1, close) };
  } catch (error) {
    // It ended while we looked.
    if (error instanceof Deno.errors.NotFound || isNoSuchProcess(error)) return undefined;
    throw error;
  }
}

function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && /ESRCH|os error 3\b/.test(error.message);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return true; // 503 too: it is up, and says that a camera is not
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
