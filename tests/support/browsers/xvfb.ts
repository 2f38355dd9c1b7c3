/**
 * An X server without a screen, for a browser that insists on a window. Runs Xvfb, nothing else.
 *
 * @module
 */

import { findProgram } from "../programs.ts";
import { within } from "./browser.ts";

/** A running X server. */
export interface VirtualDisplay extends AsyncDisposable {
  /** What DISPLAY is set to, for example `:99`. */
  readonly name: string;
}

/** Starts Xvfb on the first free display. @throws when it is not installed or does not come up. */
export async function startDisplay(): Promise<VirtualDisplay> {
  const program = findProgram(["Xvfb"]);
  if (program === undefined) {
    throw new Error("Xvfb is not installed; Debian's package is called xvfb.");
  }
  const child = new Deno.Command(program, {
    // -displayfd: the server itself finds a free number and writes it when it is ready;
    // -terminate: it ends with its last client, should the tests be killed.
    args: ["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-terminate"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = child.stdout.getReader();
  const stop = async (): Promise<void> => {
    await output.cancel();
    try {
      child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // Deno's way of saying that it has ended already
    }
    await child.status;
  };
  try {
    const first = await within(output.read(), "Starting Xvfb");
    const number = new TextDecoder().decode(first.value).trim();
    if (!/^\d+$/.test(number)) throw new Error(`Xvfb said ${JSON.stringify(number)}, no number.`);
    return { name: `:${number}`, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
