/**
 * Ways to the relay, tried beside each other: the better ones get a head start, the first to open wins, the others are
 * given up. Knows no transport.
 *
 * @module
 */

import { TransportError } from "../transports/transport.ts";

/** How long a way is waited for before the next is tried beside it, ms: a handshake over a good network. */
export const HEAD_START_MS = 400;

/** What is tried, and how. */
export interface RaceOptions<Way, Open> {
  /** Best first; at least one. */
  readonly ways: readonly Way[];
  /** How long those before it are waited for; {@link HEAD_START_MS} if not given. */
  readonly patienceMs?: (way: Way) => number;
  /** Rejects with a {@link TransportError} when there is no getting through, or when its signal is aborted. */
  readonly open: (way: Way, attempt: AbortController) => Promise<Open>;
  /** This one did not get through. */
  readonly failed: (way: Way) => void;
  /** Ends it all. */
  readonly signal: AbortSignal;
}

/** Resolves with the first that opened. @throws {TransportError} of the last that failed, or the signal's reason. */
export function race<Way, Open>(
  { ways, patienceMs = () => HEAD_START_MS, open, failed, signal }: RaceOptions<Way, Open>,
): Promise<{ readonly way: Way; readonly opened: Open; readonly attempt: AbortController }> {
  return new Promise((resolve, reject) => {
    const running = new Set<AbortController>();
    let next = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;

    const stop = (reason: unknown): void => {
      over = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      for (const attempt of running) attempt.abort(reason);
    };
    const onAbort = (): void => {
      stop(signal.reason);
      reject(signal.reason);
    };
    const start = (): void => {
      clearTimeout(timer);
      const way = ways[next++];
      if (way === undefined || over) return;
      const attempt = new AbortController();
      running.add(attempt);
      const following = ways[next];
      if (following !== undefined) timer = setTimeout(start, patienceMs(following));
      open(way, attempt).then((opened) => {
        running.delete(attempt);
        if (over) return attempt.abort(new TransportError("Another way was faster."));
        stop(new TransportError("Another way was faster."));
        resolve({ way, opened, attempt });
      }, (error: unknown) => {
        running.delete(attempt);
        if (over) return;
        if (!(error instanceof TransportError)) {
          stop(error);
          return reject(error);
        }
        failed(way);
        if (running.size === 0 && next < ways.length) start();
        else if (running.size === 0) {
          stop(error);
          reject(error);
        }
      });
    };
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else start();
  });
}
