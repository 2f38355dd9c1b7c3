/**
 * Whether datagrams come: the one sign that a camera works, whatever its HTTP server says. Whether there are pictures in
 * them it is told by those who look into them.
 *
 * @module
 */

import { sleep } from "../../../shared/sleep.ts";

/** Told of every datagram, asked about silence. Times are milliseconds. */
export class Flow {
  #last = performance.now();
  #wake: (() => void) | undefined;
  #freeze: (() => void) | undefined;
  /** Whether any datagram has come at all. */
  any = false;

  /** Hot: once per datagram. */
  seen(): void {
    this.any = true;
    this.#last = performance.now();
    this.#wake?.();
  }

  /** There are no pictures in what comes, though there were. */
  frozen(): void {
    this.#freeze?.();
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

  /** Resolves when nothing has come for `ms`, when no pictures are in what comes, or on abort. One caller at a time. */
  async end(ms: number, signal: AbortSignal): Promise<"silent" | "frozen"> {
    const frozen = new AbortController();
    this.#freeze = () => frozen.abort();
    const either = AbortSignal.any([signal, frozen.signal]);
    for (let left = ms; left > 0 && !either.aborted; left = ms - this.silentFor()) {
      await sleep(left, either);
    }
    this.#freeze = undefined;
    return frozen.signal.aborted ? "frozen" : "silent";
  }
}
