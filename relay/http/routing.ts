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
import type { Problem } from "../../shared/api.ts";
import { IN_AAC, type LivePath, splitLivePath } from "../../shared/stream_name.ts";
import type { Delivery, Stream } from "../deliveries/delivery.ts";
import { sendProblem } from "../deliveries/problem.ts";
import { type Alias, readAlias } from "./aliases.ts";
import { noSuch, wrongMethod } from "../api/problems.ts";
import type { RouteDescription } from "../api/route.ts";
import { MISDIRECTED, namesTwoHosts, TWO_HOSTS } from "./hosts.ts";
import type { Log } from "../log.ts";
import { logRequest } from "./request_log.ts";

const LIVE = "/live/";
const METHODS = "GET, HEAD, OPTIONS";

/** Pages of any origin may read media and why there are none (contract §8): whoever may watch, may from there; no cookie counts. */
const ANY_ORIGIN = [
  ["access-control-allow-origin", "*"],
  ["access-control-expose-headers", "*"],
  ["cross-origin-resource-policy", "cross-origin"],
] as const;
/** What a browser asks before a request that a plain link could not make (Fetch §4.8). */
const PREFLIGHT = {
  "allow": METHODS,
  "access-control-allow-methods": METHODS,
  "access-control-allow-headers": "*",
  "access-control-max-age": "86400",
} as const;

/** Addresses below one prefix whose bodies and sockets are media: taken before hono sees them. */
export interface Side {
  /** Begins and ends with a slash. */
  readonly prefix: string;
  /** What the API's document says of them; who may is the side's own to find out. */
  readonly routes: readonly RouteDescription[];
  /** @param what `name` is what stands after the prefix. */
  request(what: SideRequest & { readonly response: ServerResponse }): void;
  upgrade(what: SideRequest & { readonly socket: Duplex; readonly head: Uint8Array }): void;
  /** Ends every session with a reason, because the relay stops. */
  close?(reason: string): void;
}

/** What a {@link Side} is asked. */
export interface SideRequest {
  readonly request: IncomingMessage;
  readonly name: string;
  readonly query: URLSearchParams;
}

/** What the routes lead to. */
export interface RoutingOptions {
  readonly app: Hono;
  readonly streams: { get(name: string): Stream | undefined };
  /** Name of the stream that is meant where an address names none. */
  readonly first?: () => string | undefined;
  readonly deliveries: readonly Delivery[];
  readonly sides?: readonly Side[];
  /** Whether a request with this `Host` is answered; all are by default. */
  readonly answers?: (host: string | undefined) => boolean;
  readonly log?: Log;
  /** Path below which a proxy may leave requests; begins and ends with a slash. */
  readonly base?: string;
}

/** What a listener hands on. */
export interface Routes {
  /** Answers a request. */
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Takes over, or refuses, a connection that asks to become another protocol. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void;
}

