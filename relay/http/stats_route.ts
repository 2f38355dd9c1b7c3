/**
 * `GET /api/stats`, contract §9: how the relay is, and each stream with all that is counted of it. Reads state, owns
 * none.
 *
 * @module
 */

import type { Stats, StreamStats } from "../../shared/api.ts";
import type { Open } from "../access/guard.ts";
import type { ApiRoute } from "../api/route.ts";
import type { Streams } from "../streams/streams.ts";
import type { Supervisor } from "../streams/supervisor.ts";
import { tellingTo, toldOf } from "./for_viewers.ts";

/** What the answer is made of. */
export interface StatsContext {
  readonly streams: Streams;
  readonly version: string;
  /** `performance.now()` when the relay began. */
  readonly startedAt: number;
  /** The configuration file, if there is one. */
  readonly configuration: () => Stats["configuration"];
  /** What takes a new start to be in force. */
  readonly restart: () => readonly string[];
  readonly open: Open;
}

/** The route. */
export function statsRoute(context: StatsContext): ApiRoute {
  return {
    method: "GET",
    path: "/api/stats",
    right: "view",
    summary: "How the relay is, and each stream with all that is counted of it.",
    answers: { 200: { description: "The figures.", content: { schema: "Stats" } } },
    handle: (c) => c.json(statsOf(context)),
  };
}

function statsOf(context: StatsContext): Stats {
  const { streams, version, startedAt, configuration, restart, open } = context;
  const tell = tellingTo(open);
  const { rss, heapUsed } = Deno.memoryUsage();
  const file = configuration();
  return {
    version,
    startedAt: new Date(performance.timeOrigin + startedAt).toISOString(),
    uptimeMs: Math.round(performance.now() - startedAt),
    memory: { residentBytes: rss, heapBytes: heapUsed },
    streams: streams.all().map((stream) => toldOf(ofStream(stream), tell)),
    restart: restart().map(tell),
    ...(file === undefined ? {} : { configuration: toldFile(file, tell) }),
  };
}

function toldFile(
  { file, problem }: NonNullable<Stats["configuration"]>,
  tell: (text: string) => string,
): NonNullable<Stats["configuration"]> {
  return { file: tell(file), ...(problem === undefined ? {} : { problem: tell(problem) }) };
}

function ofStream({ info, hub }: Supervisor): StreamStats {
  return { ...info, outlets: Object.fromEntries(hub.outlets()), ...hub.stats };
}
