/**
 * A signal with a limit of time: `AbortSignal.any` of both, which the oldest browsers that the app is for do not have.
 *
 * @module
 */

/** Aborts when `signal` does, with its reason, or after `ms` with a `TimeoutError`; then it lets go of both. */
export function withLimit(signal: AbortSignal, ms: number): AbortSignal {
  const either = new AbortController();
  for (const each of [signal, AbortSignal.timeout(ms)]) {
    if (each.aborted) either.abort(each.reason);
    const end = (): void => either.abort(each.reason);
    each.addEventListener("abort", end, { signal: either.signal });
  }
  return either.signal;
}
