/**
 * A viewer of gopro-stream's: a WebSocket that keeps its messages, as the original's page appends them.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

/** A connected viewer, or gateway. */
export class SegmentClient implements AsyncDisposable {
  /** Binary messages. */
  readonly segments: Bytes[] = [];
  readonly texts: string[] = [];
  readonly closed: Promise<CloseEvent>;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") this.texts.push(data);
      else this.segments.push(new Uint8Array(data));
    };
    this.closed = new Promise((resolve) => socket.onclose = resolve);
  }

  /** @throws when it is not let in. */
  static async open(url: string): Promise<SegmentClient> {
    const socket = new WebSocket(url.replace(/^http/, "ws"));
    const client = new SegmentClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`${url} cannot be opened.`));
    });
    return client;
  }

  send(message: Bytes | string): void {
    this.#socket.send(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close();
    await this.closed;
  }
}
