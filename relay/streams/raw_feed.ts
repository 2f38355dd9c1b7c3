/**
 * A source's own bytes for those who want them: copies cross from the worker only while somebody does.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

/** Takes bytes; may not block or throw. */
export type RawTaker = (bytes: Bytes) => void;

/** Fans raw bytes out by reference. */
export class RawFeed {
  readonly #takers = new Set<RawTaker>();
  readonly #ask: (on: boolean) => void;

  /** @param ask the worker is to send copies, or to stop it. */
  constructor(ask: (on: boolean) => void) {
    this.#ask = ask;
  }

  /** Whether anybody wants them: a worker that starts anew must be asked again. */
  get wanted(): boolean {
    return this.#takers.size > 0;
  }

  /** Adds a taker until the subscription is disposed of. */
  subscribe(take: RawTaker): Disposable {
    this.#takers.add(take);
    if (this.#takers.size === 1) this.#ask(true);
    return {
      [Symbol.dispose]: (): void => {
        if (this.#takers.delete(take) && this.#takers.size === 0) this.#ask(false);
      },
    };
  }

  /** Bytes came. */
  publish(bytes: Bytes): void {
    for (const take of this.#takers) take(bytes);
  }
}
