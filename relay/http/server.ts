/**
 * The plain port: `node:http`, with hono for pages and API, and media beside it. Streams' resources are handed
 * to their deliveries before hono sees them: a response body or socket of video wants no middleware.
 *
 * @module
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { splitLivePath } from "../../shared/stream_name.ts";
import type { Delivery, Stream } from "../deliveries/delivery.ts";
import { sendProblem } from "../deliveries/problem.ts";
import { noSuchStream } from "./api.ts";

/** A client has so long to send its request's head. */
const HEADERS_TIMEOUT_MS = 10_000;
/** Viewers have so long to take their farewell when the relay stops. */
const FAREWELL_MS = 1_000;
const LIVE = "/live/";

/** What the server joins. */
export interface ServerOptions {
  readonly app: Hono;
  readonly streams: { get(name: string): Stream | undefined };
  readonly deliveries: readonly Delivery[];
}

/** Where the relay listens. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

/** The address that was asked for cannot be had; `message` is a sentence. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** A running server. */
export interface RunningServer extends AsyncDisposable {
  /** With the port that was given, if 0 was asked for. */
  readonly address: ListenAddress;
}

/** A target that is no URL is a request for nothing. */
function pathOf(request: IncomingMessage): string | undefined {
  try {
    return decodeURIComponent(new URL(request.url ?? "/", "http://relay").pathname);
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return undefined;
    throw error;
  }
}

/**
 * Builds the server; it does not listen yet.
 * @param upgraded kept up to date: sockets that are no longer the server's own to close.
 */
function build({ app, streams, deliveries }: ServerOptions, upgraded: Set<Duplex>): Server {
  const listener = getRequestListener(app.fetch);
  const byResource = new Map(deliveries.map((delivery) => [delivery.resource, delivery]));

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request);
    const live = path?.startsWith(LIVE) ? splitLivePath(path.slice(LIVE.length)) : undefined;
    if (live?.resource === undefined) return void listener(request, response);
    const delivery = byResource.get(live.resource);
    const stream = streams.get(live.name);
    if (!delivery) return sendProblem(response, notBuilt(live.resource));
    if (!stream) return sendProblem(response, noSuchStream(live.name));
    if (!delivery.request) {
      return sendProblem(response, upgradeRequired(live.resource), { upgrade: "websocket" });
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return sendProblem(response, wrongMethod(request.method ?? ""), { allow: "GET, HEAD" });
    }
    delivery.request({ request, response, stream });
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy()); // a peer that is gone
    const path = pathOf(request);
    const live = path?.startsWith(LIVE) ? splitLivePath(path.slice(LIVE.length)) : undefined;
    const delivery = byResource.get(live?.resource ?? "");
    if (!live || !delivery?.upgrade) {
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    delivery.upgrade({ request, socket, head, name: live.name, stream: streams.get(live.name) });
  }

  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: 0,
    noDelay: true,
  }, onRequest);
  server.on("upgrade", onUpgrade);
  return server;
}

/**
 * Listens.
 * @throws {ListenError} when the address cannot be had.
 */
export async function listen(
  options: ServerOptions,
  address: ListenAddress,
): Promise<RunningServer> {
  const upgraded = new Set<Duplex>();
  const server = build(options, upgraded);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once(
    "error",
    (error: NodeJS.ErrnoException) => reject(new ListenError(explain(error, address))),
  );
  server.listen(address.port, address.hostname, resolve);
  await promise;
  const given = server.address();
  return {
    address: {
      hostname: address.hostname,
      port: typeof given === "object" && given ? given.port : address.port,
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const delivery of options.deliveries) delivery.close?.("the relay stops");
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      // One that reads nothing never answers the farewell.
      const patience = setTimeout(() => {
        for (const socket of upgraded) socket.destroy();
      }, FAREWELL_MS);
      await closed;
      clearTimeout(patience);
    },
  };
}

function explain(error: NodeJS.ErrnoException, { hostname, port }: ListenAddress): string {
  const where = `${hostname}:${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} is taken: another program listens on ${where}; choose another with --listen HOST:PORT`;
    case "EACCES":
      return `this user may not listen on ${where}; choose a port above 1023 with --listen HOST:PORT`;
    case "EADDRNOTAVAIL":
    case "EINVAL": // what Deno's node:http says of it
    case "ENOTFOUND":
      return `this machine has no address ${hostname}; choose one of its own, or 0.0.0.0, with --listen HOST:PORT`;
    default:
      return `cannot listen on ${where}: ${error.message}`;
  }
}

function notBuilt(resource: string): Parameters<typeof sendProblem>[1] {
  return {
    type: "/problems/no-such-resource",
    title: "No such resource",
    status: 404,
    detail: `This relay does not serve ${resource}; ws, stream.mp4 and frame.mp4 are there.`,
  };
}

function upgradeRequired(resource: string): Parameters<typeof sendProblem>[1] {
  return {
    type: "/problems/upgrade-required",
    title: "WebSocket expected",
    status: 426,
    detail: `${resource} is a WebSocket: open it with a ws:// address.`,
  };
}

function wrongMethod(method: string): Parameters<typeof sendProblem>[1] {
  return {
    type: "/problems/method-not-allowed",
    title: "Method not allowed",
    status: 405,
    detail: `${method} means nothing here; use GET.`,
  };
}
