/**
 * gopro-stream's addresses: WebSocket `/publish` brings stream `default` (an init segment and a fragment in each message),
 * WebSocket `/` watches it, and `/` is a page that plays it. What travels is the stream's own.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CLOSE } from "../../shared/control.ts";
import { closeReason, endWhenSilent, openConnections } from "../deliveries/websocket_connection.ts";
import type { ListenAddress, RunningListener } from "../http/listener.ts";
import { pushSpec } from "../sources/push.ts";
import type { Supervisor } from "../streams/supervisor.ts";
import { GOPRO_STREAM_PAGE, GOPRO_STREAM_SCRIPT } from "./gopro_stream/page.ts";
import { SegmentSink } from "./gopro_stream/segment_sink.ts";
import { listenFor } from "./listen.ts";
import type { CompatContext } from "./system.ts";
import { FOREIGN_PAGE, mayChange, mayWatch, pathOf, refuseUpgrade, sendText } from "./visitors.ts";

/** The one stream there is. */
const STREAM = "default";
/** A second of a large camera. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** Of a viewer, who has nothing to say. */
const MAX_VIEWER_BYTES = 4096;

/** Opens the listener. @throws {ListenError} */
export async function startGoproStream(
  address: ListenAddress,
  context: CompatContext,
): Promise<RunningListener> {
  const { streams, answers, log } = context;
  const gateways = openConnections(MAX_MESSAGE_BYTES);
  const viewers = openConnections(MAX_VIEWER_BYTES);

  function publish(ws: WebSocket): void {
    ws.on("error", () => ws.terminate()); // a broken frame is its sender's loss
    stream(context);
    const outcome = streams.publish(STREAM);
    if (outcome.kind !== "publication") {
      const reason = outcome.kind === "taken"
        ? "another gateway publishes here already"
        : `the stream ${STREAM} has a source of its own`;
      log.warn(`a gateway was turned away: ${reason}`);
      return ws.close(CLOSE.taken, closeReason(reason));
    }
    const { publication } = outcome;
    endWhenSilent(ws, () => 0);
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return;
      const room = publication.write(new Uint8Array(data)); // the socket's to use again
      if (!room) return;
      ws.pause();
      void room.then(() => ws.resume());
    });
    ws.on("close", () => publication.end());
    void publication.ended.then((reason) => ws.close(CLOSE.policy, closeReason(reason)));
  }

  function watch(ws: WebSocket, socket: Duplex): void {
    ws.on("error", () => ws.terminate());
    const sink = new SegmentSink(ws, socket);
    const subscription = stream(context).hub.subscribe(sink);
    endWhenSilent(ws, () => sink.backlog);
    ws.on("close", () => subscription[Symbol.dispose]());
  }

  const listener = await listenFor("gopro_stream", address, {
    answers,
    request(request: IncomingMessage, response: ServerResponse): void {
      const page = PAGES[pathOf(request) ?? ""];
      if (!page) return sendText(response, 404, "Not found: there are / and /publish here.");
      if (request.method !== "GET" && request.method !== "HEAD") {
        return sendText(response, 405, "This page is only to be read.", { allow: "GET, HEAD" });
      }
      response.writeHead(200, page.headers);
      response.end(request.method === "HEAD" ? undefined : page.body);
    },
    upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
      const path = pathOf(request);
      const isGateway = path === "/publish";
      if (!isGateway && path !== "/") return refuseUpgrade(socket, "404 Not Found", "Not found.");
      if (!(isGateway ? mayChange(request) : mayWatch(request, answers))) {
        return refuseUpgrade(socket, "403 Forbidden", FOREIGN_PAGE);
      }
      const server = isGateway ? gateways : viewers;
      server.handleUpgrade(request, socket, head as Buffer, (ws) => {
        if (isGateway) publish(ws);
        else watch(ws, socket);
      });
    },
  });
  return {
    address: listener.address,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const { clients } of [gateways, viewers]) {
        for (const ws of clients) ws.close(CLOSE.goingAway, "the relay stops");
      }
      await listener[Symbol.asyncDispose]();
    },
  };
}

/** It waits for its gateway where the configuration has none of that name. */
function stream({ streams }: CompatContext): Supervisor {
  return streams.get(STREAM) ?? streams.add(STREAM, pushSpec());
}

const PAGES: Readonly<Record<string, { body: string; headers: Readonly<Record<string, string>> }>> =
  {
    "/": {
      body: GOPRO_STREAM_PAGE,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy":
          "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; " +
          "media-src blob:; frame-ancestors 'self'; base-uri 'none'",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    },
    "/player.js": {
      body: GOPRO_STREAM_SCRIPT,
      headers: {
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    },
  };
