/**
 * WebTransport with hubs behind it that a test feeds, and the API route that hands out tickets; nothing else of a relay.
 *
 * @module
 */

import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import {
  openShortLivedCertificate,
  type ShortLivedCertificate,
} from "../../relay/certificates/short_lived.ts";
import {
  openWebTransport,
  type RunningWebTransport,
  type WebTransportOptions,
} from "../../relay/deliveries/webtransport.ts";
import { mount } from "../../relay/api/mount.ts";
import { webTransportRoute } from "../../relay/http/webtransport_api.ts";
import { Hub } from "../../relay/hub/hub.ts";
import { Log } from "../../relay/log.ts";

const LOOPBACK = "127.0.0.1";

/** How it is started. */
export interface WebTransportServerOptions
  extends Pick<WebTransportOptions, "maxSessions" | "maxStrangers"> {
  readonly certificateLifeMs?: number;
  /** Where sessions come in; by default the loopback's address. */
  readonly hostname?: string;
  /** Where viewers are told to come to, if they reach it by another address. */
  readonly reachedAt?: string;
}

/** A running server. */
export class WebTransportServer implements AsyncDisposable {
  /** Without a slash at the end; over plain HTTP. */
  readonly url: string;
  readonly log: readonly string[];
  readonly transport: RunningWebTransport;
  readonly certificate: ShortLivedCertificate;
  /** What viewers are told to come to, if not the server's own port. */
  offeredPort: number | undefined;
  readonly #hubs: ReadonlyMap<string, Hub>;
  readonly #owned: AsyncDisposableStack;

  private constructor(
    parts: Pick<WebTransportServer, "url" | "log" | "transport" | "certificate">,
    { hubs, owned }: {
      readonly hubs: ReadonlyMap<string, Hub>;
      readonly owned: AsyncDisposableStack;
    },
  ) {
    this.url = parts.url;
    this.log = parts.log;
    this.transport = parts.transport;
    this.certificate = parts.certificate;
    this.#hubs = hubs;
    this.#owned = owned;
  }

  /** Starts with streams of these names. */
  static async start(
    names: readonly string[],
    { certificateLifeMs, hostname = LOOPBACK, reachedAt, ...limits }: WebTransportServerOptions =
      {},
  ): Promise<WebTransportServer> {
    await using owned = new AsyncDisposableStack();
    const lines: string[] = [];
    const log = new Log({ level: "debug", format: "text", write: (line) => void lines.push(line) });
    const hubs = new Map(names.map((name) => [name, new Hub()]));
    const streams = {
      get: (name: string) => {
        const hub = hubs.get(name);
        return hub && { name, hub, offline: undefined };
      },
    };
    const certificate = owned.use(
      await openShortLivedCertificate({
        log,
        ...(certificateLifeMs === undefined ? {} : { lifeMs: certificateLifeMs }),
      }),
    );
    const address = { hostname, port: 0 };
    const transport = owned.use(
      openWebTransport({ address, certificate, streams, log, ...limits }),
    );
    const started: { server?: WebTransportServer } = {};
    const route = webTransportRoute({
      offers: Promise.resolve({
        get port(): number {
          return started.server?.offeredPort ?? transport.port;
        },
        tickets: transport.tickets,
        hashes: () => certificate.hashes,
      }),
      streams,
      url: reachedAt === undefined ? undefined : new URL(`https://${reachedAt}`),
    });
    const app = mount([route], undefined);
    const server = createServer(getRequestListener(app.fetch));
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
    owned.defer(() => new Promise((resolve) => server.close(() => resolve())));
    const at = server.address();
    const port = typeof at === "object" && at ? at.port : 0;
    const parts = { url: `http://${LOOPBACK}:${port}`, log: lines, transport, certificate };
    started.server = new WebTransportServer(parts, { hubs, owned: owned.move() });
    return started.server;
  }

  /** @throws when there is no stream of that name. */
  hub(name: string): Hub {
    const hub = this.#hubs.get(name);
    if (!hub) throw new Error(`There is no stream ${name}.`);
    return hub;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}
