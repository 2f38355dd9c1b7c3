/**
 * `/api/streams/{name}/record` and `/api/recordings`, contract §9: recording begun and ended, what was recorded listed,
 * fetched, thrown away.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import type { Problem } from "../../shared/api.ts";
import type { RecordingList } from "../../shared/recordings.ts";
import {
  allowed,
  FROM_ELSEWHERE,
  isFromElsewhere,
  notAllowed,
  type Open,
} from "../access/guard.ts";
import type { Library } from "../library/library.ts";
import { noSuchStream } from "./api.ts";
import { sendFile } from "./send_file.ts";

const PROBLEM_TYPE = { "content-type": "application/problem+json" };

/** What the routes need. */
export interface RecordingsContext {
  readonly library: Library;
  readonly streams: { get(name: string): unknown };
  /** What needs no key. */
  readonly open: Open;
}

/** The routes; to stand before those of `/api/streams/{name}`. */
export function recordingsApi({ library, streams, open }: RecordingsContext): Hono {
  const app = new Hono();

  function refusal(c: Context): Problem | undefined {
    if (isFromElsewhere(c.req.raw.headers)) return FROM_ELSEWHERE;
    return allowed(open, "admin") ? undefined : notAllowed("admin");
  }

  function problem(c: Context, what: Problem): Response {
    return c.json(what, what.status as 400, PROBLEM_TYPE);
  }

  async function record(c: Context, name: string): Promise<Response> {
    if (c.req.method === "GET") {
      if (!streams.get(name)) return problem(c, noSuchStream(name));
      return c.json({ ...library.state(name), allowed: allowed(open, "admin") });
    }
    const refused = refusal(c);
    if (refused) return problem(c, refused);
    if (c.req.method === "DELETE") {
      const state = await library.stop(name);
      return state ? c.json(state) : problem(c, NOT_RECORDING);
    }
    switch (library.start(name)) {
      case "started":
        return c.json(library.state(name), 201);
      case "recording":
        return problem(c, RECORDING);
      case "full":
        return problem(c, FULL);
      case "unknown":
        return problem(c, noSuchStream(name));
    }
  }

  async function remove(c: Context, id: string): Promise<Response> {
    const refused = refusal(c);
    if (refused) return problem(c, refused);
    switch (await library.remove(id)) {
      case "removed":
        return c.body(null, 204);
      case "busy":
        return problem(c, BUSY);
      case "unknown":
        return problem(c, noSuchRecording(id));
    }
  }

  // A name may have slashes, and the router takes no pattern that has more behind one: these tell apart themselves.
  app.on(["GET", "POST", "DELETE"], "/api/streams/*", async (c, next) => {
    const name = within(c, "/api/streams/", "/record");
    if (name === undefined) return await next();
    const answer = await record(c, name);
    answer.headers.set("cache-control", "no-store");
    return answer;
  });
  app.get("/api/recordings", async (c) => {
    const list: RecordingList = { recordings: await library.list(c.req.query("stream")) };
    return c.json(list, 200, { "cache-control": "no-store" });
  });
  app.on(["GET", "HEAD"], "/api/recordings/*", async (c) => {
    const media = within(c, "/api/recordings/", "/media.mp4");
    const id = media ?? within(c, "/api/recordings/") ?? "";
    if (media === undefined) {
      const info = await library.get(id);
      return info ? c.json(info) : problem(c, noSuchRecording(id));
    }
    const path = library.path(id);
    const answer = path && await sendFile(path, c.req.raw, "video/mp4");
    return answer || problem(c, noSuchRecording(id));
  });
  app.delete("/api/recordings/*", (c) => remove(c, within(c, "/api/recordings/") ?? ""));
  return app;
}

/** What stands between `before` and `after` in the path, where both are there. */
function within(c: Context, before: string, after = ""): string | undefined {
  const path = decode(c.req.path);
  const end = path.length - after.length;
  return path.startsWith(before) && path.endsWith(after) && end > before.length
    ? path.slice(before.length, end)
    : undefined;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}

function noSuchRecording(id: string): Problem {
  return {
    type: "/problems/no-such-recording",
    title: "No such recording",
    status: 404,
    detail: `There is no recording ${id.slice(0, 200)}; /api/recordings lists those there are.`,
  };
}

const RECORDING: Problem = {
  type: "/problems/recording",
  title: "Recording already",
  status: 409,
  detail: "This stream is being recorded already; DELETE the same address to end that.",
};

const NOT_RECORDING: Problem = {
  type: "/problems/not-recording",
  title: "Not recording",
  status: 409,
  detail: "This stream is not being recorded; POST to the same address begins.",
};

const FULL: Problem = {
  type: "/problems/too-many",
  title: "Too many at once",
  status: 429,
  detail: "Too many streams are being recorded at once; end one of them.",
};

const BUSY: Problem = {
  type: "/problems/recording",
  title: "Still being made",
  status: 409,
  detail: "This recording is still being made; end it, or wait until it is finished.",
};
