/**
 * Composes a relay from its parts: streams, deliveries, API, app, server. No logic of its own.
 *
 * @module
 */

import { Hono } from "hono";
import type { Config } from "./config.ts";
import { DELIVERIES } from "./deliveries/mod.ts";
import { api } from "./http/api.ts";
import { listen, type RunningServer } from "./http/server.ts";
import { loadApp, staticApp } from "./http/static.ts";
import type { Log } from "./log.ts";
import { Streams } from "./streams/streams.ts";
import { VERSION } from "./version.ts";

/** A relay that runs. */
export interface Relay extends AsyncDisposable {
  readonly server: RunningServer;
  readonly streams: Streams;
}

/**
 * Starts a relay.
 * @throws {ListenError} when its address cannot be had; nothing is left running then.
 */
export async function startRelay(
  config: Config,
  { log, appFolder }: { log: Log; appFolder: URL },
): Promise<Relay> {
  await using undo = new AsyncDisposableStack();
  const app = new Hono();
  const streams = undo.use(new Streams(log));
  const files = loadApp(appFolder);
  app.route("/", api({ streams, version: VERSION, startedAt: performance.now() }));
  app.route("/", staticApp(files, { base: basePath(config.url), streams: () => streams.names() }));
  app.onError((error, c) => {
    log.error(`a request failed: ${error.message}`, { path: c.req.path });
    return c.json({
      type: "/problems/internal",
      title: "The relay failed",
      status: 500,
      detail: "The relay failed to answer this request; its log says why.",
    }, 500);
  });
  const deliveries = DELIVERIES.map((open) => open());
  const server = undo.use(await listen({ app, streams, deliveries }, config.listen));
  for (const { name, spec } of config.streams) streams.add(name, spec);
  const running = undo.move();
  return {
    server,
    streams,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Where the app lives below the address that the outside uses. */
function basePath(url: URL | undefined): string {
  const path = url?.pathname ?? "/";
  return path.endsWith("/") ? path : `${path}/`;
}
