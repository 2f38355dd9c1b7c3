/**
 * ffmpeg where a codec is needed that the relay has not: started, and what it says kept as a sentence. What it
 * is to do stands with who asks.
 *
 * @module
 */

import { setPriority } from "node:os";
import { hideCredentials } from "../shared/credentials.ts";

/** As `nice` counts: cameras and viewers come first. */
const PRIORITY = 10;
/** Of what ffmpeg says, the newest. */
const MAX_SAID_CHARS = 2_000;

/** ffmpeg cannot be run; `message` is a sentence without its full stop. */
export class NoFfmpegError extends Error {
  override readonly name = "NoFfmpegError";
}

/** What is run. */
export interface FfmpegOptions {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly stdin: "piped" | "null";
  readonly stdout: "piped" | "null";
  /** Somebody watches what it makes: it need not make way for the rest. */
  readonly live?: true;
  /** Ends it, at once. */
  readonly signal: AbortSignal;
}

/** A run of it. */
export interface Ffmpeg {
  readonly child: Deno.ChildProcess;
  /** Resolves when it has ended: `undefined` when all went well, else its last words. Never rejects. */
  readonly ended: Promise<string | undefined>;
}

/** Starts it. @throws {NoFfmpegError} when it is not there, or this relay may not run it. */
export function startFfmpeg({ args, cwd, stdin, stdout, live, signal }: FfmpegOptions): Ffmpeg {
  const child = spawn({
    args: ["-hide_banner", "-v", "error", ...args],
    ...(cwd === undefined ? {} : { cwd }),
    stdin,
    stdout,
    stderr: "piped",
  });
  if (!live) yieldToOthers(child.pid);
  const stop = (): void => kill(child);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const said = tail(child.stderr);
  const ended = child.status.then(async ({ success, code }) => {
    signal.removeEventListener("abort", stop);
    const words = await said;
    return success ? undefined : words || `it ended with code ${code}`;
  });
  return { child, ended };
}

function spawn(options: Deno.CommandOptions): Deno.ChildProcess {
  try {
    return new Deno.Command("ffmpeg", options).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      throw new NoFfmpegError(
        "ffmpeg was not found when the relay started: install it and start the relay again",
        { cause: error },
      );
    }
    throw error;
  }
}

/** Where that is not allowed it competes with the rest. */
function yieldToOthers(pid: number): void {
  if (Deno.permissions.querySync({ name: "sys", kind: "setPriority" }).state !== "granted") return;
  try {
    setPriority(pid, PRIORITY);
  } catch (error) {
    if (!(error instanceof Error)) throw error; // it has ended already, or a service manager forbids it
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    // It has ended already.
  }
}

/** The last line that was written. */
async function tail(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let said = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    said = (said + text).slice(-MAX_SAID_CHARS);
  }
  const lines = said.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  return hideCredentials(lines.at(-1)?.trim() ?? "");
}
