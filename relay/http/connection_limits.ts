/**
 * What a connection may cost, the same on every port: how many there may be, how long a handshake and the head of a first
 * request may take together, and how long one that takes nothing is kept (`deaf_connections.ts`). None waits to be sent to.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { Server, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { cutDeaf, DEAF_MS } from "./deaf_connections.ts";

/** A client has so long to shake hands and send its first request's head, and for the head of each that follows. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** In that time it is looked at so often whether it is over. */
export const LOOKS = 4;
/** An idle connection is kept so long for a next request. */
export const KEEP_ALIVE_MS = 60_000;
/** Connections of one port; one more is closed at once. */
const MAX_CONNECTIONS = 4096;
/** What is said goes out so long before the connection is cut. */
const FAREWELL_MS = 1_000;
const TOO_SLOW = "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/** What a port holds its clients to; tests wait less. */
export interface ConnectionLimits {
  readonly maxConnections?: number;
  readonly headersTimeoutMs?: number;
  readonly keepAliveMs?: number;
  readonly deafMs?: number;
}

/** Holds a server to the limits. Returns its connections: of a TLS port those that have shaken hands. */
export function limitConnections(
  server: Server,
  {
    maxConnections = MAX_CONNECTIONS,
    headersTimeoutMs = HEADERS_TIMEOUT_MS,
    deafMs = DEAF_MS,
  }: ConnectionLimits = {},
): ReadonlySet<Socket> {
  let count = 0;
  const open = new Set<Socket>();
  server.on("listening", () => {
    const cutting = cutDeaf(open, deafMs);
    server.on("close", () => cutting[Symbol.dispose]());
  });
  /** By peer: the two ends of a handshake are different objects of one. */
  const waiting = new Map<string, { socket: Socket; timer: ReturnType<typeof setTimeout> }>();

  server.on("connection", (socket: Socket) => {
    if (count >= maxConnections) return void socket.destroy();
    count++;
    socket.setNoDelay(true); // the end of a picture does not wait until the one before is acknowledged
    socket.setKeepAlive(true, KEEP_ALIVE_MS); // half-open connections that are owed nothing are found out
    const peer = peerOf(socket);
    const timer = setTimeout(() => giveUp(peer), headersTimeoutMs);
    waiting.set(peer, { socket, timer });
    ready(socket);
    socket.on("close", () => {
      count--;
      settle(peer);
    });
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    const known = waiting.get(peerOf(socket));
    if (known) known.socket = socket;
    ready(socket);
  });
  for (const event of ["request", "upgrade"]) {
    server.on(event, (request: IncomingMessage) => settle(peerOf(request.socket)));
  }

  function ready(socket: Socket): void {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  }

  function settle(peer: string): void {
    clearTimeout(waiting.get(peer)?.timer);
    waiting.delete(peer);
  }

  function giveUp(peer: string): void {
    const socket = waiting.get(peer)?.socket;
    waiting.delete(peer);
    if (!socket) return;
    const speaksHttp1 = socket instanceof TLSSocket ? socket.alpnProtocol !== "h2" : !isTls(server);
    if (!speaksHttp1) return void socket.destroy(); // no handshake, or another protocol
    socket.end(TOO_SLOW);
    setTimeout(() => socket.destroy(), FAREWELL_MS);
  }

  return open;
}

function isTls(server: Server): boolean {
  return "setSecureContext" in server;
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
