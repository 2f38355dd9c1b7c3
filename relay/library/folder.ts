/**
 * The recordings' folder as a tree of files: what lies in it, and folders that hold nothing any more. Knows no recording.
 *
 * @module
 */

import { dirname, join } from "node:path";

/** Parts of a stream's name, at most. */
const MAX_DEPTH = 32;

/** Paths of all files below `folder`; none where there is no folder. */
export async function filesBelow(folder: string, depth = MAX_DEPTH): Promise<string[]> {
  const paths: string[] = [];
  try {
    for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isFile) paths.push(path);
      else if (isDirectory && depth > 0) paths.push(...await filesBelow(path, depth - 1));
    }
  } catch (error) {
    // Not there any more, or somebody else's: there is nothing in it for this relay.
    if (error instanceof Deno.errors.PermissionDenied) return paths;
    unlessAbsent(error);
  }
  return paths;
}

/** For what may be gone already. @throws any other error. */
export function unlessAbsent(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Bytes of the file at `path`; `undefined` where there is none. Follows no link. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const { isFile, size } = await Deno.lstat(path);
    return isFile ? size : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

/** Takes away `folder` and those above it, up to `top`, as long as they are empty; others may do the same. */
export async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let each = folder; each !== top && each.startsWith(top); each = dirname(each)) {
    try {
      await Deno.remove(each);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      if (await isFilled(each)) return;
      throw error;
    }
  }
}

async function isFilled(folder: string): Promise<boolean> {
  try {
    for await (const _ of Deno.readDir(folder)) return true;
    return false;
  } catch (error) {
    unlessAbsent(error);
    return true; // whoever took it away sees to those above
  }
}
