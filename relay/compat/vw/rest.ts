/**
 * vw's REST API: rules of streams and destinations, in its shapes, but for the tokens, which are left out. Malformed JSON
 * is answered with status 500 and a sentence, as vw does.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../log.ts";
import { readShortBody } from "../../publish/short_body.ts";
import { FOREIGN_PAGE, mayChange, sendText } from "../visitors.ts";
import { listDestinations, type Rules } from "./commands.ts";
import { GoJsonError, readGoObject, writeGoJson, writeGoMap } from "./go_json.ts";
import {
  NO_DESTINATION,
  publicDestination,
  readDestinationRule,
  readStreamRule,
  RuleError,
  writeStreamRule,
} from "./rules.ts";

/** Of a rule. */
const MAX_BODY_BYTES = 1024 * 1024;
/** What vw lets a name be in a path. */
const NAME = /^[a-zA-Z0-9\-/]+$/;
const STREAMS = "/api/streams";
const DESTINATIONS = "/api/destinations";
const ALL = "all";
/** What vw answers where "all" was taken for all. */
const DELETED_ALL = writeGoJson("deleteAll");

/** An answer: JSON unless a status says otherwise. */
interface Answer {
  readonly status?: number;
  readonly body: string;
  readonly type?: string;
}

const NOT_FOUND: Answer = {
  status: 404,
  body: "404 page not found\n",
  type: "text/plain; charset=utf-8",
};
const WRONG_METHOD: Answer = { status: 405, body: "", type: "" };

/** Answers a request for one of vw's addresses but its feeds. Never rejects. */
export async function answerRest(
  { request, response, path }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly path: string;
  },
  { rules, log }: { readonly rules: Rules; readonly log: Log },
): Promise<void> {
  const { method = "GET" } = request;
  if (method !== "GET" && method !== "HEAD" && !mayChange(request)) {
    return sendText(response, 403, FOREIGN_PAGE);
  }
  if (path.includes("//")) {
    // As it was sent: decoded, it may hold what no header can.
    const { pathname } = new URL(request.url ?? "/", "http://relay");
    response.writeHead(301, {
      location: pathname.replace(/\/{2,}/g, "/"),
      "content-length": "0",
    });
    return void response.end();
  }
  try {
    send(response, await route({ method, path, request }, rules));
  } catch (error) {
    if (error instanceof GoJsonError || error instanceof RuleError) {
      return sendText(response, 500, error.message);
    }
    log.error(`a request failed: ${error instanceof Error ? error.message : String(error)}`, {
      path,
    });
    sendText(response, 500, "this could not be done; the relay's log says why");
  }
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly request: IncomingMessage;
}

async function route({ method, path, request }: Asked, rules: Rules): Promise<Answer> {
  if (path === "/api") return { body: "", type: "" };
  if (path === "/healthcheck") {
    return method === "GET" ? { body: '"ok"', type: "text/plain; charset=utf-8" } : WRONG_METHOD;
  }
  if (path === STREAMS || path === DESTINATIONS) {
    if (method !== "PUT" && method !== "POST") return WRONG_METHOD;
    const text = await readBody(request);
    return path === STREAMS ? addStream(text, rules) : await addDestination(text, rules);
  }
  const of = [STREAMS, DESTINATIONS].find((each) => path.startsWith(`${each}/`));
  const name = path.slice((of?.length ?? 0) + 1);
  if (of === undefined || !NAME.test(name)) return NOT_FOUND;
  if (method === "GET") {
    return of === STREAMS ? showStream(name, rules) : showDestination(name, rules);
  }
  if (method !== "DELETE") return WRONG_METHOD;
  return of === STREAMS ? deleteStream(name, rules) : deleteDestination(name, rules);
}

function addStream(text: string, { exchange }: Rules): Answer {
  const rule = readStreamRule(readGoObject(text, "agg.Rule"));
  exchange.setRule(rule);
  return { body: writeStreamRule(rule) };
}

async function addDestination(text: string, { destinations }: Rules): Promise<Answer> {
  const rule = readDestinationRule(readGoObject(text, "rwc.Rule"));
  await destinations.add(rule);
  return { body: writeGoJson(publicDestination(rule)) };
}

function showStream(name: string, { exchange: { rules } }: Rules): Answer {
  if (name === ALL) return { body: writeGoMap(rules) };
  const feeds = rules.get(name);
  return feeds === undefined
    ? { ...NOT_FOUND, body: "Stream not found\n" }
    : { body: writeGoJson(feeds) };
}

function showDestination(name: string, { destinations }: Rules): Answer {
  if (name === ALL) return { body: listDestinations(destinations) };
  return { body: writeGoJson(publicDestination(destinations.rules.get(name) ?? NO_DESTINATION)) };
}

function deleteStream(name: string, { exchange }: Rules): Answer {
  if (name !== ALL) {
    exchange.deleteRule(name);
    return { body: writeGoJson(name) };
  }
  exchange.deleteAllRules();
  return { body: DELETED_ALL };
}

function deleteDestination(name: string, { destinations }: Rules): Answer {
  if (name !== ALL) {
    destinations.delete(name);
    return { body: writeGoJson(name) };
  }
  destinations.deleteAll();
  return { body: DELETED_ALL };
}

function send(
  response: ServerResponse,
  { status = 200, body, type = "application/json" }: Answer,
): void {
  response.writeHead(status, {
    ...(type === "" ? {} : { "content-type": type }),
    "content-length": String(new TextEncoder().encode(body).length),
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const text = await readShortBody(request, MAX_BODY_BYTES).catch(() => {
    throw new RuleError("unexpected EOF");
  });
  if (text === undefined) throw new RuleError("http: request body too large");
  return text;
}
