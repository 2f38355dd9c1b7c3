/**
 * `/api/…` and `/healthz`, contract §9: what the streams are doing, as JSON. Reads state, owns none.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import type { Health, Problem, StreamList } from "../../shared/api.ts";
import { allowed, type Open } from "../access/guard.ts";
import type { Streams } from "../streams/streams.ts";
import { answerProblem, noSuch } from "../api/problems.ts";
import type { ApiRoute } from "../api/route.ts";
import { tellingTo, toldOf } from "./for_viewers.ts";

/** What the API answers from. */
export interface ApiContext {
  readonly streams: Streams;
  readonly version: string;
  /** `performance.now()` when the relay began. */
  readonly startedAt: number;
  /** Why the newest configuration is not in force. */
  readonly configProblem?: () => string | undefined;
  readonly open: Open;
}

/** What the streams do, and how well the relay is. */
export function apiRoutes(
  { streams, version, startedAt, configProblem, open }: ApiContext,
): ApiRoute[] {
  const tell = tellingTo(open);
  return [
    {
      method: "GET",
      path: "/api/streams",
      right: "view",
      summary: "All streams, each with its state, tracks, viewers, rates and counters.",
      answers: { 200: { description: "The streams.", content: { schema: "StreamList" } } },
      handle: (c) => {
        const list: StreamList = {
          streams: streams.all().map(({ info }) => toldOf(info, tell)),
          publish: allowed(open, "publish"),
        };
        return c.json(list);
      },
    },
    {
      method: "GET",
      path: "/api/streams/{name}",
      right: "view",
      summary: "One stream.",
      answers: { 200: { description: "The stream.", content: { schema: "StreamInfo" } } },
      problems: [404],
      handle: (c, { name }) => {
        const stream = streams.get(name);
        return stream
          ? c.json(toldOf(stream.info, tell))
          : answerProblem(c, noSuch("stream", name));
      },
    },
    {
      method: "POST",
      path: "/api/streams/{name}/restart",
      right: "admin",
      summary: "Starts the stream's source again; those who watch stay.",
      answers: { 200: { description: "The stream.", content: { schema: "StreamInfo" } } },
      problems: [404],
      handle: (c, { name }) => {
        const stream = streams.get(name);
        if (!stream) return answerProblem(c, noSuch("stream", name));
        stream.restart();
        return c.json(stream.info);
      },
    },
    {
      method: "GET",
      path: "/api/config.schema.json",
      right: "none",
      summary: "The configuration file's JSON Schema, for editors.",
      answers: { 200: { description: "The schema.", content: { schema: "Object" } } },
      handle: async (c) => {
        const { jsonSchema } = await import("../config_file/schema.ts");
        return c.json(jsonSchema(), 200, { "access-control-allow-origin": "*" });
      },
    },
    {
      method: "GET",
      path: "/healthz",
      right: "none",
      summary: "Whether every stream that should run does.",
      answers: {
        200: { description: "It is so.", content: { schema: "Health" } },
        503: { description: "A stream is offline.", content: { schema: "Health" } },
      },
      handle: (c) => {
        const states = streams.health();
        const problem = configProblem?.();
        const well = Object.values(states).every((kind) => kind !== "offline");
        const health: Health = {
          status: well ? "ok" : "degraded",
          version,
          uptimeMs: Math.round(performance.now() - startedAt),
          streams: states,
          ...(problem === undefined ? {} : { configuration: tell(problem) }),
        };
        return c.json(health, well ? 200 : 503);
      },
    },
  ];
}

/** What no route of the API took: to stand behind all of them. */
export function unknownApi(): Hono {
  const app = new Hono();
  app.all("/api/*", (c) => answerProblem(c, noSuchRoute(c.req.method, c.req.path)));
  return app;
}

function noSuchRoute(method: string, path: string): Problem {
  return {
    type: "/problems/no-such-route",
    title: "No such route",
    status: 404,
    detail: `The API has no ${method} ${path.slice(0, 200)}.`,
  };
}

/** Something broke on this side: what a client is told. */
export function internalProblem(c: Context): Response {
  const problem: Problem = {
    type: "/problems/internal",
    title: "The relay failed",
    status: 500,
    detail: "The relay failed to answer this request; its log says why.",
  };
  return answerProblem(c, problem);
}
