/**
 * What the table of processes says (proc(5)): who runs with a mark in its command line, and what a process holds.
 *
 * @module
 */

import { join } from "node:path";

/** Command lines of all processes that have `mark` in them. */
export async function processesWith(mark: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(join("/proc", name, "cmdline")).catch(() => ""); // it has ended
    if (line.includes(mark)) found.push(line.replaceAll("\0", " "));
  }
  return found;
}

/** Files and sockets that a process has open; 0 for one that has ended. */
export function openFilesOf(pid: number): number {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
