/**
 * `/whip/{name}`: publishing by WebRTC from browsers, OBS and GStreamer, RFC 9725. A session is `?session=` behind the
 * same address. Media and ICE are the peers' concern, streams' names and rights the publishers' door's.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Problem } from "../../../shared/api.ts";
import type { RouteDescription } from "../../api/route.ts";
import { sendProblem } from "../../deliveries/problem.ts";
import type { Log } from "../../log.ts";
import {
  barred,
  endProblem,
  enter,
  headersOf,
  isRefusal,
  type PublishContext,
} from "../refusals.ts";
import { readShortBody } from "../short_body.ts";
import { type IceServer, linkOf } from "./ice_servers.ts";
import { MAX_SDP_BYTES, readOffer } from "./offer.ts";
import * as problems from "./problems.ts";
import { ROUTES } from "./routes.ts";
import type { Session, Sessions } from "./sessions.ts";

/** What WHIP is opened with. */
export interface WhipOptions extends PublishContext {
  /** Peer connections, shared by whoever takes offers. */
  readonly sessions: Sessions;
  /** Path below which the outside sees the relay; begins and ends with a slash. */
  readonly base: string;
  readonly iceServers: readonly IceServer[];
  readonly log: Log;
}

/** A request below `/whip/`. */
export interface WhipRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly name: string;
  readonly query: URLSearchParams;
}

/** What is behind `/whip/{name}`. */
export interface Whip {
  readonly prefix: "/whip/";
  readonly routes: readonly RouteDescription[];
  request(what: WhipRequest): void;
  upgrade(what: { readonly socket: Duplex }): void;
  close(): void;
}

/** A page of another site may read why it is refused; with a key of its own it may publish. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "location, etag, link, accept-post, accept-patch",
};
const PREFLIGHT = {
  ...CORS,
  "access-control-allow-methods": "POST, PATCH, DELETE, OPTIONS",
  "access-control-allow-headers": "authorization, content-type, if-match",
  "access-control-max-age": "600",
};
/** RFC 9725 §4.2: what each address takes, besides OPTIONS; the rest is kept for later editions. */
const ENDPOINT_METHODS: readonly string[] = ["POST"];
const SESSION_METHODS: readonly string[] = ["PATCH", "DELETE"];
const OFFERS = "application/sdp";
const TRICKLES = "application/trickle-ice-sdpfrag";
const NO_STORE = { "cache-control": "no-store" };
/** Lines as every description has them, RFC 8866 §5; at least one. */
const FRAGMENT = /^(?:[a-z]=[^\r\n]*(?:\r?\n)+)+$/;

