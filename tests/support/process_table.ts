/**
 * What the table of processes says (proc(5)): who runs with a mark in its command line, and what a process holds.
 *
 * @module
 */

import { join } from "node:path";

/** Command lines of all processes that have `mark` in them. */
export async function processesWith(mark: string): Promise<string[]> {
  const found = await findProcesses(mark);
  return found.map(({ line }) => line.replaceAll("\0", " "));
}

/** The numbers of those. */
export async function pidsWith(mark: string): Promise<number[]> {
  return (await findProcesses(mark)).map(({ pid }) => pid);
}

async function findProcesses(mark: string): Promise<{ pid: number; line: string }[]> {
  const found: { pid: number; line: string }[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(join("/proc", name, "cmdline")).catch(() => ""); // it has ended
    if (line.includes(mark)) found.push({ pid: Number(name), line });
  }
  return found;
}

/** How a running process was started. @param pid of it; `environment` is lines "NAME=value". */
export function startOf(
  pid: number,
): { readonly args: readonly string[]; readonly environment: readonly string[] } {
  const [args = [], environment = []] = ["cmdline", "environ"].map((file) =>
    Deno.readTextFileSync(`/proc/${pid}/${file}`).split("\0")
  );
  return { args, environment };
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
