/**
 * `deno task relay`: sees to it that the web app is built, computes the permissions that the command line
 * needs, and starts the relay with no more. It holds all permissions itself and reads nothing from the network.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { buildAppIfStale } from "./build_app.ts";
import { UsageError } from "./usage_error.ts";
import { loadRequest } from "./load_config.ts";
import { explainOldDeno } from "./deno_version.ts";
import { runtimeFlags, unsetMemoryVariables } from "./runtime_settings.ts";
import { withKept } from "./kept_file.ts";
import { listingPermissions, permissionFlags, relayPermissions } from "./permissions.ts";
import { GRANTED_VARIABLE } from "./sandbox.ts";
import { enterStartFolder } from "./start_folder.ts";
import { LAUNCHER_VARIABLE, whenDeserted } from "./starters.ts";

const USAGE_EXIT = 2;

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

function hand(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended already
  }
}

async function launch(): Promise<number> {
  const old = explainOldDeno(Deno.version.deno, "relay");
  if (old) {
    say(`rill: ${old}`);
    return USAGE_EXIT;
  }
  enterStartFolder();
  const request = await loadRequest(Deno.args, (name) => Deno.env.get(name));
  if (request.kind === "run") await buildAppIfStale(say);
  const config = request.kind === "run" ? withKept(request.config) : undefined;
  const flags = permissionFlags(
    request.kind === "list" ? listingPermissions() : relayPermissions(config),
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      ...runtimeFlags(Deno.version.v8),
      `--config=${fileURLToPath(new URL("../deno.json", import.meta.url))}`,
      ...flags,
      fileURLToPath(new URL("./main.ts", import.meta.url)),
      ...Deno.args,
    ],
    env: {
      ...unsetMemoryVariables((name) => Deno.env.get(name)),
      [GRANTED_VARIABLE]: flags.join("\n"),
      [LAUNCHER_VARIABLE]: String(Deno.pid),
    },
    stdin: "null",
  }).spawn();
  // Handed on, and this process ends when the relay has: at a terminal Ctrl-C reaches both, which does no harm.
  const signals = Deno.build.os === "windows"
    ? ["SIGINT"] as const
    : ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, () => hand(child, signal));
  using _ = whenDeserted(() => hand(child, "SIGTERM"));
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
