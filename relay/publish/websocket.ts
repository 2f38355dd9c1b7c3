/**
 * WebSocket `/publish/{name}`: the same bytes as binary messages, cut anywhere (contract §6). Text messages are
 * control; those that are not known are ignored.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CLOSE, parseServerMessage } from "../../shared/control.ts";
import { OriginTalk } from "../sources/pull/origin_talk.ts";
import { closeReason, endWhenSilent, openConnections } from "../deliveries/websocket_connection.ts";
import { enter, headersOf, isRefusal, type PublishContext } from "./refusals.ts";

/** A key picture of a large camera, many times over. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** A request to become a publisher's WebSocket. */
export interface PublishUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Uint8Array;
  readonly name: string;
  readonly query: URLSearchParams;
}

/** Publishers' sockets. */
export interface PublishSockets {
  upgrade(what: PublishUpgrade): void;
  /** Ends all of them, because the relay stops. */
  close(reason: string): void;
}

/** Opens the way in. */
export function openPublishSockets(context: PublishContext): PublishSockets {
  const server = openConnections(MAX_MESSAGE_BYTES);

  function accept({ request, name, query }: PublishUpgrade, ws: WebSocket): void {
    ws.on("error", () => ws.terminate()); // a broken frame is its sender's loss
    const options = { replace: query.get("replace") === "1" };
    const publication = enter(context, { name, headers: headersOf(request), options });
    if (isRefusal(publication)) {
      ws.close(publication.close, closeReason(publication.problem.detail));
      return;
    }
    endWhenSilent(ws, () => 0);
    const origin = new OriginTalk({
      say: (text) => ws.send(text),
      found: (estimate) => publication.originClock(estimate),
      give: (bytes) => {
        const room = publication.write(bytes);
        if (!room) return;
        ws.pause();
        void room.then(() => ws.resume());
      },
    });
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      // The socket's to use again, and held while the clock is asked for.
      if (isBinary) return origin.media(new Uint8Array(data));
      const message = parseServerMessage(data.toString());
      // Another relay, which tells its clock when asked; others are not asked.
      if (message?.type === "stream") origin.begin(message.generation, message.clock.errorUs);
      else if (message?.type === "pong") origin.answered(message.id, message.t);
    });
    ws.on("close", (code) => {
      origin.release();
      origin[Symbol.dispose]();
      if (FAREWELLS.has(code)) publication.end();
      else publication.close("the publisher's connection broke off");
    });
    void publication.ended.then((reason) => {
      const code = publication.kind === "replaced" ? CLOSE.taken : CLOSE.policy;
      ws.close(publication.kind === "stopped" ? CLOSE.goingAway : code, closeReason(reason));
    });
  }

  return {
    upgrade(what): void {
      const { request, socket, head } = what;
      server.handleUpgrade(request, socket, head as Buffer, (ws) => accept(what, ws));
    },
    close(reason): void {
      for (const ws of server.clients) ws.close(CLOSE.goingAway, closeReason(reason));
    },
  };
}

/** A close frame came: done, going away, or without a code (RFC 6455 §7.4.1). Any other end is a break. */
const FAREWELLS: ReadonlySet<number> = new Set([1000, CLOSE.goingAway, 1005]);
