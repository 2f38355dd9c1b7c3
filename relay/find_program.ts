/**
 * Whether a program is installed: looked for on PATH, as the launcher does before it grants leave to run it.
 *
 * @module
 */

import { delimiter, join } from "node:path";

/** Path of `name` on `path` (the variable's value); `undefined` when it is not there. */
export function findProgram(name: string, path: string): string | undefined {
  const file = Deno.build.os === "windows" ? `${name}.exe` : name;
  return path.split(delimiter).filter((folder) => folder !== "").map((folder) => join(folder, file))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0o111) & 0o111) !== 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    if (error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}
