/**
 * Why somebody may not publish, in the words of HTTP and of a WebSocket's close. Decides nothing itself but asks the
 * guard and the streams.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { Problem } from "../../shared/api.ts";
import { CLOSE } from "../../shared/control.ts";
import {
  allowed,
  FROM_ELSEWHERE,
  isFromElsewhere,
  notAllowed,
  type Open,
} from "../access/guard.ts";
import { sentenceOf, TOO_MANY_STREAMS } from "../api/problems.ts";
import { loopIn, readVia, stopAt } from "../../shared/via.ts";
import type { Publication, PublicationEnd, PublicationOptions } from "../streams/publication.ts";
import type { Streams } from "../streams/streams.ts";

/** What publishers are let in by. */
export interface PublishContext {
  readonly streams: Streams;
  /** What needs no key. */
  readonly open: Open;
  /** Origin of `--url`. */
  readonly outside: string | undefined;
  /** This relay's name in `Via`. */
  readonly self: string;
}

/** Somebody who is not let in. */
export interface Refusal {
  readonly problem: Problem;
  /** Of the WebSocket, contract §5. */
  readonly close: number;
}

/** Why somebody may not publish at all, whatever they bring; `undefined` when they may. */
export function barred(
  { open, outside }: Pick<PublishContext, "open" | "outside">,
  headers: Headers,
): Refusal | undefined {
  if (isFromElsewhere(headers, { outside })) {
    return { problem: FROM_ELSEWHERE, close: CLOSE.notAllowed };
  }
  return allowed(open, "publish")
    ? undefined
    : { problem: notAllowed("publish"), close: CLOSE.notAllowed };
}

/** Asks for a stream on somebody's behalf. */
export function enter(
  context: PublishContext,
  { name, headers, options }: {
    readonly name: string;
    readonly headers: Headers;
    readonly options: PublicationOptions;
  },
): Publication | Refusal {
  const refusal = barred(context, headers);
  if (refusal) return refusal;
  const via = readVia(headers.get("via"));
  const loop = loopIn(via, stopAt(context.self, name));
  if (loop !== undefined) return { problem: goesRound(loop), close: CLOSE.taken };
  const outcome = context.streams.publish(name, { ...options, via });
  switch (outcome.kind) {
    case "publication":
      return outcome.publication;
    case "taken":
      return { problem: taken(name), close: CLOSE.taken };
    case "sourced":
      return { problem: sourced(name), close: CLOSE.taken };
    case "misnamed":
      return { problem: MISNAMED, close: CLOSE.noSuchStream };
    case "full":
      return { problem: TOO_MANY_STREAMS, close: CLOSE.tooMany };
  }
}

/** Whether {@link enter} refused. */
export function isRefusal(answer: Publication | Refusal): answer is Refusal {
  return "problem" in answer;
}

/** What a publication's end was, for one who still waits for an answer. */
export function endProblem(kind: PublicationEnd, reason: string): Problem {
  return {
    type: "/problems/publication-ended",
    title: "The relay ended this publication",
    status: STATUS[kind],
    detail: sentenceOf(reason),
  };
}

/** RFC 9110 §15.5. */
const STATUS: Readonly<Record<PublicationEnd, number>> = {
  ended: 409,
  replaced: 409,
  silent: 408,
  stopped: 503,
  failed: 415,
};

/** Headers as the guard reads them. */
export function headersOf({ headers }: IncomingMessage): Headers {
  const read = new Headers();
  for (const name of ["origin", "sec-fetch-site", "via"]) {
    const value = headers[name];
    if (typeof value === "string") read.set(name, value);
  }
  const host = headers[":authority"] ?? headers.host;
  if (typeof host === "string") read.set("host", host);
  return read;
}

function taken(name: string): Problem {
  return {
    type: "/problems/taken",
    title: "Already published",
    status: 409,
    detail: `Somebody publishes ${name} already; add ?replace=1 to take their place.`,
  };
}

function sourced(name: string): Problem {
  return {
    type: "/problems/not-for-publishers",
    title: "Not for publishers",
    status: 409,
    detail: `The stream ${name} has a source of its own; publish under another name.`,
  };
}

function goesRound(detail: string): Problem {
  return { type: "/problems/loop", title: "It would go round for ever", status: 409, detail };
}

const MISNAMED: Problem = {
  type: "/problems/bad-name",
  title: "Not a stream's name",
  status: 400,
  detail:
    "A stream's name has letters, digits, dots, hyphens and underscores, begins with a letter or digit, " +
    "and may have parts between slashes: /publish/NAME.",
};
