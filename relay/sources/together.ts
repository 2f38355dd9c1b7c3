/**
 * Tasks that live and end as one: the first to end or fail aborts the others, and nobody is left running.
 *
 * @module
 */

/** Runs until its signal aborts, or for as long as it has something to do. */
export type Task = (signal: AbortSignal) => Promise<void>;

/**
 * Runs `tasks` until one ends, fails, or `signal` aborts; resolves or throws when all have ended.
 * @throws the first failure; the abort itself is none.
 */
export async function together(signal: AbortSignal, tasks: readonly Task[]): Promise<void> {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const failures: unknown[] = [];
  await Promise.all(tasks.map(async (task) => {
    try {
      await task(either);
    } catch (error) {
      const isTheAbort = either.aborted && error === either.reason;
      if (!isTheAbort) failures.push(error);
    } finally {
      ending.abort();
    }
  }));
  if (failures.length > 0) throw failures[0];
}
