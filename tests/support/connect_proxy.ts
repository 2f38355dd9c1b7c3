/**
 * An HTTP proxy that makes tunnels (RFC 9110 §9.3.6), and keeps what it was asked. For tests of programs that stand behind
 * one.
 *
 * @module
 */

import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** A running proxy. */
export class ConnectProxy implements AsyncDisposable {
  /** Targets it was asked for. */
  readonly asked: string[] = [];
  /** What `Proxy-Authorization` said. */
  readonly authorizations: (string | undefined)[] = [];
  /** Answers with this status line's end instead, for example `407 Proxy Authentication Required`. */
  refusal: string | undefined;
  readonly #server = createServer();
  readonly #sockets = new Set<Duplex>();

  private constructor() {
    this.#server.on("connect", (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
      this.#tunnel(request, socket, head);
    });
  }

  static async start(): Promise<ConnectProxy> {
    const proxy = new ConnectProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", () => resolve()));
    return proxy;
  }

  /** `http://HOST:PORT` */
  get url(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("It does not listen.");
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #tunnel(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const target = request.url ?? "";
    this.asked.push(target);
    this.authorizations.push(request.headers["proxy-authorization"]);
    this.#sockets.add(socket);
    if (this.refusal !== undefined) {
      socket.end(`HTTP/1.1 ${this.refusal}\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${target}`);
    const upstream = connect(Number(port || 80), hostname, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(socket);
      socket.pipe(upstream);
    });
    this.#sockets.add(upstream);
    for (const end of [socket, upstream]) {
      end.on("error", () => {
        socket.destroy();
        upstream.destroy();
      });
    }
  }
}
