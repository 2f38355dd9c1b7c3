/**
 * The Deno permissions a configuration needs, and no more: what the launcher starts the relay with.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { hostOf } from "./forwarding/destination.ts";
import { proxyFor } from "./forwarding/proxy.ts";
import { fileURLToPath } from "node:url";
import { findProgram } from "./find_program.ts";
import type { Config } from "./config.ts";
import type { ListenAddress } from "./http/listener.ts";
import { webRtcReach } from "./webrtc_reach.ts";
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

/** Arguments for `deno run`; without a configuration what printing a text needs. */
export function relayPermissions(config: Config | undefined): string[] {
  const variables = [...ENVIRONMENT, ...config?.file?.variables ?? []];
  const env = `--allow-env=${variables.join(",")}`;
  const root = fileURLToPath(new URL("../", import.meta.url));
  if (!config) return [env];
  const net = new Set<string>();
  if (config.listen) net.add(hostPort(config.listen));
  if (config.tls.kind !== "off") net.add(hostPort(config.listenTls));
  for (const address of Object.values(config.compat)) net.add(hostPort(address));
  for (const address of webRtcReach(config)) net.add(address);
  for (const { url } of config.destinations) {
    net.add(hostOf(url));
    const proxy = proxyFor(new URL(url), config.proxies);
    if (proxy) net.add(hostPort(proxy));
  }
  const read = new Set([root, "/proc/net/route"]);
  const write = new Set<string>();
  read.add(join(config.data, "recordings"));
  // Whoever may not record needs no leave to.
  const records = config.open === "all" || config.compat.medooze !== undefined;
  if (config.tls.kind === "auto" || config.compat.live_stream_server || records) {
    for (const set of [read, write]) set.add(config.data);
  }
  if (config.tls.kind === "files") {
    // certbot leaves symbolic links: what they point to is read, and changes with each renewal.
    for (const path of [config.tls.certificate, config.tls.key]) {
      for (const each of linkTargets(path)) read.add(each);
    }
  }
  // Editors put a new file in the place of the old: it is the folder that is watched.
  if (config.file) read.add(dirname(config.file.path));
  const manager = findManager((name) => Deno.env.get(name), Deno.pid);
  if (typeof manager === "object") {
    read.add(manager.own);
    for (const path of [manager.socket, manager.own]) {
      net.add(`unix:${path}`);
      write.add(path);
    }
  }
  const run = new Set<string>();
  const ffmpeg = findProgram("ffmpeg", Deno.env.get("PATH") ?? "");
  if (ffmpeg !== undefined) run.add(ffmpeg); // frame.jpg
  for (const { spec } of config.streams) {
    for (const host of spec.permissions.net ?? []) net.add(host);
    for (const path of spec.permissions.read ?? []) read.add(path);
    for (const program of spec.permissions.run ?? []) run.add(program);
  }
  const sys = ["networkInterfaces", "hostname"];
  if (config.compat.live_stream_server) sys.push("statfs"); // how full the disk is
  return [
    env,
    // Whoever may change everything may name destinations, which nobody knows yet.
    config.open === "all" ? "--allow-net" : `--allow-net=${[...net].join(",")}`,
    `--allow-read=${[...read].map(escapeComma).join(",")}`,
    ...(write.size > 0 ? [`--allow-write=${[...write].map(escapeComma).join(",")}`] : []),
    `--allow-sys=${sys.join(",")}`,
    ...(run.size > 0 ? [`--allow-run=${[...run].join(",")}`] : []),
  ];
}

function hostPort({ hostname, port }: ListenAddress): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** A file, or the folder that a link's target lies in: the next target lies beside it. */
function linkTargets(path: string): string[] {
  try {
    const target = Deno.realPathSync(path);
    return target === path ? [path] : [path, dirname(target)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [path]; // the relay says so in words
    throw error;
  }
}

/** Deno reads two commas as one that belongs to the path. */
function escapeComma(path: string): string {
  return path.replaceAll(",", ",,");
}
