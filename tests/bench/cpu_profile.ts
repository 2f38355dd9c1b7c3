/**
 * A V8 CPU profile (the `.cpuprofile` that `--cpu-prof` writes) as shares of the time per function.
 *
 * @module
 */

/** The part of the format that is read. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  /** Ids of nodes, one a sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Functions by their own share of the busy time, the largest first. */
export function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): [string, number][] {
  const names = new Map(nodes.map(({ id, callFrame: { functionName, url } }) => {
    const file = url.split("/").at(-1);
    return [id, file ? `${functionName || "(anonymous)"}, ${file}` : functionName];
  }));
  const times = new Map<string, number>();
  let total = 0;
  for (const [i, sample] of samples.entries()) {
    const name = names.get(sample) ?? "?";
    if (name === "(idle)") continue;
    const time = timeDeltas[i] ?? 0;
    total += time;
    times.set(name, (times.get(name) ?? 0) + time);
  }
  return [...times]
    .map(([name, time]): [string, number] => [name, time / total])
    .sort((a, b) => b[1] - a[1]);
}
