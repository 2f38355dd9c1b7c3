/**
 * `PUT` and `DELETE /api/streams/{name}`, contract §9: requests in, answers in words out. What may be run, and what is
 * kept, is decided behind {@link StreamChanges}.
 *
 * @module
 */

import type { Context } from "hono";
import type { Problem, RestartNeeded, StreamInfo } from "../../shared/api.ts";
import { readJson, wrong } from "../api/read_json.ts";
import { type ApiRoute, PROBLEM_TYPE } from "../api/route.ts";
import { noSuchStream } from "./api.ts";
import { configured, sentenceOf, unsaved } from "./changes.ts";

/** What came of a wish. */
export type StreamChange =
  | { readonly kind: "added" | "changed"; readonly info: StreamInfo }
  | { readonly kind: "removed" }
  /** Kept, and in force at the next start. */
  | { readonly kind: "restart"; readonly needs: readonly string[] }
  | { readonly kind: "misnamed" }
  | { readonly kind: "unknown" }
  /** The configuration names it. */
  | { readonly kind: "configured" }
  | { readonly kind: "unreadable"; readonly sentence: string }
  /** It names a command, a file or a device that the configuration does not. */
  | { readonly kind: "local"; readonly label: string }
  | { readonly kind: "full" }
  | { readonly kind: "unsaved"; readonly sentence: string };

/** Who changes the streams. */
export interface StreamChanges {
  put(name: string, source: string): Promise<StreamChange>;
  remove(name: string): Promise<StreamChange>;
}

/** The routes. */
export function streamRoutes(changes: StreamChanges): ApiRoute[] {
  const path = "/api/streams/{name}";
  const stream = { description: "The stream.", content: { schema: "StreamInfo" } } as const;
  return [
    {
      ...{ method: "PUT", path, right: "admin" },
      summary: "Adds a stream, or gives it another source; it is there again after a new start.",
      body: { schema: "StreamRequest" },
      answers: {
        200: stream,
        201: { ...stream, description: "The stream, which is new." },
        202: {
          description: "Kept, and in force when the relay is started again.",
          content: { schema: "RestartNeeded" },
        },
      },
      problems: [400, 403, 408, 409, 413, 500, 503],
      handle: async (c, { name }) => {
        const { value, refusal } = await readJson(c, "StreamRequest");
        return refusal ?? answer(c, { name, change: await changes.put(name, value.source) });
      },
    },
    {
      ...{ method: "DELETE", path, right: "admin" },
      summary: "Ends a stream that the API added or a publisher brings, and tells who watches.",
      answers: { 204: { description: "It is gone." } },
      problems: [404, 409, 500],
      handle: async (c, { name }) => answer(c, { name, change: await changes.remove(name) }),
    },
  ];
}

function answer(
  c: Context,
  { name, change }: { readonly name: string; readonly change: StreamChange },
): Response {
  switch (change.kind) {
    case "added":
      return c.json(change.info, 201);
    case "changed":
      return c.json(change.info);
    case "removed":
      return c.body(null, 204);
    case "restart":
      return c.json({ restart: true, needs: change.needs } satisfies RestartNeeded, 202);
    case "unknown":
      return problem(c, noSuchStream(name));
    case "misnamed":
      return problem(c, wrong(MISNAMED, "name"));
    case "unreadable":
      return problem(c, wrong(sentenceOf(change.sentence), "source"));
    case "configured":
      return problem(c, configured(name));
    case "local":
      return problem(c, local(change.label));
    case "full":
      return problem(c, FULL);
    case "unsaved":
      return problem(c, unsaved(change.sentence));
  }
}

function problem(c: Context, what: Problem): Response {
  return c.json(what, what.status as 400, PROBLEM_TYPE);
}

const MISNAMED =
  "A stream's name has letters, digits, dots, hyphens and underscores, begins with a " +
  "letter or digit, may have parts between slashes, and ends in none of Rill's own words.";

function local(label: string): Problem {
  return {
    type: "/problems/local-source",
    title: "For the configuration alone",
    status: 403,
    detail:
      `${label} names a command, a file or a device of the relay's machine: write it into the ` +
      "configuration file first; then it may be used here too.",
    field: "source",
  };
}

const FULL: Problem = {
  type: "/problems/too-many-streams",
  title: "Too many streams",
  status: 503,
  detail: "This relay has as many streams as it takes; end one first.",
};
