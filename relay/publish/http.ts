/**
 * `POST` or `PUT /publish/{name}`: a body without an end, told apart by its first bytes (contract §6). The sender is
 * held back while the relay reads; what the bytes mean is the stream's to find out.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Problem } from "../../shared/api.ts";
import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import { sendProblem } from "../deliveries/problem.ts";
import { sentenceOf } from "../api/problems.ts";
import { endProblem, enter, headersOf, isRefusal, type PublishContext } from "./refusals.ts";

/** A sender that was refused has so long to read why, while what it still sends is thrown away. */
const FAREWELL_MS = 2_000;
/** So many of a body's first bytes are shown to its sender, where nothing in it could be read. */
const HEAD_BYTES = 16;

/** One request of a publisher. */
export interface PublishRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly name: string;
  readonly query: URLSearchParams;
}

/** Takes a publisher's body until it ends. */
export function publishByHttp(context: PublishContext, what: PublishRequest): void {
  const { request, response, name, query } = what;
  if (request.method !== "POST" && request.method !== "PUT") {
    return sendProblem(response, WRONG_METHOD, { allow: "POST, PUT" });
  }
  const options = { replace: query.get("replace") === "1" };
  const publication = enter(context, { name, headers: headersOf(request), options });
  if (isRefusal(publication)) return refuse(what, () => sendProblem(response, publication.problem));
  let bytes = 0;
  let head: Bytes = new Uint8Array(0);
  let answered = false;
  request.on("data", (chunk: Bytes) => {
    bytes += chunk.length;
    if (head.length < HEAD_BYTES) head = concatBytes([head, chunk.slice(0, HEAD_BYTES)]);
    const room = publication.write(new Uint8Array(chunk)); // the chunk is the socket's to use again
    if (!room) return;
    request.pause();
    void room.then(() => request.resume());
  });
  request.on("end", () => {
    if (publication.isOver) return;
    answered = true;
    publication.end();
    void publication.read.then((problem) => {
      if (response.destroyed) return;
      if (bytes === 0) return sendProblem(response, EMPTY);
      if (problem !== undefined) return sendProblem(response, unreadable(problem, { bytes, head }));
      const body = JSON.stringify({ stream: name, bytes });
      response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(body);
    });
  });
  request.on("error", () => publication.close("the publisher's connection broke off"));
  request.on("close", () => publication.close("the publisher's connection broke off"));
  void publication.ended.then((reason) => {
    if (answered || response.destroyed) return;
    refuse(what, () => sendProblem(response, endProblem(publication.kind ?? "failed", reason)));
  });
}

/** Says no to one who may still be sending: a connection that is cut at once takes the answer with it. */
function refuse({ request, response }: PublishRequest, answer: () => void): void {
  request.removeAllListeners("data");
  request.resume();
  // HTTP/2 has no such header; there a stream ends without its connection.
  if (request.httpVersionMajor === 1) response.setHeader("connection", "close");
  answer();
  const patience = setTimeout(() => request.destroy(), FAREWELL_MS);
  request.on("close", () => clearTimeout(patience));
}

/** All of a body came, and nothing in it was a picture or a sound. */
function unreadable(
  problem: string,
  { bytes, head }: { readonly bytes: number; readonly head: Bytes },
): Problem {
  const shown = [...head.subarray(0, HEAD_BYTES)];
  const begins = shown.every((byte) => byte >= 0x20 && byte < 0x7f)
    ? JSON.stringify(String.fromCharCode(...shown))
    : shown.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return {
    type: "/problems/unreadable",
    title: "Nothing in it can be played",
    status: 415,
    detail: `${sentenceOf(problem)} ${bytes} bytes came, which begin with ${begins}.`,
  };
}

const EMPTY: Problem = {
  type: "/problems/unreadable",
  title: "Nothing in it can be played",
  status: 400,
  detail:
    "The body was empty. Send MPEG-TS, H.264, H.265, ADTS or MP4: curl sends a file with -T FILE.",
};

const WRONG_METHOD: Problem = {
  type: "/problems/method-not-allowed",
  title: "Method not allowed",
  status: 405,
  detail: "Publish with POST or PUT, or by a WebSocket.",
};
