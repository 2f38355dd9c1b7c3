/**
 * Joins WebTransport's parts: its certificate, its port, what its API route answers from. On the number of the TLS
 * port over UDP, and off with it.
 *
 * @module
 */

import type { Config } from "./config.ts";
import type { Stream } from "./deliveries/delivery.ts";
import { openWebTransport } from "./deliveries/webtransport.ts";
import { ListenError } from "./http/listener.ts";
import type { RunningServer } from "./http/server.ts";
import type { WebTransportOffers } from "./http/webtransport_api.ts";
import type { Log } from "./log.ts";

/** What it is started with. */
export interface WebTransportParts {
  readonly server: RunningServer;
  readonly streams: { get(name: string): Stream | undefined };
  readonly log: Log;
  /** Of its certificates, where a soak wants many of them. */
  readonly certificateLifeMs?: number;
}

/** It runs. */
export interface OpenWebTransport extends WebTransportOffers, AsyncDisposable {
  /** Sessions in all. */
  readonly sessions: number;
  /** Ends all sessions; viewers that are told of it come again. */
  endSessions(reason: string): Promise<void>;
}

/**
 * Starts WebTransport; `undefined` when it is off, or when a port that nobody asked for is taken.
 * @throws {ListenError} when the port that was asked for cannot be had.
 */
export async function startWebTransport(
  { tls, listenTls, listenTlsIsDefault }: Config,
  { server, streams, log, certificateLifeMs }: WebTransportParts,
): Promise<OpenWebTransport | undefined> {
  if (tls.kind === "off") return undefined;
  await using undo = new AsyncDisposableStack();
  // Only here: it brings the packages that make certificates.
  const { openShortLivedCertificate } = await import("./certificates/short_lived.ts");
  const certificate = undo.use(
    await openShortLivedCertificate({
      log,
      ...(certificateLifeMs === undefined ? {} : { lifeMs: certificateLifeMs }),
    }),
  );
  // Any port that is free is asked for without leave to have the other's number.
  const port = listenTls.port === 0 ? 0 : server.tls?.port ?? listenTls.port;
  const address = { hostname: listenTls.hostname, port };
  try {
    const running = undo.use(openWebTransport({ address, certificate, streams, log }));
    const open = undo.move();
    if (running.port !== server.tls?.port) { // else whoever opens a firewall knows it
      log.info(`WebTransport sessions come in on UDP port ${running.port}`);
    }
    return {
      port: running.port,
      tickets: running.tickets,
      hashes: () => certificate.hashes,
      endSessions: (reason) => running.endSessions(reason),
      get sessions(): number {
        return running.sessions;
      },
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    };
  } catch (error) {
    if (
      !(error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.AddrNotAvailable)
    ) {
      throw error;
    }
    const reason = `UDP port ${address.port} of ${address.hostname} cannot be had for WebTransport`;
    if (!listenTlsIsDefault) {
      throw new ListenError(`${reason}; choose another with --listen-tls HOST:PORT`);
    }
    log.warn(`no WebTransport: ${reason}; the WebSocket carries everything`);
    return undefined;
  }
}
