/**
 * `PUT` and `DELETE /api/streams/{name}`, contract §9: requests in, answers in words out. What may be run, and what is
 * kept, is decided behind {@link StreamChanges}.
 *
 * @module
 */

import type { Context } from "hono";
import type { Problem, StreamInfo } from "../../shared/api.ts";
import { answerProblem, noSuch, sentenceOf, TOO_MANY_STREAMS } from "../api/problems.ts";
import { readJson, wrong } from "../api/read_json.ts";
import type { ApiRoute } from "../api/route.ts";
import { answerChange, type Change } from "./changes.ts";

/** What came of a wish. */
export type StreamChange =
  | Change<StreamInfo>
  | { readonly kind: "misnamed" }
  | { readonly kind: "unknown" }
  | { readonly kind: "unreadable"; readonly sentence: string }
  /** It names a command, a file or a device that the configuration does not. */
  | { readonly kind: "local"; readonly label: string }
  | { readonly kind: "full" };

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
    case "unknown":
      return answerProblem(c, noSuch("stream", name));
    case "misnamed":
      return answerProblem(c, wrong(MISNAMED, "name"));
    case "unreadable":
      return answerProblem(c, wrong(sentenceOf(change.sentence), "source"));
    case "local":
      return answerProblem(c, local(change.label));
    case "full":
      return answerProblem(c, TOO_MANY_STREAMS);
    default:
      return answerChange(c, name, change);
  }
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
