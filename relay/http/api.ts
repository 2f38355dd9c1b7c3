/**
 * `/api/…` and `/healthz`, contract §9: what the streams are doing, as JSON. Reads state, owns none.
 *
 * @module
 */

import { type Context, Hono, type Next } from "hono";
import type { Health, Problem } from "../../shared/api.ts";
import type { Streams } from "../streams/streams.ts";

/** What the API answers from. */
export interface ApiContext {
  readonly streams: Streams;
  readonly version: string;
  /** `performance.now()` when the relay began. */
  readonly startedAt: number;
}

/** Media type of problem details, RFC 9457 §3. */
const PROBLEM_TYPE = { "content-type": "application/problem+json" };

/** The API's routes. */
export function api({ streams, version, startedAt }: ApiContext): Hono {
  const app = new Hono();
  for (const path of ["/api/*", "/healthz"]) app.use(path, neverStored);
  app.get("/api/streams", (c) => c.json(streams.list()));
  app.get("/api/streams/:name{.+}", (c) => {
    const name = c.req.param("name");
    const stream = streams.get(name);
    return stream ? c.json(stream.info) : c.json(noSuchStream(name), 404, PROBLEM_TYPE);
  });
  app.get("/healthz", (c) => {
    const states = streams.health();
    const well = Object.values(states).every((kind) => kind !== "offline");
    const health: Health = {
      status: well ? "ok" : "degraded",
      version,
      uptimeMs: Math.round(performance.now() - startedAt),
      streams: states,
    };
    return c.json(health, well ? 200 : 503);
  });
  return app;
}

/** What no route of the API took: to stand behind all of them. */
export function unknownApi(): Hono {
  const app = new Hono();
  app.all("/api/*", (c) => c.json(noSuchRoute(c.req.method, c.req.path), 404, PROBLEM_TYPE));
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
  return c.json(problem, 500, PROBLEM_TYPE);
}

async function neverStored(c: Context, next: Next): Promise<void> {
  await next();
  c.header("cache-control", "no-store");
}

/** There is no stream of that name. */
export function noSuchStream(name: string): Problem {
  return {
    type: "/problems/no-such-stream",
    title: "No such stream",
    status: 404,
    detail: `There is no stream named ${name}; /api/streams lists those there are.`,
  };
}
