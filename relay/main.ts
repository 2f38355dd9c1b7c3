/**
 * The relay's program: arguments → configuration → running relay → signals → exit code. The only reader of
 * `Deno.args` and the only exit of the relay's process.
 *
 * @module
 */

import { startRelay } from "./app.ts";
import { type Config, USAGE, UsageError } from "./config.ts";
import { loadRequest } from "./load_config.ts";
import { findDevices } from "./devices/find_devices.ts";
import { printDevices } from "./devices/print_devices.ts";
import { CertificateError } from "./certificates/pem_file.ts";
import { type ListenAddress, ListenError } from "./http/listener.ts";
import type { RunningServer } from "./http/server.ts";
import { Log } from "./log.ts";
import { defaultAddress } from "./own_address.ts";
import { renderUnicodeCompact } from "uqr";
import { GRANTED_VARIABLE, readGranted } from "./sandbox.ts";
import { ServiceManager } from "./service_manager.ts";
import { toStderr, toStdout } from "./tell.ts";
import { VERSION } from "./version.ts";
import { LAUNCHER_VARIABLE, whenLauncherEnded } from "./starters.ts";

/** Contract §2. */
const EXIT = { stopped: 0, failed: 1, usage: 2 } as const;
/** After a signal everything must be closed by then. */
const STOP_MS = 5_000;

/** What whoever reaches the relay may do, by what `--open` opens. */
const OPENNESS = {
  view: "Watching is open: whoever reaches this address can watch.",
  publish:
    "Watching and publishing are open: whoever reaches this address can watch, and bring pictures.",
  all:
    "Everything is open: whoever reaches this address can watch, and change what the relay does.",
} as const;

function sayLine(line: string): void {
  toStderr(`${line}\n`);
}

/** What a person at the terminal needs first: links, a code to scan, and what is open. */
function greet(config: Config, { plain, tls }: RunningServer): string {
  const here = plain ?? tls;
  if (!here) return "";
  const base = config.url?.href.replace(/\/?$/, "/") ?? linkTo(here, plain ? "http" : "https");
  const links = config.streams.map(({ name, spec }) => `  ${base}live/${name}   ${spec.label}`);
  const isWatched = Deno.stdout.isTerminal(); // a journal needs no code to scan
  return [
    ...(isWatched ? ["", renderUnicodeCompact(base, { border: 1 })] : []),
    "",
    `Rill ${VERSION} is at ${base}`,
    ...(plain && isAny(plain.hostname) && !base.startsWith("http://localhost:")
      ? [`            or http://localhost:${plain.port}/ on this machine`]
      : []),
    ...(tls && plain
      ? [`            or ${linkTo(tls, "https")} with everything the app can do`]
      : []),
    ...(tls && plain && config.tls.kind === "auto"
      ? [`               once a device trusts it: ${base}trust shows how`]
      : []),
    "",
    ...(links.length > 0 ? links : ["  no camera: the configuration names none"]),
    "",
    OPENNESS[config.open ?? "view"],
    "There are no keys yet, so keep it on a network you trust. Ctrl-C stops.",
    "",
    "",
  ].join("\n");
}

function linkTo({ hostname, port }: ListenAddress, scheme: "http" | "https"): string {
  const host = isAny(hostname) ? defaultAddress() : hostname;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}

function isAny(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}

async function run(config: Config): Promise<number> {
  const log = new Log({ level: config.log, format: config.logFormat, write: sayLine });
  const stop = Promise.withResolvers<void>();
  for (const signal of stopSignals(config)) Deno.addSignalListener(signal, () => stop.resolve());
  using _ = whenLauncherEnded(Deno.env.get(LAUNCHER_VARIABLE), () => stop.resolve());
  const granted = readGranted(Deno.env.get(GRANTED_VARIABLE));
  const relay = await startRelay(config, {
    log,
    appFolder: new URL("../web/dist/", import.meta.url),
    ...(config.file ? { load } : {}),
    ...(granted ? { granted } : {}),
  });
  const { reload } = relay;
  if (reload && Deno.build.os !== "windows") {
    Deno.addSignalListener("SIGHUP", () => void reload.reload());
  }
  toStdout(greet(config, relay.server));
  using manager = ServiceManager.open((name) => Deno.env.get(name), { pid: Deno.pid, log });
  manager?.ready(`Rill ${VERSION} is up`);
  await stop.promise;
  log.info("stopping");
  manager?.stopping();
  setTimeout(() => {
    log.error(`something did not close within ${STOP_MS / 1000} s`);
    Deno.exit(EXIT.failed);
  }, STOP_MS);
  await relay[Symbol.asyncDispose]();
  return EXIT.stopped;
}

/** SIGHUP has the configuration read again, where there is one. */
function stopSignals({ file }: Config): Deno.Signal[] {
  if (Deno.build.os === "windows") return ["SIGINT", "SIGBREAK"];
  return file ? ["SIGINT", "SIGTERM"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}

/** What the arguments and the file ask for. @throws {UsageError} */
async function load(): Promise<Config> {
  const request = await ask();
  if (request.kind !== "run") throw new UsageError("the arguments ask for a text");
  return request.config;
}

function ask(): ReturnType<typeof loadRequest> {
  return loadRequest(Deno.args, (name) => Deno.env.get(name));
}

async function main(): Promise<number> {
  try {
    const request = await ask();
    if (request.kind === "run") return await run(request.config);
    if (request.kind === "list") {
      const devices = await findDevices();
      toStdout(request.json ? `${JSON.stringify(devices, null, 2)}\n` : printDevices(devices));
      return EXIT.stopped;
    }
    toStdout(request.kind === "help" ? USAGE : `rill ${VERSION}\n`);
    return EXIT.stopped;
  } catch (error) {
    if (
      error instanceof UsageError || error instanceof ListenError ||
      error instanceof CertificateError
    ) {
      sayLine(`rill: ${error.message}`);
      return EXIT.usage;
    }
    sayLine(`rill: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    return EXIT.failed;
  }
}

Deno.exit(await main());
