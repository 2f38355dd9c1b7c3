/**
 * The TLS port: HTTP/2, HTTP/1.1 and WebSocket upgrades on the same sockets, by `node:http2`, whose certificate is
 * exchanged while it listens. What is asked for is the routes' business.
 *
 * `Deno.listenTls` takes less of the processor (`deno task bench fan-out-tls`), but nobody can set TCP_NODELAY on its
 * connections: the last segment of each picture would wait a round trip for that of the picture before (RFC 896).
 * `Deno.serve` gives no socket whose backlog could be seen.
 *
 * @module
 */

import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { CertificateSource } from "../certificates/certificate_source.ts";
import type { Identity } from "../certificates/x509.ts";
import {
  type ConnectionLimits,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  limitConnections,
} from "./connection_limits.ts";
import { bind, closeServer, type ListenAddress, type RunningListener } from "./listener.ts";
import type { Routes } from "./routing.ts";

/** Streams that one HTTP/2 connection may have open at once: a browser asks for few. */
const MAX_STREAMS = 128;
/** Bytes of headers in one HTTP/2 request. */
const MAX_HEADER_BYTES = 16 * 1024;

/** What the port is made with. */
export interface TlsListenerOptions {
  readonly certificate: CertificateSource;
  readonly limits?: ConnectionLimits;
}

/**
 * Listens.
 * @throws {ListenError} when the address cannot be had.
 */
export async function listenTls(
  routes: Routes,
  address: ListenAddress,
  { certificate, limits }: TlsListenerOptions,
): Promise<RunningListener> {
  /** Sockets that are no longer the server's own to close. */
  const upgraded = new Set<Duplex>();
  const server = createSecureServer({
    ...secrets(certificate.current),
    allowHTTP1: true,
    minVersion: "TLSv1.2",
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES },
  });
  // Of connections that speak HTTP/1.1; the types do not know that this server takes them too.
  Object.assign(server, {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: 0, // a publisher's body has no end
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  const connections = limitConnections(server, limits);
  // The compatibility API has the shape of node:http (its documentation says so; the types are two families).
  server.on("request", (request: Http2ServerRequest, response: Http2ServerResponse) => {
    routes.request(
      request as Http2ServerRequest & IncomingMessage,
      response as Http2ServerResponse & ServerResponse,
    );
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy()); // a peer that is gone
    routes.upgrade(request, socket, head);
  });
  server.on("session", (session) => endWhenIdle(session, limits?.keepAliveMs ?? KEEP_ALIVE_MS));
  server.on("sessionError", () => {}); // the session is gone, and with it its streams
  server.on("tlsClientError", (_error, socket) => socket.destroy()); // no handshake: nobody to tell
  certificate.onRenewed((identity) => server.setSecureContext(secrets(identity)));
  const given = await bind(server, address, "--listen-tls");
  return {
    address: given,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = closeServer(server, upgraded);
      for (const socket of connections) if (!upgraded.has(socket)) socket.destroy();
      await closed;
    },
  };
}

/**
 * Ends an HTTP/2 connection that has had nothing to do for so long after its last stream, as those of HTTP/1.1 are. One
 * that is still owed bytes outlasts this; if it takes none of them it is cut as any other is.
 */
function endWhenIdle(session: ServerHttp2Session, keepAliveMs: number): void {
  let open = 0;
  let patience: ReturnType<typeof setTimeout> | undefined;
  session.on("stream", (stream) => {
    open++;
    clearTimeout(patience);
    stream.on("close", () => {
      if (--open > 0 || session.destroyed) return;
      patience = setTimeout(() => session.destroy(), keepAliveMs);
    });
  });
  session.on("close", () => clearTimeout(patience));
}

function secrets({ certificate, key }: Identity): { cert: string; key: string } {
  return { cert: certificate, key };
}
