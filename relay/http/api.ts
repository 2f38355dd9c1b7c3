/**
 * `/api/…` and `/healthz`, contract §9: what the streams are doing, as JSON. Reads state, owns none.
 *
 * @module
 */

import { type Context, Hono, type Next } from "hono";
import type { Health, Problem } from "../../shared/api.ts";
import {
  allowed,
  FROM_ELSEWHERE,
  isFromElsewhere,
  notAllowed,
  type Open,
} from "../access/guard.ts";
import type { Streams } from "../streams/streams.ts";

/** What the API answers from. */
export interface ApiContext {
  readonly streams: Streams;
  readonly version: string;
  /** `performance.now()` when the relay began. */
  readonly startedAt: number;
  /** What needs no key. */
  readonly open: Open;
  /** Why the newest configuration is not in force. */
  readonly configProblem?: () => string | undefined;
}

/** A command's body is a few words. */
const MAX_COMMAND_BYTES = 1024;
/** Media type of problem details, RFC 9457 §3. */
const PROBLEM_TYPE = { "content-type": "application/problem+json" };

/** The API's routes. */
export function api({ streams, version, startedAt, open, configProblem }: ApiContext): Hono {
  const app = new Hono();
  for (const path of ["/api/*", "/healthz"]) app.use(path, neverStored);
  app.get("/api/streams", (c) => c.json(streams.list()));
  app.get("/api/streams/:name{.+}", (c) => {
    const name = c.req.param("name");
    const stream = streams.get(name);
    return stream ? c.json(stream.info) : c.json(noSuchStream(name), 404, PROBLEM_TYPE);
  });
  app.post("/api/streams/:name{.+}/camera/shutter", async (c) => {
    if (isFromElsewhere(c.req.raw.headers)) return c.json(FROM_ELSEWHERE, 403, PROBLEM_TYPE);
    if (!allowed(open, "admin")) return c.json(notAllowed("admin"), 403, PROBLEM_TYPE);
    const name = c.req.param("name");
    const stream = streams.get(name);
    if (!stream) return c.json(noSuchStream(name), 404, PROBLEM_TYPE);
    const on = await readShutter(c.req.raw);
    if (on === undefined) return c.json(SHUTTER_EXPECTED, 400, PROBLEM_TYPE);
    const problem = await stream.tell({ kind: "shutter", on });
    return problem === undefined
      ? c.json(stream.info)
      : c.json(cameraRefused(problem), 409, PROBLEM_TYPE);
  });
  app.get("/api/config.schema.json", async (c) => {
    const { jsonSchema } = await import("../config_file/schema.ts");
    return c.json(jsonSchema(), 200, { "access-control-allow-origin": "*" });
  });
  app.get("/healthz", (c) => {
    const states = streams.health();
    const problem = configProblem?.();
    const well = Object.values(states).every((kind) => kind !== "offline");
    const health: Health = {
      status: well ? "ok" : "degraded",
      version,
      uptimeMs: Math.round(performance.now() - startedAt),
      streams: states,
      ...(problem === undefined ? {} : { configuration: problem }),
    };
    return c.json(health, well ? 200 : 503);
  });
  return app;
}

/** `{"on": true}`, in a body of a few bytes; `undefined` when it is something else. */
async function readShutter(request: Request): Promise<boolean | undefined> {
  if (Number(request.headers.get("content-length") ?? Infinity) > MAX_COMMAND_BYTES) {
    return undefined;
  }
  try {
    const body: unknown = await request.json();
    const on = typeof body === "object" && body !== null && "on" in body ? body.on : undefined;
    return typeof on === "boolean" ? on : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const SHUTTER_EXPECTED: Problem = {
  type: "/problems/bad-request",
  title: "Bad request",
  status: 400,
  detail: 'The body must be {"on": true} or {"on": false}, with its content-length.',
  field: "on",
};

/** The camera was told, and did not do it. */
function cameraRefused(sentence: string): Problem {
  return {
    type: "/problems/camera",
    title: "The camera did not do it",
    status: 409,
    detail: sentence,
  };
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
