/**
 * `deno task relay`: sees to it that the web app is built, computes the permissions that the command line
 * needs, and starts the relay with no more. It holds all permissions itself and reads nothing from the network.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { buildAppIfStale } from "./build_app.ts";
import { readCommandLine, UsageError } from "./config.ts";
import { relayPermissions } from "./permissions.ts";

/** Oldest Deno that has what we use: `deno.json`'s "unstable" features and node:http as measured. */
const MIN_DENO = [2, 9] as const;
const USAGE_EXIT = 2;

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

function denoIsOld(): boolean {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major < MIN_DENO[0] || (major === MIN_DENO[0] && minor < MIN_DENO[1]);
}

function hand(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended already
  }
}

async function launch(): Promise<number> {
  if (denoIsOld()) {
    say(
      `rill: this is Deno ${Deno.version.deno}; ${
        MIN_DENO.join(".")
      } or newer is needed: run \`deno upgrade\`, ` +
        "or use `npx -y deno task relay`",
    );
    return USAGE_EXIT;
  }
  const request = readCommandLine(Deno.args, (name) => Deno.env.get(name));
  if (request.kind === "run") await buildAppIfStale(say);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      ...relayPermissions(request.kind === "run" ? request.config : undefined),
      fileURLToPath(new URL("./main.ts", import.meta.url)),
      ...Deno.args,
    ],
    stdin: "null",
  }).spawn();
  // Handed on, and this process ends when the relay has: at a terminal Ctrl-C reaches both, which does no harm.
  const signals = Deno.build.os === "windows"
    ? ["SIGINT"] as const
    : ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, () => hand(child, signal));
  const { code, signal } = await child.status;
  return signal === null ? code : 1;
}

try {
  Deno.exit(await launch());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(`rill: ${error.message}`);
  Deno.exit(USAGE_EXIT);
}
