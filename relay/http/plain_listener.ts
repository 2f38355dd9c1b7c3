/**
 * The plain port: HTTP/1.1 and WebSocket upgrades by `node:http`. What is asked for is the routes' business.
 *
 * @module
 */

import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  type ConnectionLimits,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  limitConnections,
  LOOKS,
} from "./connection_limits.ts";
import { bind, closeServer, type ListenAddress, type RunningListener } from "./listener.ts";
import type { Routes } from "./routing.ts";

/** How a port is held. */
export interface PlainOptions extends ConnectionLimits {
  /** How its address is chosen, for sentences; `--listen` if not given. */
  readonly option?: string;
}

/**
 * Listens.
 * @throws {ListenError} when the address cannot be had.
 */
export async function listenPlain(
  routes: Routes,
  address: ListenAddress,
  { option = "--listen", ...limits }: PlainOptions = {},
): Promise<RunningListener> {
  /** Sockets that are no longer the server's own to close. */
  const upgraded = new Set<Duplex>();
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS } = limits;
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: Math.ceil(headersTimeoutMs / LOOKS),
    requestTimeout: 0, // a publisher's body has no end
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Which the types do not know yet. Other offers, `h2c` among them, are passed over (RFC 9110 §7.8).
    ...{ shouldUpgradeCallback: wantsWebSocket },
  }, (request, response) => routes.request(request, response));
  limitConnections(server, limits);
  server.on("upgrade", (request, socket, head) => {
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy()); // a peer that is gone
    routes.upgrade(request, socket, head);
  });
  const given = await bind(server, address, option);
  return {
    address: given,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = closeServer(server, upgraded);
      server.closeAllConnections();
      await closed;
    },
  };
}

function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return /\bwebsocket\b/i.test(headers.upgrade ?? "");
}
