/**
 * A destination that cannot be relied on: takes WebSockets and bodies for a moment and then closes them, cuts them, reads
 * nothing more of them, or says no; and is not there at all in between.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

/** What becomes of a connection, in turn. */
const FATES = ["closed", "cut", "stuck", "refused", "garbled"] as const;
type Fate = (typeof FATES)[number];

/** For so long a connection is taken, ms. */
const TAKEN_MS = 700;
/** There and away, ms. */
const THERE_MS = 6_000;
const AWAY_MS = 1_500;

/** Flaps until it is disposed of. */
export class FlappingReceiver implements AsyncDisposable {
  readonly port: number;
  /** Connections so far, by what became of them. */
  readonly fates: Record<Fate, number> = { closed: 0, cut: 0, stuck: 0, refused: 0, garbled: 0 };
  /** Bytes of media it took. */
  bytes = 0;
  readonly #sockets = new Set<Duplex>();
  readonly #upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #flaps: ReturnType<typeof setTimeout>[] = [];
  #server: Server | undefined;
  #next = 0;

  constructor(port: number) {
    this.port = port;
    this.#come();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#flaps) clearTimeout(timer);
    await this.#go();
  }

  #come(): void {
    const server = createServer((request, response) => this.#body(request, response));
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, { socket, head }));
    server.on("connection", (socket: Duplex) => {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.listen(this.port, "127.0.0.1");
    this.#server = server;
    this.#later(
      THERE_MS,
      () => void this.#go().then(() => this.#later(AWAY_MS, () => this.#come())),
    );
  }

  async #go(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) =>
      server ? server.close(() => resolve()) : resolve()
    );
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #later(ms: number, what: () => void): void {
    this.#flaps.splice(0, Math.max(0, this.#flaps.length - 200));
    this.#flaps.push(setTimeout(what, ms));
  }

  #fate(): Fate {
    const fate = FATES[this.#next++ % FATES.length] ?? "cut";
    this.fates[fate]++;
    return fate;
  }

  #body(request: IncomingMessage, response: ServerResponse): void {
    const fate = this.#fate();
    request.on("error", () => request.destroy());
    if (fate === "refused") {
      response.writeHead(503, { connection: "close" }).end("not now");
      return;
    }
    request.on("data", (bytes: Uint8Array) => void (this.bytes += bytes.length));
    this.#later(TAKEN_MS, () => {
      if (fate === "stuck") request.pause();
      else if (fate === "closed") response.writeHead(200, { connection: "close" }).end();
      else if (fate === "garbled") request.socket.end("this is no HTTP at all\r\n\r\n");
      else request.socket.destroy();
    });
  }

  #upgrade(
    request: IncomingMessage,
    { socket, head }: { readonly socket: Duplex; readonly head: Uint8Array },
  ): void {
    const fate = this.#fate();
    if (fate === "refused") {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    this.#upgrades.handleUpgrade(request, socket, head as Buffer, (ws: WebSocket) => {
      ws.on("error", () => ws.terminate());
      ws.on("message", (data: Uint8Array) => void (this.bytes += data.length));
      this.#later(TAKEN_MS, () => {
        if (fate === "stuck") ws.pause();
        else if (fate === "closed") ws.close(1008, "enough");
        else if (fate === "garbled") socket.write(new Uint8Array(64).fill(0xff));
        else socket.destroy();
      });
    });
  }
}
