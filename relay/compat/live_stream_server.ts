/**
 * Live Stream Server's addresses: a WebSocket at `/` that takes JPEG pictures and PCM sound in JSON, and
 * `GET /recordings`. Each client's media becomes files below `media`, and a live stream
 * `live-stream-server/<what it calls itself>`.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { closeReason, endWhenSilent, openConnections } from "../deliveries/websocket_connection.ts";
import type { ListenAddress, RunningListener } from "../http/listener.ts";
import { listenFor } from "./listen.ts";
import { Client } from "./live_stream_server/client.ts";
import { takeUpLeftovers } from "./live_stream_server/leftovers.ts";
import { LiveStream } from "./live_stream_server/live_stream.ts";
import { listRecordings, makeFolders } from "./live_stream_server/media_folders.ts";
import { Names } from "./live_stream_server/names.ts";
import { Pace } from "./live_stream_server/pace.ts";
import { Recording } from "./live_stream_server/recording.ts";
import { VideoEncoder } from "./live_stream_server/video_encoder.ts";
import type { CompatContext } from "./system.ts";
import { FOREIGN_PAGE, mayWatch, pathOf, refuseUpgrade, sendText } from "./visitors.ts";

/** A picture of a large camera, in base64. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** Each may have an encoder at work. */
const MAX_CLIENTS = 16;
/** RFC 6455 §7.4.1, and the registry it founds. */
const CLOSE = { goingAway: 1001, tryAgainLater: 1013 } as const;

const STOPPING = "the relay stops";

/** Opens the listener. @throws {ListenError} */
export async function startLiveStreamServer(
  address: ListenAddress,
  { streams, data, answers, log }: CompatContext,
): Promise<RunningListener> {
  await using undo = new AsyncDisposableStack();
  const folders = await makeFolders(data);
  const encoder = undo.use(new VideoEncoder(folders, log));
  const sockets = openConnections(MAX_MESSAGE_BYTES);
  const clients = new Map<string, Client>();
  const names = new Names();
  const pace = new Pace();
  const leaving = new Set<Promise<void>>();
  /** Clients are let in when what earlier ones left has been taken up. */
  const ready = Promise.withResolvers<void>();
  let newest = 0;
  let stopping = false;

  function accept(ws: WebSocket): void {
    ws.on("error", ({ message }) => log.warn(`a client broke the protocol: ${message}`));
    if (stopping) return ws.close(CLOSE.goingAway, STOPPING);
    if (clients.size >= MAX_CLIENTS) {
      const reason = `there are ${MAX_CLIENTS} clients already`;
      log.warn(`a client was turned away: ${reason}`);
      return ws.close(CLOSE.tryAgainLater, closeReason(reason));
    }
    // The time, as the original has it; but no two clients share one.
    newest = Math.max(Date.now(), newest + 1);
    const id = String(newest);
    endWhenSilent(ws, () => ws.bufferedAmount);
    names.add(id);
    const live = new LiveStream({ streams, log, name: () => names.of(id) });
    const client = new Client({
      ...{ ws, id, folders, live, log, pace },
      recording: new Recording({ client: id, folders, encoder }),
      named: (name) => {
        log.info(`client ${id} calls itself "${name}"`);
        names.wish(id, name);
      },
    });
    clients.set(id, client);
    ws.on("message", () => names.heard(id));
    ws.on("close", () => {
      const left = client.leave().finally(() => {
        clients.delete(id);
        names.remove(id);
        leaving.delete(left);
      });
      leaving.add(left);
    });
  }

  const routes = {
    answers,
    request: (request: IncomingMessage, response: ServerResponse): void => {
      const isList = pathOf(request) === "/recordings" && request.method === "GET";
      if (!isList) return sendText(response, 404, "Not found: there are / and /recordings here.");
      listRecordings(folders).then(
        (list) => {
          response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
          response.end(JSON.stringify(list));
        },
        (error: Error) => {
          log.error(`the recordings cannot be listed: ${error.message}`);
          sendText(response, 500, "The recordings cannot be listed; the relay's log says why.");
        },
      );
    },
    upgrade: (request: IncomingMessage, socket: Duplex, head: Uint8Array): void => {
      // Their pages are served from wherever one likes on the same network.
      if (!mayWatch(request, answers)) return refuseUpgrade(socket, "403 Forbidden", FOREIGN_PAGE);
      if (pathOf(request) !== "/") {
        return refuseUpgrade(socket, "404 Not Found", "There is one WebSocket here, at /.");
      }
      void ready.promise.then(() => sockets.handleUpgrade(request, socket, head as Buffer, accept));
    },
  };
  const listener = undo.use(
    await listenFor("live_stream_server", address, routes),
  );
  // Only now: while another relay has this address, what lies there is its own.
  await takeUpLeftovers(folders, { encoder, log });
  ready.resolve();
  undo.defer(async () => {
    stopping = true;
    for (const ws of sockets.clients) ws.close(CLOSE.goingAway, STOPPING);
    for (const client of clients.values()) leaving.add(client.leave());
    await Promise.all(leaving);
  });
  const running = undo.move();
  return {
    address: listener.address,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
