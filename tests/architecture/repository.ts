/**
 * The files of the repository as the rules see them. Reads the disk, judges nothing.
 *
 * @module
 */

import { runAnyhow } from "../support/run.ts";
import type { Files } from "./rules.ts";

/** Files larger than this are media or locks' worst case; no rule reads further. */
const MAX_FILE_BYTES = 2_000_000;

/**
 * Every file that git tracks or would track, as text; a user's own files that git ignores stay out. In a
 * source archive without git: every file that is not installed or built.
 */
export async function readRepository(): Promise<Files> {
  const files = new Map<string, string>();
  for (const path of await listFiles()) {
    const bytes = await read(path);
    if (bytes !== undefined) files.set(path, new TextDecoder().decode(bytes));
  }
  return files;
}

async function listFiles(): Promise<readonly string[]> {
  try {
    const { code, stdout } = await runAnyhow("git", [
      ...["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
      ...["relay", "shared", "web", "tests", ".ci"],
    ]);
    const top = await runAnyhow("git", ["ls-files", "-z"]);
    if (code === 0) return [...new Set(`${stdout}${top.stdout}`.split("\0"))].filter(Boolean);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // no git here
  }
  return walk(".");
}

function walk(folder: string): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(folder)) {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (["node_modules", ".git", "web/dist"].includes(path)) continue;
    if (entry.isDirectory) found.push(...walk(path));
    else if (entry.isFile) found.push(path);
  }
  return found;
}

/** Listed by git and gone from the disk: a deletion not yet committed. */
async function read(path: string): Promise<Uint8Array | undefined> {
  try {
    const { size, isFile } = await Deno.stat(path);
    return isFile && size <= MAX_FILE_BYTES ? await Deno.readFile(path) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
