/**
 * What a viewer tells the relay of the groups it takes (`shared/webtransport.ts`): gathered, and sent a few times a
 * second, since the relay's backlog for this viewer is what it has not heard of.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { encodeReceipt, GROUP_DONE } from "../../../shared/webtransport.ts";

/** Receipts are gathered for so long. */
export const GATHER_MS = 50;

/** Gathers receipts until its signal ends. */
export class Receipts {
  readonly #send: (frame: Bytes) => void;
  readonly #signal: AbortSignal;
  readonly #taken = new Map<number, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (frame: Bytes) => void, signal: AbortSignal) {
    this.#send = send;
    this.#signal = signal;
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** So many media bytes of a group have been taken. */
  took(ordinal: number, bytes: number): void {
    this.#taken.set(ordinal, bytes);
    if (this.#signal.aborted) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const [group, count] of this.#taken) {
        this.#send(encodeReceipt({ ordinal: group, bytes: count }));
      }
      this.#taken.clear();
    }, GATHER_MS);
  }

  /** Nothing more of a group is expected. */
  done(ordinal: number): void {
    this.took(ordinal, GROUP_DONE);
  }
}
