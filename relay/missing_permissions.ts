/**
 * What a source needs and this process was not started with leave for (contract §9: a launcher grants what the
 * configuration needs, and no more). Asks Deno; grants nothing.
 *
 * @module
 */

import type { SourcePermissions } from "./sources/source.ts";

/** In words, one for each; empty when nothing is missing. */
export function missingPermissions({ net, read, run }: SourcePermissions): string[] {
  const missing: string[] = [];
  for (const host of net ?? []) {
    // Of a network that was granted, Deno knows its addresses; asked for the network itself it says no.
    const asked = host.replace(/\/\d+(?=:|$)/, "");
    if (!isGranted({ name: "net", host: asked })) missing.push(`the network address ${host}`);
  }
  for (const path of read ?? []) {
    if (!isGranted({ name: "read", path })) missing.push(`leave to read ${path}`);
  }
  for (const command of run ?? []) {
    if (!isGranted({ name: "run", command })) missing.push(`leave to run ${command}`);
  }
  return missing;
}

/** Whether files may be written to a folder. */
export function maySaveTo(folder: string): boolean {
  return isGranted({ name: "write", path: folder });
}

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
