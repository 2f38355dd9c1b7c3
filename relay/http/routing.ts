/**
 * Which request goes where: streams' resources to their deliveries before hono sees them, since a response body
 * or socket of video wants no middleware, and everything else to hono. Knows no listener: every port shares it.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { splitLivePath } from "../../shared/stream_name.ts";
import type { Delivery, Stream } from "../deliveries/delivery.ts";
import { sendProblem } from "../deliveries/problem.ts";
import { noSuchStream } from "./api.ts";

const LIVE = "/live/";

/** What the routes lead to. */
export interface RoutingOptions {
  readonly app: Hono;
  readonly streams: { get(name: string): Stream | undefined };
  readonly deliveries: readonly Delivery[];
}

/** What a listener hands on. */
export interface Routes {
  /** Answers a request. */
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Takes over, or refuses, a connection that asks to become another protocol. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void;
}

/** Joins the ways in with what they lead to. */
export function routing({ app, streams, deliveries }: RoutingOptions): Routes {
  const listener = getRequestListener(app.fetch);
  const byResource = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    byResource.set(delivery.resource, delivery);
    if (delivery.folder !== undefined) byResource.set(delivery.folder, delivery);
  }

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
    const { file } = live;
    delivery.request({ request, response, stream, ...(file === undefined ? {} : { file }) });
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const path = pathOf(request);
    const live = path?.startsWith(LIVE) ? splitLivePath(path.slice(LIVE.length)) : undefined;
    const delivery = byResource.get(live?.resource ?? "");
    if (!live || !delivery?.upgrade) {
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    delivery.upgrade({ request, socket, head, name: live.name, stream: streams.get(live.name) });
  }

  return { request: onRequest, upgrade: onUpgrade };
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

function notBuilt(resource: string): Parameters<typeof sendProblem>[1] {
  return {
    type: "/problems/no-such-resource",
    title: "No such resource",
    status: 404,
    detail: `This relay does not serve ${resource}.`,
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
