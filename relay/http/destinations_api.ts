/**
 * `/api/destinations`, contract §7 and §9: where streams are carried to, changed while they run. Tokens come in, and never
 * go out.
 *
 * @module
 */

import type { Context } from "hono";
import type { DestinationInfo, DestinationList, Problem } from "../../shared/api.ts";
import { isStreamName } from "../../shared/stream_name.ts";
import { answerProblem, noSuch, sentenceOf } from "../api/problems.ts";
import { readJson, wrong } from "../api/read_json.ts";
import type { ApiRoute } from "../api/route.ts";
import type { WrittenDestination } from "../forwarding/destination.ts";
import type { Destinations } from "../forwarding/destinations.ts";
import { answerChange, type Change } from "./changes.ts";
import { SDP_TYPE } from "../forwarding/rtp_outlet.ts";

/** What came of a wish. */
export type DestinationChange =
  | Change<DestinationInfo>
  | { readonly kind: "unknown" }
  | { readonly kind: "wrong"; readonly field: string; readonly sentence: string }
  | { readonly kind: "full" };

/** Who changes the destinations. */
export interface DestinationChanges {
  put(written: WrittenDestination): Promise<DestinationChange>;
  remove(id: string): Promise<DestinationChange>;
}

/** What the routes need. */
export interface DestinationsContext {
  readonly destinations: Destinations;
  readonly changes: DestinationChanges;
  /** Name of the stream that is meant where a request names none. */
  readonly first: () => string | undefined;
}

/** The routes. */
export function destinationRoutes(
  { destinations, changes, first }: DestinationsContext,
): ApiRoute[] {
  const one = "/api/destinations/{id}";
  const info = { description: "The destination.", content: { schema: "DestinationInfo" } } as const;
  return [
    {
      ...{ method: "GET", path: "/api/destinations", right: "admin" },
      summary: "Where streams are carried to.",
      answers: { 200: { description: "All of them.", content: { schema: "DestinationList" } } },
      handle: (c) => {
        const list: DestinationList = { destinations: destinations.list() };
        return c.json(list);
      },
    },
    {
      ...{ method: "POST", path: "/api/destinations", right: "admin" },
      summary: "Carries a stream to a destination, in the place of the one with that id.",
      body: { schema: "DestinationRequest" },
      answers: {
        200: info,
        201: info,
        202: {
          description: "Kept, and in force when the relay is started again.",
          content: { schema: "RestartNeeded" },
        },
      },
      problems: [400, 408, 409, 413, 429, 500],
      handle: async (c) => {
        const { value, refusal } = await readJson(c, "DestinationRequest");
        if (refusal) return refusal;
        const stream = value.stream ?? first();
        if (stream === undefined || !isStreamName(stream)) {
          return answerProblem(c, wrong("The stream's name is expected.", "stream"));
        }
        const change = await changes.put({ ...value, stream });
        return answer(c, { id: value.id, change });
      },
    },
    {
      ...{ method: "GET", path: one, right: "admin" },
      summary: "One destination.",
      answers: { 200: info },
      problems: [404],
      handle: (c, { id }) => {
        const found = destinations.get(id);
        return found ? c.json(found) : answerProblem(c, noSuch("destination", id));
      },
    },
    {
      ...{ method: "DELETE", path: one, right: "admin" },
      summary: "Ends a destination.",
      answers: { 204: { description: "It is ended." } },
      problems: [404, 409, 500],
      handle: async (c, { id }) => answer(c, { id, change: await changes.remove(id) }),
    },
    {
      ...{ method: "GET", path: `${one}/sdp`, right: "view" },
      summary:
        "The session description (RFC 8866) by which a program receives what goes to rtp://.",
      answers: { 200: { description: "The description.", content: { type: SDP_TYPE } } },
      problems: [404, 409],
      handle: (c, { id }) => {
        const info = destinations.get(id);
        if (!info) return answerProblem(c, noSuch("destination", id));
        const sdp = destinations.sdp(id);
        if (sdp !== undefined) return c.body(sdp, 200, { "content-type": SDP_TYPE });
        return answerProblem(c, info.format === "rtp" ? NO_PICTURE : NO_RTP);
      },
    },
  ];
}

function answer(
  c: Context,
  { id, change }: { readonly id: string; readonly change: DestinationChange },
): Response {
  switch (change.kind) {
    case "unknown":
      return answerProblem(c, noSuch("destination", id));
    case "wrong":
      return answerProblem(c, wrong(sentenceOf(change.sentence), change.field));
    case "full":
      return answerProblem(c, FULL);
    default:
      return answerChange(c, id, change);
  }
}

const NO_RTP: Problem = {
  type: "/problems/no-session-description",
  title: "No session description",
  status: 404,
  detail: "Only what goes to an rtp:// address has a session description.",
};

const NO_PICTURE: Problem = {
  type: "/problems/no-picture",
  title: "No picture yet",
  status: 409,
  detail: "Nothing has been sent there yet, so that nothing can be said of it; ask again.",
};

const FULL: Problem = {
  type: "/problems/too-many-destinations",
  title: "Too many destinations",
  status: 429,
  detail: "This relay carries to as many destinations as it takes; end one first.",
};