/** Joins the ways in with what they lead to. */
export function routing(options: RoutingOptions): Routes {
  const { app, streams, deliveries, sides = [], answers = () => true, base = "/", log } = options;
  const first = options.first ?? (() => undefined);
  const listener = getRequestListener(app.fetch);
  const byResource = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    byResource.set(delivery.resource, delivery);
    if (delivery.folder !== undefined) byResource.set(delivery.folder, delivery);
  }

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (log) logRequest(log, { request, response });
    if (namesTwoHosts(request.rawHeaders)) return sendProblem(response, TWO_HOSTS);
    if (!answers(hostOf(request))) return sendProblem(response, MISDIRECTED);
    leaveBase(request, base);
    const side = sideOf(request);
    if (side) return side.to.request({ request, response, ...side.what });
    const live = targetOf(request);
    if (live?.resource === undefined) return void listener(request, response);
    for (const [name, value] of ANY_ORIGIN) response.setHeader(name, value);
    const delivery = byResource.get(live.resource);
    if (!delivery) return sendProblem(response, notBuilt(live.resource));
    if (live.name === undefined) return sendProblem(response, NO_STREAM_NAMED);
    const stream = streams.get(live.name);
    if (!stream) return sendProblem(response, noSuch("stream", live.name));
    if (!delivery.request) {
      // HTTP/2 knows no such header: RFC 9113 §8.2.2.
      const headers = request.httpVersionMajor === 1
        ? { connection: "upgrade, close", upgrade: "websocket" } // RFC 9110 §7.8 wants both
        : {};
      return sendProblem(response, upgradeRequired(live.resource), headers);
    }
    if (request.method === "OPTIONS") return void response.writeHead(204, PREFLIGHT).end();
    if (request.method !== "GET" && request.method !== "HEAD") {
      return sendProblem(response, wrongMethod(request.method ?? "", METHODS), { allow: METHODS });
    }
    if (live.location !== undefined) return sendElsewhere(response, live.location);
    const { file } = live;
    delivery.request({ request, response, stream, ...(file === undefined ? {} : { file }) });
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    if (namesTwoHosts(request.rawHeaders)) return refuse(socket, "400 Bad Request", TWO_HOSTS);
    if (!answers(hostOf(request))) return refuse(socket, "421 Misdirected Request");
    leaveBase(request, base);
    const side = sideOf(request);
    if (side) return side.to.upgrade({ request, socket, head, ...side.what });
    const live = targetOf(request);
    const delivery = byResource.get(live?.resource ?? "");
    if (!live || !delivery?.upgrade) {
      return refuse(socket, "404 Not Found");
    }
    const { name } = live;
    const stream = name === undefined ? undefined : streams.get(name);
    // Clients of other relays know none of our close codes: they are told before they are connected.
    if (live.alias && !stream) {
      const problem = name === undefined ? NO_STREAM_NAMED : noSuch("stream", name);
      return refuse(socket, "404 Not Found", problem);
    }
    if (name === undefined) return;
    const inAac = (): Stream | undefined => streams.get(`${name}${IN_AAC}`);
    delivery.upgrade({ request, socket, head, name, stream, inAac });
  }

  function sideOf(
    request: IncomingMessage,
  ): { to: Side; what: Omit<SideRequest, "request"> } | undefined {
    const to = sides.find(({ prefix }) => request.url?.startsWith(prefix));
    const url = to && urlOf(request);
    if (!url || !url.path.startsWith(to.prefix)) return undefined;
    return { to, what: { name: url.path.slice(to.prefix.length), query: url.query } };
  }

  function targetOf(request: IncomingMessage): Target | undefined {
    const url = urlOf(request);
    if (url === undefined) return undefined;
    const { path, query } = url;
    if (path.startsWith(LIVE)) return { ...splitLivePath(path.slice(LIVE.length)), alias: false };
    const alias = readAlias(path, { query, first });
    return alias && { ...alias, alias: true };
  }

  return { request: onRequest, upgrade: onUpgrade };
}

/** What a request is for. */
type Target =
  | LivePath & { readonly alias: false; readonly location?: undefined }
  | Alias & { readonly alias: true; readonly file?: undefined };

function refuse(socket: Duplex, status: string, problem?: Problem): void {
  const body = problem ? JSON.stringify(problem) : "";
  const type = problem ? "content-type: application/problem+json\r\n" : "";
  const length = new TextEncoder().encode(body).length;
  socket.end(
    `HTTP/1.1 ${status}\r\n${type}connection: close\r\ncontent-length: ${length}\r\n\r\n${body}`,
  );
}

function sendElsewhere(response: ServerResponse, location: string): void {
  response.writeHead(302, {
    location,
    "cache-control": "no-store",
    "content-length": "0",
  });
  response.end();
}

/** `Host`, or what HTTP/2 has in its place. */
function hostOf({ headers }: IncomingMessage): string | undefined {
  const authority = headers[":authority"];
  return typeof authority === "string" ? authority : headers.host;
}

/** Some proxies take their own path off before they hand on, some leave it. */
function leaveBase(request: IncomingMessage, base: string): void {
  if (base === "/") return;
  const { url = "/" } = request;
  if (url.startsWith(base)) request.url = url.slice(base.length - 1);
  else if (url === base.slice(0, -1)) request.url = "/";
}

/** A target that is no URL is a request for nothing. */
function urlOf(
  request: IncomingMessage,
): { readonly path: string; readonly query: URLSearchParams } | undefined {
  try {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://relay");
    return { path: decodeURIComponent(pathname), query: searchParams };
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return undefined;
    throw error;
  }
}

const NO_STREAM_NAMED: Problem = {
  type: "/problems/no-such-stream",
  title: "No such stream",
  status: 404,
  detail: "No stream is named: add ?src=NAME; /api/streams lists those there are.",
};

function notBuilt(resource: string): Problem {
  return {
    type: "/problems/no-such-resource",
    title: "No such resource",
    status: 404,
    detail: `This relay does not serve ${resource}.`,
  };
}

function upgradeRequired(resource: string): Problem {
  return {
    type: "/problems/upgrade-required",
    title: "WebSocket expected",
    status: 426,
    detail: `${resource} is a WebSocket: open it with a ws:// address.`,
  };
}
