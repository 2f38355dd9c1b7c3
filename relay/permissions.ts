/**
 * The Deno permissions a configuration needs, and no more: what the launcher starts the relay with.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { Config } from "./config.ts";

/** The environment variables that are read: the options' twins, and what the packages look at. */
const ENVIRONMENT = [
  "RILL_LISTEN",
  "RILL_URL",
  "RILL_OPEN",
  "RILL_LOG",
  "RILL_LOG_FORMAT",
  "WS_NO_BUFFER_UTIL",
  "WS_NO_UTF_8_VALIDATE",
];

/** Arguments for `deno run`; without a configuration what printing a text needs. */
export function relayPermissions(config: Config | undefined): string[] {
  const env = `--allow-env=${ENVIRONMENT.join(",")}`;
  const root = fileURLToPath(new URL("../", import.meta.url));
  if (!config) return [env];
  const { hostname, port } = config.listen;
  const net = new Set([`${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`]);
  const read = new Set([root, "/proc/net/route"]);
  const run = new Set<string>();
  for (const { spec } of config.streams) {
    for (const host of spec.permissions.net ?? []) net.add(host);
    for (const path of spec.permissions.read ?? []) read.add(path);
    for (const program of spec.permissions.run ?? []) run.add(program);
  }
  return [
    env,
    `--allow-net=${[...net].join(",")}`,
    `--allow-read=${[...read].map(escapeComma).join(",")}`,
    "--allow-sys=networkInterfaces",
    ...(run.size > 0 ? [`--allow-run=${[...run].join(",")}`] : []),
  ];
}

/** Deno reads two commas as one that belongs to the path. */
function escapeComma(path: string): string {
  return path.replaceAll(",", ",,");
}
