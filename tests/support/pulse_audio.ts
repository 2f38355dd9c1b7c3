/**
 * A PulseAudio of the tests' own, in a folder of its own: nothing of the user's is read or written, root may run it, and no
 * sound card is needed. Its sink plays a tone to nobody; the sink's monitor is a microphone that hears it.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { until } from "./relay.ts";

const SINK = "quiet";
/** The source to listen to. */
export const MONITOR = `${SINK}.monitor`;

/** Runs until it is disposed of. */
export class PulseAudio implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #said: Promise<string>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#said = new Response(process.stderr).text();
  }

  /** What programs that listen have in their environment. @param folder absolute. */
  static environment(folder: string): Readonly<Record<string, string>> {
    return {
      PULSE_SERVER: `unix:${socketIn(folder)}`,
      PULSE_COOKIE: join(folder, "cookie"),
    };
  }

  /** Starts one that plays a tone of so many Hz. */
  static async start(folder: string, hertz: number): Promise<PulseAudio> {
    const modules = [
      `module-null-sink sink_name=${SINK} rate=48000 channels=1`,
      `module-sine sink=${SINK} frequency=${hertz}`,
      `module-native-protocol-unix socket=${socketIn(folder)} auth-anonymous=1`, // last: all is there when it is
    ];
    const process = new Deno.Command("pulseaudio", {
      args: [
        ...[
          "-n",
          "--daemonize=no",
          "--use-pid-file=no",
          "--exit-idle-time=-1",
          "--disable-shm=yes",
        ],
        ...modules.flatMap((module) => ["-L", module]),
      ],
      env: { ...PulseAudio.environment(folder), HOME: folder, XDG_RUNTIME_DIR: folder },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const pulse = new PulseAudio(process);
    let ended = false;
    void process.status.then(() => ended = true);
    await until(() => ended || existsSync(socketIn(folder)), {
      what: "PulseAudio",
    });
    if (ended) throw new Error(`PulseAudio did not start: ${await pulse.#said}`);
    return pulse;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await this.#said;
  }
}

function socketIn(folder: string): string {
  return join(folder, "native");
}
