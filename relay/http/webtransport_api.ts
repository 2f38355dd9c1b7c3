/**
 * `POST /api/webtransport`, contract §4: a ticket for a session, and the certificates that it may meet. The address
 * is the one of `--url`, or the one at which this very request arrived; never what its `Host` says.
 *
 * @module
 */

import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Problem, WebTransportOffer } from "../../shared/api.ts";
import type { Tickets } from "../deliveries/webtransport_tickets.ts";
import { noSuchStream } from "./api.ts";

/** A stream's name, and little else. */
const MAX_BODY_BYTES = 4096;
const PROBLEM_TYPE = { "content-type": "application/problem+json" };

/** What the answer is made of. */
export interface WebTransportOffers {
  readonly port: number;
  readonly tickets: Tickets;
  readonly hashes: () => readonly Uint8Array<ArrayBuffer>[];
}

/** What the route needs. */
export interface WebTransportApiOptions {
  /** `undefined` while WebTransport is off. */
  readonly offers: () => WebTransportOffers | undefined;
  readonly streams: { get(name: string): unknown };
  /** How the outside reaches the relay, if said. */
  readonly url: URL | undefined;
}

/** The route. */
export function webTransportApi({ offers, streams, url }: WebTransportApiOptions): Hono {
  const app = new Hono();
  const limited = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => c.json(badRequest("The request's body is too long."), 413, PROBLEM_TYPE),
  });
  // A ticket is for whoever may watch, from any page, and so is why there is none; cookies count for nothing here.
  app.use("/api/webtransport", async (c, next) => {
    await next();
    c.header("access-control-allow-origin", "*");
  });
  app.post("/api/webtransport", limited, async (c) => {
    const open = offers();
    if (!open) return c.json(OFF, 404, PROBLEM_TYPE);
    const name = await readName(c);
    if (name === undefined) return c.json(badRequest(EXPECTED, "stream"), 400, PROBLEM_TYPE);
    if (streams.get(name) === undefined) return c.json(noSuchStream(name), 404, PROBLEM_TYPE);
    const ticket = open.tickets.issue(name);
    if (ticket === undefined) return c.json(TOO_MANY, 429, { ...PROBLEM_TYPE, "retry-after": "5" });
    const host = url?.hostname ?? localHost(c);
    const offer: WebTransportOffer = {
      url: `https://${host}:${open.port}/webtransport?ticket=${ticket}`,
      certificateHashes: open.hashes().map((hash) => ({
        algorithm: "sha-256",
        value: hash.toBase64(),
      })),
    };
    return c.json(offer, 200, { "cache-control": "no-store" });
  });
  return app;
}

const EXPECTED = 'Expected JSON like {"stream":"NAME"}.';

async function readName(c: Context): Promise<string | undefined> {
  try {
    const body: unknown = await c.req.json();
    const name = typeof body === "object" && body !== null && "stream" in body
      ? body.stream
      : undefined;
    return typeof name === "string" ? name : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The address of this machine that the client reached, as a URL's host. */
function localHost(c: Context): string {
  const { incoming } = c.env as HttpBindings;
  const address = (incoming.socket.localAddress ?? "127.0.0.1").replace(/^::ffff:(?=\d)/, "");
  return address.includes(":") ? `[${address}]` : address;
}

function badRequest(detail: string, field?: string): Problem {
  return {
    type: "/problems/bad-request",
    title: "Bad request",
    status: 400,
    detail,
    ...(field === undefined ? {} : { field }),
  };
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
