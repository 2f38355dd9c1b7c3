/**
 * The ways in below `/publish/` (contract §6): a body over HTTP, and a WebSocket. Both bring the same bytes to the same
 * place.
 *
 * @module
 */

import { publishByHttp, type PublishRequest } from "./http.ts";
import type { PublishContext } from "./refusals.ts";
import { openPublishSockets, type PublishUpgrade } from "./websocket.ts";

/** What is behind `/publish/{name}`. */
export interface Publishing {
  readonly prefix: "/publish/";
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
    request: (what) => publishByHttp(context, what),
    upgrade: sockets.upgrade,
    close: sockets.close,
  };
}
