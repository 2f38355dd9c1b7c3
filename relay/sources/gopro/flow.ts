/**
 * Whether datagrams come: the one sign that a camera works, whatever its HTTP server says.
 *
 * @module
 */

import { sleep } from "../../../shared/sleep.ts";

/** Told of every datagram, asked about silence. Times are milliseconds. */
export class Flow {
  #last = performance.now();
  #wake: (() => void) | undefined;
  /** Whether any datagram has come at all. */
  any = false;

  /** Hot: once per datagram. */
  seen(): void {
    this.any = true;
    this.#last = performance.now();
    this.#wake?.();
  }

  /** Milliseconds since the last datagram, or since the beginning. */
  silentFor(): number {
    return performance.now() - this.#last;
  }

  /** Whether a datagram comes within `ms`. One caller at a time. */
  async next(ms: number, signal: AbortSignal): Promise<boolean> {
    const came = new AbortController();
    this.#wake = () => came.abort();
    await sleep(ms, AbortSignal.any([signal, came.signal]));
    this.#wake = undefined;
    return came.signal.aborted;
  }

  /** Resolves when nothing has come for `ms`, or on abort. */
  async silence(ms: number, signal: AbortSignal): Promise<void> {
    for (let left = ms; left > 0 && !signal.aborted; left = ms - this.silentFor()) {
      await sleep(left, signal);
    }
  }
}
