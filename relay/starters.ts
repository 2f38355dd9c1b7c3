/**
 * The programs that started this one and do nothing but wait for its end: `deno task`, and npm's before that. What ends one
 * of these alone never reaches us (npm's `deno` waits in a call that passes no signal on), and whoever meant to end us by
 * what he started would have ended nothing. Shells, terminals and service managers are none of them: what outlives those
 * is meant to. Reads /proc, for which Deno wants all permissions; where there is none, nobody is known.
 *
 * @module
 */

import { basename } from "node:path";

/** How often it is looked whether they are there. */
const LOOK_MS = 1_000;
/** More of them stand behind each other nowhere. */
const MAX_STARTERS = 8;

/** A process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its command line. */
  readonly words: readonly string[];
}

/** The environment variable by which the launcher tells the relay its number. */
export const LAUNCHER_VARIABLE = "RILL_LAUNCHER";

/** Finds a process that runs. */
export type Look = (pid: number) => Process | undefined;

/** Calls `deserted`, once, when the launcher that started this process has ended before it. */
export function whenLauncherEnded(launcher: string | undefined, deserted: () => void): Disposable {
  // Started by none, or in its place: whoever is the parent then need not outlast us.
  const isOurs = launcher === String(Deno.ppid);
  return lookAgain(isOurs ? () => launcher === String(Deno.ppid) : undefined, deserted);
}

/** Calls `deserted`, once, when one of them has ended before this process. */
export function whenDeserted(deserted: () => void): Disposable {
  const row = Deno.build.os === "linux" ? startersOf(Deno.pid, lookInProc) : [];
  return lookAgain(row.length > 0 ? () => areThere(row, lookInProc) : undefined, deserted);
}

/** @param areAll whether all are there that were; nothing where there never was anybody. */
function lookAgain(areAll: (() => boolean) | undefined, deserted: () => void): Disposable {
  if (!areAll) return { [Symbol.dispose]: () => undefined };
  const look = setInterval(() => {
    if (areAll()) return;
    clearInterval(look);
    deserted();
  }, LOOK_MS);
  Deno.unrefTimer(look);
  return { [Symbol.dispose]: () => clearInterval(look) };
}

/** The process `pid` and those that wait for it, each the child of the next; none where nobody waits. */
export function startersOf(pid: number, look: Look): Process[] {
  const row: Process[] = [];
  /** Shells that are npm's if npm stands behind them. */
  const shells: Process[] = [];
  let at = look(pid);
  const own = at;
  while (at && row.length + shells.length < MAX_STARTERS) {
    at = look(at.parent);
    if (at && isShell(at)) shells.push(at);
    else if (at && waits(at)) row.push(...shells.splice(0), at);
    else break;
    if (isNpm(at)) break; // what npm was started by is the user's affair
  }
  return own && row.length > 0 ? [own, ...row] : [];
}

/** Whether each is still the child of the next: whose parent has ended is given another. */
export function areThere(row: readonly Process[], look: Look): boolean {
  return row.slice(0, -1).every(({ pid, parent }) => look(pid)?.parent === parent);
}

function waits(process: Process): boolean {
  return isTask(process) || isNpmsDeno(process) || isNpm(process);
}

function isTask({ words: [program = "", verb] }: Process): boolean {
  return basename(program) === "deno" && verb === "task";
}

/** Package `deno` of npm: a script that starts the program of that name. */
function isNpmsDeno({ words: [program = "", script = ""] }: Process): boolean {
  return basename(program) === "node" && /\/(?:\.?bin\/deno|deno\/bin\.cjs)$/.test(script);
}

/** It writes over its command line what it does. */
function isNpm({ words: [program = "", script = ""] }: Process): boolean {
  return /^np[mx] /.test(program) ||
    (basename(program) === "node" && /^np[mx](?:-cli\.js)?$/.test(basename(script)));
}

function isShell({ words: [program = "", option] }: Process): boolean {
  return /^(?:ba|da)?sh$/.test(basename(program)) && option === "-c";
}

/** proc(5); nothing where the process has ended. */
function lookInProc(pid: number): Process | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // pid (comm) state ppid …; comm may hold spaces and brackets.
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const words = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
    return { pid, parent: Number(parent), words };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || isNoSuchProcess(error)) return undefined;
    throw error;
  }
}

/** It ended while it was read. */
function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && /ESRCH|os error 3\b/.test(error.message);
}
