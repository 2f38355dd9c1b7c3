/**
 * The relay server that vw's destinations lead to: takes WebSockets, asks for a token if it is told to, keeps what comes.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { type Bytes, concatBytes } from "../../shared/bytes.ts";

/** A message as it came. */
export interface FarMessage {
  readonly bytes: Bytes;
  readonly isText: boolean;
  /** Milliseconds. */
  readonly at: number;
  /** Of the address that it came to. */
  readonly path: string;
}

/** A running server. */
export class FarEnd implements AsyncDisposable {
  readonly messages: FarMessage[] = [];
  /** Tokens that were said. */
  readonly tokens: string[] = [];
  readonly url: string;
  connections = 0;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<WebSocket>();

  private constructor(server: ReturnType<typeof createServer>, port: number) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${port}`;
  }

  /** @param token the one that is taken; none is asked for where it is not given. */
  static async start(token?: string): Promise<FarEnd> {
    const server = createServer();
    const { promise, resolve } = Promise.withResolvers<number>();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
    const far = new FarEnd(server, await promise);
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    sockets.on("connection", (ws, request) => far.#accept(ws, { path: request.url ?? "", token }));
    return far;
  }

  /** All binary messages, one after the other. */
  get bytes(): Bytes {
    return concatBytes(this.messages.map(({ bytes }) => bytes));
  }

  get length(): number {
    return this.messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  get texts(): string[] {
    return this.messages.filter(({ isText }) => isText)
      .map(({ bytes }) => new TextDecoder().decode(bytes));
  }

  /** To whoever is connected. */
  send(message: string | Bytes): void {
    for (const ws of this.#sockets) ws.send(message);
  }

  /** Reads nothing any more. */
  pause(): void {
    for (const ws of this.#sockets) ws.pause();
  }

  /** Closes all connections; new ones are taken. */
  disconnect(): void {
    for (const ws of this.#sockets) ws.close(1000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ws of this.#sockets) ws.terminate();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(
    ws: WebSocket,
    { path, token }: { readonly path: string; readonly token: string | undefined },
  ): void {
    let authorised = token === undefined;
    this.connections++;
    this.#sockets.add(ws);
    ws.on("close", () => this.#sockets.delete(ws));
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      if (authorised) {
        const at = performance.now();
        this.messages.push({ bytes: new Uint8Array(data), isText: !isBinary, at, path });
        return;
      }
      this.tokens.push(data.toString());
      authorised = data.toString() === token;
      ws.send(
        JSON.stringify(authorised ? { authorised } : { authorised, reason: "token expired" }),
      );
    });
  }
}
