/**
 * `POST /api/webtransport`, contract §4: a ticket for a session, and the certificates that it may meet. The address
 * is the one of `--url`, or the one at which this very request arrived; never what its `Host` says.
 *
 * @module
 */

import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Problem, WebTransportOffer } from "../../shared/api.ts";
import type { Tickets } from "../deliveries/webtransport_tickets.ts";
import { answerProblem, noSuch } from "../api/problems.ts";
import type { ApiRoute } from "../api/route.ts";
import { readJson } from "../api/read_json.ts";

/** What the answer is made of. */
export interface WebTransportOffers {
  readonly port: number;
  readonly tickets: Tickets;
  readonly hashes: () => readonly Uint8Array<ArrayBuffer>[];
}

/** What the route needs. */
export interface WebTransportApiOptions {
  /** Once it is known; `undefined` where WebTransport is off. */
  readonly offers: Promise<WebTransportOffers | undefined>;
  readonly streams: { get(name: string): unknown };
  /** How the outside reaches the relay, if said. */
  readonly url: URL | undefined;
}

/** The route. A ticket is for whoever may watch, from any page, and so is why there is none; cookies count for nothing. */
export function webTransportRoute(options: WebTransportApiOptions): ApiRoute {
  return {
    method: "POST",
    path: "/api/webtransport",
    right: "view",
    summary: "A ticket for a WebTransport session, and the certificates that it may meet.",
    body: { schema: "WebTransportRequest" },
    answers: {
      200: { description: "The address.", content: { schema: "WebTransportOffer" } },
    },
    problems: [400, 404, 408, 413, 429],
    handle: async (c) => {
      c.header("access-control-allow-origin", "*");
      return await offer(c, options);
    },
  };
}

async function offer(
  c: Context,
  { offers, streams, url }: WebTransportApiOptions,
): Promise<Response> {
  const open = await offers;
  if (!open) return answerProblem(c, OFF);
  const { value, refusal } = await readJson(c, "WebTransportRequest");
  if (refusal) return refusal;
  const { stream } = value;
  if (streams.get(stream) === undefined) return answerProblem(c, noSuch("stream", stream));
  const ticket = open.tickets.issue(stream);
  if (ticket === undefined) return answerProblem(c, TOO_MANY, { "retry-after": "5" });
  const host = url?.hostname ?? localHost(c);
  const answer: WebTransportOffer = {
    url: `https://${host}:${open.port}/webtransport?ticket=${ticket}`,
    certificateHashes: open.hashes().map((hash) => ({
      algorithm: "sha-256",
      value: hash.toBase64(),
    })),
  };
  return c.json(answer, 200, { "cache-control": "no-store" });
}

/** The address of this machine that the client reached, as a URL's host. */
function localHost(c: Context): string {
  const { incoming } = c.env as HttpBindings;
  const address = (incoming.socket.localAddress ?? "127.0.0.1").replace(/^::ffff:(?=\d)/, "");
  return address.includes(":") ? `[${address}]` : address;
}

const OFF: Problem = {
  type: "/problems/webtransport-off",
  title: "WebTransport is off",
  status: 404,
  detail: "This relay offers no WebTransport: its TLS port is off or its UDP port is taken. " +
    "The WebSocket carries everything.",
};

const TOO_MANY: Problem = {
  type: "/problems/too-many",
  title: "Too many at once",
  status: 429,
  detail: "Too many viewers ask for WebTransport at once; try again in a few seconds.",
};
