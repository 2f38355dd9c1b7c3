/**
 * Messages on their way in, which are held until they are whole: how much of them all clients together may have here. One
 * that has more than its share when there is no room left is let go.
 *
 * @module
 */

/** What is asked of a connection: of `node:net`, and of the `ws` package upon it. */
export interface Arriving {
  readonly socket: { on(event: "data", listener: (chunk: Uint8Array) => void): unknown };
  readonly ws: {
    on(event: "message" | "close", listener: () => void): unknown;
    terminate(): void;
  };
}

/** Of one listener. */
export class Arrivals {
  readonly #maxBytes: number;
  #clients = 0;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Watches a connection until it is closed. */
  watch({ socket, ws }: Arriving): void {
    let own = 0;
    const count = (bytes: number): void => {
      this.#bytes += bytes - own;
      own = bytes;
    };
    this.#clients++;
    socket.on("data", ({ length }) => {
      count(own + length);
      if (this.#bytes > this.#maxBytes && own > this.#maxBytes / this.#clients) ws.terminate();
    });
    ws.on("message", () => count(0));
    ws.on("close", () => {
      this.#clients--;
      count(0);
    });
  }
}
