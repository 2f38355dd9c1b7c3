/**
 * Waiting that an abort ends. Resolves in both cases: whoever waits looks at the signal afterwards.
 *
 * @module
 */

/** Waits `ms` milliseconds, or until `signal` aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake);
  });
}
