/**
 * What a process, or a group of processes, has cost so far, as Linux counts it in /proc (proc(5)).
 *
 * @module
 */

/** USER_HZ, which is 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly pid: number;
  readonly group: number;
  readonly cpu: number;
}

function readStat(pid: string): Stat | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const [, , group = 0] = fields;
  const [user = 0, system = 0] = fields.slice(11, 13);
  return { pid: Number(pid), group, cpu: (user + system) / TICKS_PER_SECOND };
}

function processesIn(group: number): Stat[] {
  return [...Deno.readDirSync("/proc")]
    .filter(({ name }) => /^\d+$/.test(name))
    .map(({ name }) => readStat(name))
    .filter((stat) => stat !== undefined)
    .filter((stat) => stat.group === group);
}

/** User and system time of one process and its threads, s. */
export function cpuOf(pid: number): number {
  return readStat(`${pid}`)?.cpu ?? Number.NaN;
}

/** The same of all processes of a group. */
export function cpuOfGroup(group: number): number {
  return processesIn(group).reduce((sum, { cpu }) => sum + cpu, 0);
}

/** Seconds by thread name, of the process of a group that has used most. */
export function cpuByThread(group: number): Map<string, number> {
  const busiest = processesIn(group).sort((a, b) => b.cpu - a.cpu)[0];
  const threads = new Map<string, number>();
  if (!busiest) return threads;
  for (const { name } of Deno.readDirSync(`/proc/${busiest.pid}/task`)) {
    const stat = readStat(`${busiest.pid}/task/${name}`);
    const title = (read(`/proc/${busiest.pid}/task/${name}/comm`) ?? name).trim();
    if (stat) threads.set(title, (threads.get(title) ?? 0) + stat.cpu);
  }
  return threads;
}

/** Memory that the largest process of a group has to itself or shares in part, bytes. */
export function memoryOfGroup(group: number): number {
  return largestOfGroup(group).memory;
}

/** The process of a group that holds most memory, bytes; process 0 where there is none. */
export function largestOfGroup(group: number): { readonly pid: number; readonly memory: number } {
  const sizes = processesIn(group).map(({ pid }) => {
    const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
    return { pid, memory: Number(kilobytes ?? 0) * 1024 };
  });
  return sizes.sort((a, b) => b.memory - a.memory)[0] ?? { pid: 0, memory: 0 };
}

/** A file that goes when its process does. */
function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || /ESRCH|os error 3\b/.test(`${error}`)) {
      return undefined;
    }
    throw error;
  }
}
