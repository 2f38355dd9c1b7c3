/**
 * `POST` or `PUT /publish/{name}`: a body without an end, told apart by its first bytes (contract §6). The sender is
 * held back while the relay reads; what the bytes mean is the stream's to find out.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Bytes } from "../../shared/bytes.ts";
import { sendProblem } from "../deliveries/problem.ts";
import { endProblem, enter, headersOf, isRefusal, type PublishContext } from "./refusals.ts";

/** A sender that was refused has so long to read why, while what it still sends is thrown away. */
const FAREWELL_MS = 2_000;

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
  let answered = false;
  request.on("data", (chunk: Bytes) => {
    bytes += chunk.length;
    const room = publication.write(new Uint8Array(chunk)); // the chunk is the socket's to use again
    if (!room) return;
    request.pause();
    void room.then(() => request.resume());
  });
  request.on("end", () => {
    if (publication.isOver) return;
    answered = true;
    publication.end();
    const body = JSON.stringify({ stream: name, bytes });
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(body);
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

const WRONG_METHOD = {
  type: "/problems/method-not-allowed",
  title: "Method not allowed",
  status: 405,
  detail: "Publish with POST or PUT, or by a WebSocket.",
};