/** Opens it. */
export function openWhip(options: WhipOptions): Whip {
  const { sessions, log } = options;
  const links = options.iceServers.map(linkOf);

  async function answerOffer({ request, response, name, query }: WhipRequest): Promise<void> {
    const refusal = barred(options, headersOf(request));
    if (refusal) return refuse(response, refusal.problem); // nothing of it is read
    if (typeOf(request) !== OFFERS) return refuse(response, problems.WRONG_TYPE);
    if (sessions.isFull) return refuse(response, problems.TOO_MANY);
    const sdp = await readShortBody(request, MAX_SDP_BYTES);
    if (sdp === undefined) return refuse(response, problems.TOO_LONG);
    if (sessions.isFull) return refuse(response, problems.TOO_MANY); // while it was read
    const accepted = readOffer(sdp);
    if (typeof accepted === "string") return refuse(response, problems.unacceptable(accepted));
    const id = crypto.randomUUID();
    const publication = enter(options, {
      name,
      headers: headersOf(request),
      options: {
        format: "rtp",
        replace: query.get("replace") === "1",
        wantsKeyPicture: () => sessions.keyPicture(id),
      },
    });
    if (isRefusal(publication)) return refuse(response, publication.problem);
    const { ufrag } = accepted;
    const session: Session = { id, name, etag: `"${id.slice(0, 8)}"`, ufrag, publication };
    const answer = await sessions.begin(session, { sdp, accepted });
    if ("problem" in answer) {
      const { problem, offer } = answer;
      return refuse(response, (offer ? problems.unacceptable : problems.unanswered)(problem));
    }
    if (publication.isOver) {
      const reason = await publication.ended;
      return refuse(response, endProblem(publication.kind ?? "failed", reason));
    }
    response.writeHead(201, {
      ...{ ...CORS, ...NO_STORE, "content-type": OFFERS, etag: session.etag },
      location: `${options.base}whip/${name}?session=${id}`,
      "accept-patch": TRICKLES,
      ...(links.length > 0 ? { link: links } : {}),
    });
    response.end(answer.sdp);
  }

  /** The relay waits for checks and makes none: candidates tell it nothing, but are taken as the standard wants it. */
  async function trickle({ request, response }: WhipRequest, session: Session): Promise<void> {
    const condition = request.headers["if-match"];
    if (typeOf(request) !== TRICKLES) return refuse(response, problems.WRONG_TRICKLE_TYPE);
    const fragment = await readShortBody(request, MAX_SDP_BYTES);
    if (fragment === undefined) return refuse(response, problems.TOO_LONG);
    if (condition === undefined) return refuse(response, problems.NO_CONDITION);
    if (!FRAGMENT.test(`${fragment}\n`)) return refuse(response, problems.NO_FRAGMENT);
    const ufrag = /^a=ice-ufrag:(\S+)/m.exec(fragment)?.[1];
    if (ufrag !== undefined && ufrag !== session.ufrag) {
      return refuse(response, problems.NO_RESTART);
    }
    if (condition !== "*" && condition !== session.etag) {
      return refuse(response, problems.OTHER_CONDITION);
    }
    response.writeHead(204, { ...CORS, ...NO_STORE });
    response.end();
  }

  async function ofSession(what: WhipRequest): Promise<void> {
    const { request, response, name, query } = what;
    const session = sessions.get(query.get("session"), name);
    if (!session) return refuse(response, problems.NO_SESSION);
    if (request.method === "PATCH") return await trickle(what, session);
    session.publication.end();
    response.writeHead(200, { ...CORS, ...NO_STORE, "content-length": "0" });
    response.end();
  }

  /**
   * What is taken here, of whoever asks. A browser's question before its own is told no servers (RFC 9725 §4.6), and nobody
   * who may not publish: with them come their passwords.
   */
  function tellOptions({ request, response, query }: WhipRequest): void {
    const isPreflight = request.headers["access-control-request-method"] !== undefined;
    const may = !barred(options, headersOf(request));
    const taken = query.has("session") ? SESSION_METHODS : ENDPOINT_METHODS;
    response.writeHead(200, {
      ...{ ...PREFLIGHT, "accept-post": OFFERS, "accept-patch": TRICKLES, "content-length": "0" },
      allow: ["OPTIONS", ...(may ? taken : [])].join(", "),
      ...(may && !isPreflight && links.length > 0 ? { ...NO_STORE, link: links } : {}),
    });
    response.end();
  }

  /** One whose sender has left is nobody's any more; any other that fails is the relay's fault. */
  function done(answered: Promise<void>, { request, response, name }: WhipRequest): void {
    answered.catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      if (!request.complete) log.debug(`a WHIP request broke off: ${reason}`, { stream: name });
      else log.error(`a WHIP request failed: ${reason}`, { stream: name });
      response.destroy();
    });
  }

  return {
    prefix: "/whip/",
    routes: ROUTES,
    request(what): void {
      const { request, response, query } = what;
      if (request.method === "OPTIONS") return tellOptions(what);
      const isSession = query.has("session");
      const taken = isSession ? SESSION_METHODS : ENDPOINT_METHODS;
      if (!taken.includes(request.method ?? "")) {
        const problem = isSession ? problems.WRONG_SESSION_METHOD : problems.WRONG_METHOD;
        return refuse(response, problem, { allow: `OPTIONS, ${taken.join(", ")}` });
      }
      done(isSession ? ofSession(what) : answerOffer(what), what);
    },
    upgrade: ({ socket }) => void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n"),
    close: () => sessions.close(),
  };
}

function refuse(
  response: ServerResponse,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendProblem(response, problem, { ...CORS, ...headers });
}

function typeOf({ headers }: IncomingMessage): string | undefined {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
}
