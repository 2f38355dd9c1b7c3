/**
 * `/ws/{feed}`: a WebSocket that gets a topic's messages and whose own go to all others of that topic, text as text.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CLOSE } from "../../../shared/control.ts";
import {
  closeReason,
  endWhenSilent,
  openConnections,
} from "../../deliveries/websocket_connection.ts";
import { Arrivals } from "./arrivals.ts";
import type { Exchange } from "./exchange.ts";
import { WayOut } from "./way_out.ts";

/** vw's. */
const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
const MAX_CLIENTS = 512;
/** Of messages on their way in, and of those on their way out, of all clients together. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
/** RFC 6455 §7.4.1, and the registry it founds. */
const TRY_AGAIN_LATER = 1013;

/** The sockets of all topics. */
export interface FeedSockets {
  upgrade(
    what: {
      readonly request: IncomingMessage;
      readonly socket: Duplex;
      readonly head: Uint8Array;
      readonly feed: string;
      /** What came before it of what it sends (`shared/via.ts`). */
      readonly via: readonly string[];
    },
  ): void;
  /** Ends all of them, because the relay stops. */
  close(reason: string): void;
}

/** Opens the way in. @param maxHeldBytes tests let fewer. */
export function openFeedSockets(
  exchange: Exchange,
  { maxHeldBytes = MAX_HELD_BYTES }: { readonly maxHeldBytes?: number } = {},
): FeedSockets {
  const server = openConnections(MAX_MESSAGE_BYTES);
  const arrivals = new Arrivals(maxHeldBytes);

  function accept(
    ws: WebSocket,
    { feed: topic, via, socket }: {
      readonly feed: string;
      readonly via: readonly string[];
      readonly socket: Duplex;
    },
  ): void {
    ws.on("error", () => ws.terminate()); // a broken frame is its sender's loss
    if (server.clients.size > MAX_CLIENTS) {
      return ws.close(TRY_AGAIN_LATER, closeReason(`there are ${MAX_CLIENTS} clients already`));
    }
    const sender = { name: crypto.randomUUID(), topic };
    arrivals.watch({ socket, ws });
    const out = new WayOut(ws, () => maxHeldBytes / server.clients.size);
    const membership = exchange.join({
      ...sender,
      via,
      take(message): void {
        if (ws.readyState === ws.OPEN) out.send(message);
      },
    });
    endWhenSilent(ws, () => ws.bufferedAmount);
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      exchange.publish(sender, { bytes: new Uint8Array(data), isText: !isBinary }); // the socket's to use again
    });
    ws.on("close", () => membership[Symbol.dispose]());
  }

  return {
    upgrade({ request, socket, head, ...of }): void {
      server.handleUpgrade(request, socket, head as Buffer, (ws) => accept(ws, { ...of, socket }));
    },
    close(reason): void {
      for (const ws of server.clients) ws.close(CLOSE.goingAway, closeReason(reason));
    },
  };
}
