/**
 * vw's addresses: feeds in and out (`/ts/{feed}`, `/ws/{feed}`), its REST API, its JSON verbs. Feeds that the relay can
 * play become streams of it as well; everything else passes as it is.
 *
 * @module
 */

import { join } from "node:path";
import { loopIn, readVia, stopAt } from "../../shared/via.ts";
import type { ListenAddress, RunningListener } from "../http/listener.ts";
import { listenFor } from "./listen.ts";
import type { CompatContext } from "./system.ts";
import { FOREIGN_PAGE, mayChange, mayWatch, pathOf, refuseUpgrade, sendText } from "./visitors.ts";
import { API_TOPIC, apiRule, CommandListener } from "./vw/commands.ts";
import { VwDestinations } from "./vw/destinations.ts";
import { Exchange } from "./vw/exchange.ts";
import { FeedStream } from "./vw/feed_stream.ts";
import { answerRest } from "./vw/rest.ts";
import { openFeedSockets } from "./vw/sockets.ts";
import { takeTsBody } from "./vw/ts_feed.ts";

/** A feed's address; what vw lets its name be. */
const FEED = /^\/(ts|ws)\/([a-zA-Z0-9\-/]{1,255})$/;

/** Opens the listener. @throws {ListenError} */
export async function startVw(
  address: ListenAddress,
  { streams, data, answers, proxies, vwApi, self, log }: CompatContext,
): Promise<RunningListener> {
  await using undo = new AsyncDisposableStack();
  const exchange = new Exchange();
  const folder = join(data, "vw");
  const destinations = undo.use(new VwDestinations({ exchange, folder, proxies, self, log }));
  const rules = { exchange, destinations, apiUrl: vwApi };
  undo.use(exchange.join(new CommandListener(rules)));
  const sockets = openFeedSockets(exchange);
  const feeds = { exchange, openStream: (feed: string) => new FeedStream(feed, { streams, log }) };

  const listener = undo.use(
    await listenFor("vw", address, {
      answers,
      request(request, response): void {
        const path = pathOf(request);
        if (path === undefined) return sendText(response, 404, "404 page not found");
        const [, way, feed] = FEED.exec(path) ?? [];
        if (way === "ws") return sendText(response, 400, "Bad Request");
        if (way === undefined || feed === undefined) {
          return void answerRest({ request, response, path }, { rules, log });
        }
        if (!mayChange(request)) return sendText(response, 403, FOREIGN_PAGE);
        takeTsBody({ request, response, feed }, feeds);
      },
      upgrade(request, socket, head): void {
        const [, way, feed] = FEED.exec(pathOf(request) ?? "") ?? [];
        if (way !== "ws" || feed === undefined) {
          return refuseUpgrade(socket, "404 Not Found", "404 page not found");
        }
        // Who gives commands changes the rules; who joins a feed watches, and may send as vw lets everybody.
        const may = feed === API_TOPIC ? mayChange(request) : mayWatch(request, answers);
        if (!may) return refuseUpgrade(socket, "403 Forbidden", FOREIGN_PAGE);
        const via = readVia(request.headers.via);
        const loop = loopIn(via, stopAt(self, feed));
        if (loop !== undefined) return refuseUpgrade(socket, "409 Conflict", loop);
        sockets.upgrade({ request, socket, head, feed, via });
      },
    }),
  );
  undo.defer(() => sockets.close("the relay stops"));
  if (vwApi !== undefined) await destinations.add(apiRule(vwApi));
  const running = undo.move();
  return {
    address: listener.address,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
