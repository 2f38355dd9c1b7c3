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

/** The numbers of processes that were started with `line` ("NAME=value") in their environment, or by such a one. */
export function pidsStartedWith(line: string): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environment = Deno.readTextFileSync(join("/proc", name, "environ"));
      if (environment.split("\0").includes(line)) found.push(Number(name));
    } catch (error) {
      if (!isGone(error) && !(error instanceof Deno.errors.PermissionDenied)) throw error;
    }
  }
  return found;
}

/** A second of each main thread: its state and where the kernel has it wait (proc_pid_stat(5)), and how much of a core it used. */
export async function mainThreadsOf(pids: readonly number[]): Promise<readonly MainThread[]> {
  const before = pids.map(readMainThread);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return pids.flatMap((pid, at) => {
    const [earlier, now] = [before[at], readMainThread(pid)];
    if (!earlier || !now) return [];
    return [{ ...now, pid, ticks: now.ticks - earlier.ticks }];
  });
}

/** What a process's main thread does. */
export interface MainThread {
  readonly pid: number;
  readonly command: string;
  /** "R" for one that runs, "S" for one that waits. */
  readonly state: string;
  readonly waitsIn: string;
  /** Of the kernel's clock, a hundred a second, in that time. */
  readonly ticks: number;
}

function readMainThread(pid: number): Omit<MainThread, "pid"> | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/stat`);
    const close = text.lastIndexOf(")");
    const fields = text.slice(close + 2).split(" "); // from the third on
    return {
      command: text.slice(text.indexOf("(") + 1, close),
      state: fields[0] ?? "",
      waitsIn: Deno.readTextFileSync(`/proc/${pid}/wchan`),
      ticks: Number(fields[11]) + Number(fields[12]),
    };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** The process ended while we looked at it, or before it was to be signalled. */
export function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    (error instanceof Error && /ESRCH|os error 3\b/.test(error.message));
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
