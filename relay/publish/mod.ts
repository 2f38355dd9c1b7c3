/**
 * The ways in below `/publish/` (contract §6): a body over HTTP, and a WebSocket. Both bring the same bytes to the same
 * place.
 *
 * @module
 */

import type { RouteDescription } from "../api/route.ts";
import { publishByHttp, type PublishRequest } from "./http.ts";
import type { PublishContext } from "./refusals.ts";
import { openPublishSockets, type PublishUpgrade } from "./websocket.ts";

/** What is behind `/publish/{name}`. */
export interface Publishing {
  readonly prefix: "/publish/";
  readonly routes: readonly RouteDescription[];
  request(what: PublishRequest): void;
  upgrade(what: PublishUpgrade): void;
  /** Ends all publishers' sockets, because the relay stops. */
  close(reason: string): void;
}

/** Opens them. */
export function openPublishing(context: PublishContext): Publishing {
  const sockets = openPublishSockets(context);
  return {
    prefix: "/publish/",
    routes: ROUTES,
    request: (what) => publishByHttp(context, what),
    upgrade: sockets.upgrade,
    close: sockets.close,
  };
}

const QUERY = { replace: "1: take the place of whoever publishes it now." };
const ROUTES: readonly RouteDescription[] = [
  ...(["POST", "PUT"] as const).map((method): RouteDescription => ({
    method,
    path: "/publish/{name}",
    right: "publish",
    summary:
      "Brings a stream: MPEG-TS, H.264, H.265 or fragmented MP4, told apart by its first bytes.",
    query: QUERY,
    body: { type: "application/octet-stream" },
    answers: { 200: { description: "The body has ended.", content: { schema: "Published" } } },
    problems: [400, 403, 408, 409, 415, 503],
  })),
  {
    method: "GET",
    path: "/publish/{name}",
    right: "publish",
    summary: "The same by a WebSocket: the bytes as binary messages, cut anywhere.",
    query: QUERY,
    answers: { 101: { description: "A WebSocket." } },
    problems: [405],
  },
];
