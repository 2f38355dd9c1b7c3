/**
 * The Deno permissions a configuration needs, and no more: what the launcher starts the relay with.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { reachOf } from "./forwarding/reach.ts";
import { fileURLToPath } from "node:url";
import { LISTING_PROGRAMS } from "./devices/find_devices.ts";
import { STABLE_NAMES } from "./devices/stable_names.ts";
import { findProgram } from "./find_program.ts";
import type { Config } from "./config.ts";
import type { ListenAddress } from "./http/listener.ts";
import { keptFilePath } from "./kept_file.ts";
import { GRANTED_VARIABLE } from "./sandbox.ts";
import { webRtcReach } from "./webrtc_reach.ts";
import { UsageError } from "./usage_error.ts";
import { LAUNCHER_VARIABLE } from "./starters.ts";
import { findManager, MANAGER_VARIABLES } from "./service_manager.ts";

/** The environment variables that are read: the options' twins, and what the packages look at. */
const ENVIRONMENT = [
  "RILL_LISTEN",
  "RILL_LISTEN_TLS",
  "RILL_TLS",
  "RILL_DATA",
  "RILL_URL",
  "RILL_OPEN",
  "RILL_CONFIG",
  "RILL_WEBRTC_PORT",
  "RILL_ICE_SERVERS",
  "RILL_FORWARD",
  "HTTPS_PROXY",
  "https_proxy",
  "http_proxy",
  "NO_PROXY",
  "no_proxy",
  "RILL_LOG",
  "RILL_LOG_FORMAT",
  GRANTED_VARIABLE,
  LAUNCHER_VARIABLE,
  "HOME",
  "USERPROFILE",
  "XDG_STATE_HOME",
  ...MANAGER_VARIABLES,
  // What packages look up: yaml, ws.
  "LOG_TOKENS",
  "LOG_STREAM",
  "WS_NO_BUFFER_UTIL",
  "WS_NO_UTF_8_VALIDATE",
];

/** What may be touched, as Deno spells it; what is not listed is denied. */
export interface Permissions {
  readonly env: readonly string[];
  /** `true`: everywhere. */
  readonly net: true | readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly sys: readonly string[];
  readonly run: readonly string[];
}

/** What `--list` needs: the programs that know, as far as they are here. */
export function listingPermissions(): Permissions {
  const path = Deno.env.get("PATH") ?? "";
  const run = LISTING_PROGRAMS.map((name) => findProgram(name, path));
  return {
    env: ENVIRONMENT,
    net: [],
    read: [STABLE_NAMES, fileURLToPath(new URL("../", import.meta.url))],
    write: [],
    sys: [],
    run: run.filter((program) => program !== undefined),
  };
}

/** What a relay with this configuration needs; without one, what printing a text needs. */
export function relayPermissions(config: Config | undefined): Permissions {
  const env = [...ENVIRONMENT, ...config?.file?.variables ?? []];
  const root = fileURLToPath(new URL("../", import.meta.url));
  if (!config) return { env, net: [], read: [], write: [], sys: [], run: [] };
  const net = new Set<string>();
  if (config.listen) net.add(hostPort(config.listen));
  if (config.tls.kind !== "off") net.add(hostPort(config.listenTls));
  for (const address of Object.values(config.compat)) net.add(hostPort(address));
  for (const address of webRtcReach(config)) net.add(address);
  for (const { url } of config.destinations) {
    for (const host of reachOf(url, config.proxies)) net.add(host);
  }
  const read = new Set([root, "/proc/net/route"]);
  const write = new Set<string>();
  read.add(join(config.data, "recordings"));
  read.add(keptFilePath(config.data));
  // Whoever may not record, or add a stream, needs no leave to.
  const records = config.open === "all" || config.compat.medooze !== undefined ||
    config.compat.vw !== undefined || config.streams.some(({ record }) => record !== undefined);
  if (config.tls.kind === "auto" || config.compat.live_stream_server || records) {
    for (const set of [read, write]) set.add(config.data);
  }
  if (config.tls.kind === "files") {
    // certbot leaves symbolic links: what they point to is read, and with each renewal it is a file beside it.
    for (const path of [config.tls.certificate, config.tls.key]) {
      read.add(path);
      for (const each of linkTargets(path)) if (each !== path) read.add(dirname(each));
    }
  }
  // Editors put a new file in the place of the old: it is the folder that is watched.
  const files = config.file ? linkTargets(config.file.path) : [];
  for (const each of files) read.add(dirname(each));
  const manager = findManager((name) => Deno.env.get(name), Deno.pid);
  if (typeof manager === "object") {
    read.add(manager.own);
    for (const path of [manager.socket, manager.own]) {
      net.add(`unix:${path}`);
      write.add(path);
    }
  }
  const run = new Set<string>();
  if (config.open === "all") { // whoever may change everything may ask for the devices
    const { read: paths, run: programs } = listingPermissions();
    for (const path of paths) read.add(path);
    for (const program of programs) run.add(program);
  }
  const ffmpeg = findProgram("ffmpeg", Deno.env.get("PATH") ?? "");
  if (ffmpeg !== undefined) run.add(ffmpeg); // frame.jpg
  for (const { spec } of config.streams) {
    for (const host of spec.permissions.net ?? []) net.add(host);
    for (const path of spec.permissions.read ?? []) read.add(path);
    for (const program of spec.permissions.run ?? []) run.add(program);
  }
  const sys = ["networkInterfaces", "hostname"];
  if (config.compat.live_stream_server) sys.push("statfs"); // how full the disk is
  if (config.compat.live_stream_server || records) sys.push("setPriority"); // ffmpeg's
  return {
    env,
    // Whom vw's clients name as destinations nobody knows beforehand.
    net: config.compat.vw ? true : [...net],
    read: [...read],
    write: [...write],
    sys,
    run: [...run],
  };
}

/** As arguments for `deno run`. @throws {UsageError} when something that is needed has a comma in its name. */
export function permissionFlags(permissions: Permissions): string[] {
  return (["env", "net", "read", "write", "sys", "run"] as const).flatMap((kind) => {
    const entries = permissions[kind];
    if (entries === true) return [`--allow-${kind}`];
    return entries.length > 0 ? [`--allow-${kind}=${entries.map(refuseComma).join(",")}`] : [];
  });
}

function hostPort({ hostname, port }: ListenAddress): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** A file, and what it is where a link leads to it. */
function linkTargets(path: string): string[] {
  try {
    return [...new Set([path, Deno.realPathSync(path)])];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [path]; // the relay says so in words
    throw error;
  }
}

/** Deno separates entries by commas, and knows no way to write one that belongs to a path. */
function refuseComma(entry: string): string {
  if (!entry.includes(",")) return entry;
  throw new UsageError(
    `the relay cannot be given leave for ${entry}: Deno cannot tell its comma from one between two; rename it`,
  );
}
