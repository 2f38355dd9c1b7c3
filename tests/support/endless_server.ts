/**
 * A server whose streams never end: the same bytes again and again, as a body and as a WebSocket's messages. Whatever
 * else it is asked, `answer` says.
 *
 * @module
 */

import { join } from "node:path";
import { tsPackets } from "./gopro_datagrams.ts";
import { loopbackIdentity } from "./loopback_identity.ts";

/** How it is. */
export interface EndlessServerOptions {
  readonly tls?: boolean;
  /** Between two pieces, ms. */
  readonly paceMs?: number;
  /** Asked first. */
  answer?(request: Request): Response | undefined;
}

/** Serves until it is disposed of. */
export class EndlessServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Of the authority's file; absent without TLS. */
  readonly #authority: string | undefined;
  readonly #folder: string;
  readonly #sockets = new Set<WebSocket>();
  readonly #paceMs: number;

  private constructor(
    options: EndlessServerOptions,
    { folder, identity }: {
      readonly folder: string;
      readonly identity: Awaited<ReturnType<typeof loopbackIdentity>> | undefined;
    },
  ) {
    this.#folder = folder;
    this.#authority = identity && join(folder, "authority.pem");
    this.#paceMs = options.paceMs ?? 2;
    this.#server = Deno.serve(
      {
        hostname: "127.0.0.1",
        port: 0,
        onListen: () => undefined,
        ...(identity ? { cert: identity.server.certificate, key: identity.server.key } : {}),
      },
      (request) => options.answer?.(request) ?? this.#stream(request),
    );
  }

  static async start(options: EndlessServerOptions = {}): Promise<EndlessServer> {
    const folder = await Deno.makeTempDir({ prefix: "rill-endless-" });
    const identity = options.tls ? await loopbackIdentity() : undefined;
    if (identity) await Deno.writeTextFile(join(folder, "authority.pem"), identity.authority);
    return new EndlessServer(options, { folder, identity });
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** As a source is written. */
  source(scheme: string, path = "/endless"): string {
    const trust = this.#authority === undefined ? "" : `#ca=${this.#authority}`;
    return `${scheme}://${this.host}${path}${trust}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await this.#server.shutdown();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #stream(request: Request): Response {
    const bytes = tsPackets(7, 1);
    if (request.headers.get("upgrade") === "websocket") {
      const { socket, response } = Deno.upgradeWebSocket(request);
      this.#sockets.add(socket);
      const timer = setInterval(() => {
        if (socket.readyState === WebSocket.OPEN) socket.send(bytes.slice());
      }, this.#paceMs);
      socket.onclose = () => {
        clearInterval(timer);
        this.#sockets.delete(socket);
      };
      return response;
    }
    let timer: ReturnType<typeof setInterval>;
    return new Response(
      new ReadableStream({
        start: (controller) => {
          timer = setInterval(() => controller.enqueue(bytes.slice()), this.#paceMs);
        },
        cancel: () => clearInterval(timer),
      }),
      { headers: { "content-type": "video/mp2t" } },
    );
  }
}
