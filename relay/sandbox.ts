/**
 * What the relay may touch, told truthfully: the list that the launcher started it with, each entry asked of Deno again.
 * Grants nothing.
 *
 * @module
 */

import type { Sandbox, SandboxReport } from "../shared/api.ts";
import type { Permissions } from "./permissions.ts";
import type { Streams } from "./streams/streams.ts";

/** The environment variable by which the launcher says what it granted: Deno's arguments, one a line. */
export const GRANTED_VARIABLE = "RILL_GRANTED";

/** Reads what the launcher says; nothing where there was none. */
export function readGranted(text: string | undefined): Permissions | undefined {
  if (text === undefined || text === "") return undefined;
  const permissions: { -readonly [Kind in keyof Permissions]: Permissions[Kind] } = { ...NONE };
  for (const line of text.split("\n")) {
    const [, kind = "", entries = ""] = /^--allow-(\w+)=(.*)$/.exec(line) ?? [];
    if (kind in NONE) permissions[kind as keyof Permissions] = entries.split(",");
  }
  return permissions;
}

const NONE: Permissions = { net: [], read: [], write: [], run: [], env: [], sys: [] };

/**
 * What is permitted now.
 * @param granted what the launcher granted; without it only permissions without a limit are known.
 */
export function sandboxReport(granted: Permissions | undefined, streams: Streams): SandboxReport {
  const { net, read, write, run, env, sys } = granted ?? NONE;
  const sandbox: Sandbox = {
    net: asGranted(net, "net", (host) => ({ name: "net", host })),
    read: asGranted(read, "read", (path) => ({ name: "read", path })),
    write: asGranted(write, "write", (path) => ({ name: "write", path })),
    run: asGranted(run, "run", (command) => ({ name: "run", command })),
    env: asGranted(env, "env", (variable) => ({ name: "env", variable })),
    sys: asGranted(sys, "sys", (kind) => ({ name: "sys", kind: kind as "hostname" })),
  };
  const ofStreams = streams.all().map(({ name, spec: { permissions } }) =>
    [name, {
      net: permissions.net ?? [],
      read: permissions.read ?? [],
      run: permissions.run ?? [],
    }] as const
  );
  return { ...sandbox, streams: Object.fromEntries(ofStreams) };
}

function asGranted(
  entries: true | readonly string[],
  name: Deno.PermissionName,
  describe: (entry: string) => Deno.PermissionDescriptor,
): true | string[] {
  if (isGranted({ name } as Deno.PermissionDescriptor)) return true;
  if (entries === true) return []; // it was, and is no more
  // A service manager's socket: Deno takes no such address in a question.
  return entries.filter((entry) => entry.startsWith("unix:") || isGranted(describe(entry)));
}

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
