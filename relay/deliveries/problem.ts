/**
 * Problem details, RFC 9457, written to a plain response: the one form of error answers.
 *
 * @module
 */

import type { ServerResponse } from "node:http";
import type { Problem } from "../../shared/api.ts";

/** Answers with a problem; `headers` are added. Does nothing when an answer has begun. */
export function sendProblem(
  response: ServerResponse,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return;
  response.writeHead(problem.status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...headers,
  });
  response.end(JSON.stringify(problem));
}

/** The stream is known, and does not run. */
export function offlineProblem(reason: string): Problem {
  return {
    type: "/problems/stream-offline",
    title: "The stream does not run",
    status: 503,
    detail: reason,
  };
}
