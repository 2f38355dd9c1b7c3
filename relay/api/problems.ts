/**
 * Problems (RFC 9457) that more than one route answers with, and how a route answers with one.
 *
 * @module
 */

import type { Context } from "hono";
import type { Problem } from "../../shared/api.ts";
import { PROBLEM_TYPE } from "./route.ts";

/** As much of a name or id that nobody has is repeated. */
const MAX_REPEATED_CHARS = 200;

/** What the API has by name, and where the names are. */
const LISTS = {
  stream: "/api/streams",
  destination: "/api/destinations",
  recording: "/api/recordings",
} as const;

/** Answers with a problem. */
export function answerProblem(
  c: Context,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.json(problem, problem.status as 400, { ...PROBLEM_TYPE, ...headers });
}

/** There is none of that name. */
export function noSuch(kind: keyof typeof LISTS, name: string): Problem {
  return {
    type: `/problems/no-such-${kind}`,
    title: `No such ${kind}`,
    status: 404,
    detail: `There is no ${kind} named ${name.slice(0, MAX_REPEATED_CHARS)}; ${LISTS[kind]} ` +
      "lists those there are.",
  };
}

/** What is asked of an address that has no such method (RFC 9110 §15.5.6). @param allow those it has, as the header has them. */
export function wrongMethod(method: string, allow: string): Problem {
  return {
    type: "/problems/method-not-allowed",
    title: "Method not allowed",
    status: 405,
    detail: `${method.slice(0, MAX_REPEATED_CHARS)} means nothing here; use ${
      allow.replace(/, (?=[^,]+$)/, " or ")
    }.`,
  };
}

/** One more would be too many. */
export const TOO_MANY_STREAMS: Problem = {
  type: "/problems/too-many-streams",
  title: "Too many streams",
  status: 503,
  detail: "This relay has as many streams as it takes; end one first.",
};

/** The camera was told, and did not do it. @param words why, a sentence or its words alone. */
export function cameraRefused(words: string): Problem {
  return {
    type: "/problems/camera",
    title: "The camera did not do it",
    status: 409,
    detail: sentenceOf(words),
  };
}

/** Words as a sentence. */
export function sentenceOf(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.?!…]$/.test(words) ? "" : "."}`;
}
