/**
 * The plain port: HTTP/1.1 and WebSocket upgrades by `node:http`. What is asked for is the routes' business.
 *
 * @module
 */

import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { bind, closeServer, type ListenAddress, type RunningListener } from "./listener.ts";
import type { Routes } from "./routing.ts";

/** A client has so long to send its request's head. */
const HEADERS_TIMEOUT_MS = 10_000;

/**
 * Listens.
 * @throws {ListenError} when the address cannot be had.
 */
export async function listenPlain(
  routes: Routes,
  address: ListenAddress,
): Promise<RunningListener> {
  /** Sockets that are no longer the server's own to close. */
  const upgraded = new Set<Duplex>();
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: 0,
    noDelay: true,
  }, (request, response) => routes.request(request, response));
  server.on("upgrade", (request, socket, head) => {
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy()); // a peer that is gone
    routes.upgrade(request, socket, head);
  });
  const given = await bind(server, address, "--listen");
  return {
    address: given,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = closeServer(server, upgraded);
      server.closeAllConnections();
      await closed;
    },
  };
}
