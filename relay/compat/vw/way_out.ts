/**
 * A WebSocket as a topic's member has it: takes messages as long as not too much waits in this process. What comes then is
 * lost to it, as in vw; nobody waits.
 *
 * @module
 */

import type { Message } from "./exchange.ts";

/** Bytes that may wait … */
const MAX_BYTES = 16 * 1024 * 1024;
/** … and messages: small ones take more memory than their bytes. */
const MAX_MESSAGES = 16 * 1024;

/** What is asked of a connection; a `WebSocket` of the `ws` package is one. */
export interface OpenSocket {
  readonly bufferedAmount: number;
  send(bytes: Uint8Array, options: { readonly binary: boolean }, done: () => void): void;
}

/** One connection's. */
export class WayOut {
  readonly #ws: OpenSocket;
  readonly #share: () => number;
  #waiting = 0;

  /** @param share its part of the bytes that may wait for all connections of its kind, as many as there are now. */
  constructor(ws: OpenSocket, share: () => number = () => MAX_BYTES) {
    this.#ws = ws;
    this.#share = share;
  }

  /** Sends a message. @returns `false` where there is no room for it. */
  send({ bytes, isText }: Message): boolean {
    const ws = this.#ws;
    const room = Math.min(MAX_BYTES, this.#share());
    if (ws.bufferedAmount > room || this.#waiting >= MAX_MESSAGES) return false;
    this.#waiting++;
    ws.send(bytes, { binary: !isText }, () => void this.#waiting--);
    return true;
  }
}
