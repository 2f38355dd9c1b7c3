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
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return paths;
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

/** Takes away `folder` and those above it, up to `top`, as long as they are empty. */
export async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let each = folder; each !== top && each.startsWith(top); each = dirname(each)) {
    for await (const _ of Deno.readDir(each)) return;
    await Deno.remove(each);
  }
}
