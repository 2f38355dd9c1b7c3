/**
 * go2rtc's addresses on a port of their own: those that the main port answers too (contract §4), and where its playlist
 * leads. All of it is served by the relay's deliveries.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import { Hono } from "hono";
import { splitLivePath } from "../../shared/stream_name.ts";
import { DELIVERIES } from "../deliveries/mod.ts";
import { isGo2rtcPath } from "../http/aliases.ts";
import type { ListenAddress, RunningListener } from "../http/listener.ts";
import { routing } from "../http/routing.ts";
import { listenFor } from "./listen.ts";
import type { CompatContext } from "./system.ts";
import { FOREIGN_PAGE, mayWatch, pathOf, refuseUpgrade, sendText } from "./visitors.ts";

const LIVE = "/live/";
/** What `/api/stream.m3u8` leads to. */
const OF_PLAYLISTS: ReadonlySet<string> = new Set(["index.m3u8", "hls"]);
const NOTHING = "404 page not found";

/** Opens the listener. @throws {ListenError} */
export async function startGo2rtc(
  address: ListenAddress,
  { streams, answers, log }: CompatContext,
): Promise<RunningListener> {
  const deliveries = DELIVERIES.map((open) => open());
  const routes = routing({ app: new Hono(), streams, deliveries, log });
  const listener = await listenFor("go2rtc", address, {
    answers,
    request(request, response): void {
      if (!isHere(request)) return sendText(response, 404, NOTHING);
      routes.request(request, response);
    },
    upgrade(request, socket, head): void {
      if (!mayWatch(request, answers)) return refuseUpgrade(socket, "403 Forbidden", FOREIGN_PAGE);
      if (!isHere(request)) return refuseUpgrade(socket, "404 Not Found", NOTHING);
      routes.upgrade(request, socket, head);
    },
  });
  return {
    address: listener.address,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const delivery of deliveries) delivery.close?.("the relay stops");
      await listener[Symbol.asyncDispose]();
    },
  };
}

function isHere(request: IncomingMessage): boolean {
  const path = pathOf(request);
  if (path === undefined) return false;
  if (isGo2rtcPath(path)) return true;
  return path.startsWith(LIVE) &&
    OF_PLAYLISTS.has(splitLivePath(path.slice(LIVE.length)).resource ?? "");
}
