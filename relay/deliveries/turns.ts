/**
 * Turns that encrypted connections take: what each of many viewers is written before the event loop comes round. What is
 * written, and to whom, is the deliveries' and the hub's.
 *
 * Encrypted bytes are each viewer's own, and are given back no sooner than the event loop comes round. A key picture to
 * hundreds of viewers within one round is tens of megabytes that come from the kernel, page by page, and go back to it: that
 * cost half as much again as all of TLS (`deno task bench fan-out-tls`). Some viewers a round use the same memory again.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Writable } from "node:stream";

/** What is encrypted before the event loop comes round: few enough to stay in a processor's cache. */
export const TURN_BYTES = 256 * 1024;

/** Connections that share each round's bytes; who finds none left waits for a later one, in order. */
export class Turns {
  readonly #nextTurn: (turn: () => void) => void;
  /** What each that waits was given meanwhile, bytes. Their streams hold it, so it counts as backlog. */
  readonly #waiting = new Map<Writable, number>();
  #left = TURN_BYTES;
  #isDue = false;

  /** @param nextTurn calls back when the event loop has come round. */
  constructor(nextTurn: (turn: () => void) => void = setImmediate) {
    this.#nextTurn = nextTurn;
  }

  /** Writes, now or in its turn; what `connection` is written elsewhere meanwhile stays behind it. */
  write(connection: Writable, bytes: Buffer): void {
    const given = this.#waiting.get(connection);
    if (given !== undefined || this.#left <= 0 || this.#waiting.size > 0) {
      if (given === undefined) connection.cork();
      this.#waiting.set(connection, (given ?? 0) + bytes.length);
    } else {
      this.#left -= bytes.length;
    }
    connection.write(bytes);
    this.#plan();
  }

  #plan(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#nextTurn(() => this.#turn());
  }

  #turn(): void {
    this.#isDue = false;
    this.#left = TURN_BYTES;
    for (const [connection, bytes] of this.#waiting) {
      if (this.#left <= 0) break;
      this.#left -= bytes;
      this.#waiting.delete(connection);
      connection.uncork();
    }
    if (this.#left < TURN_BYTES) this.#plan();
  }
}
