/**
 * Who is behind a request to a listener without keys, as far as a browser tells: its pages may be of anybody's making.
 * Programs are let through; they send what they like anyway, and reach what the address reaches.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { isFromElsewhere } from "../access/guard.ts";
import { headersOf } from "../publish/refusals.ts";

/** Whether a browser's request with this `Host` is for this relay. */
export type Answers = (host: string | undefined) => boolean;

/** No script can take all of these off a browser's request. */
const OF_BROWSERS = ["origin", "sec-fetch-site", "accept-language"] as const;

/** Whether the request may be answered: a browser's only under a name that nobody else can point here (DNS rebinding). */
export function mayAsk({ headers }: IncomingMessage, answers: Answers): boolean {
  const isBrowser = OF_BROWSERS.some((name) => headers[name] !== undefined);
  return !isBrowser || answers(headers.host);
}

/** Whether it may change anything: not for a page that came from elsewhere. */
export function mayChange(request: IncomingMessage): boolean {
  return !isFromElsewhere(headersOf(request));
}

/**
 * Whether a GET may change something, as another system has it. Any page may send one, by an `<img>`, and over plain http a
 * browser then says neither `Origin` nor `Sec-Fetch-Site`; but the page that it came from it says, unless the page forbids
 * that, and ours do not.
 */
export function mayChangeByGet(request: IncomingMessage): boolean {
  const { origin, host, referer, "accept-language": languages } = request.headers;
  if (!mayChange(request)) return false;
  const isSaid = origin !== undefined || request.headers["sec-fetch-site"] !== undefined;
  // A browser names its user's languages; `*` is what programs' fetch() has there.
  if (isSaid || languages === undefined || languages === "*") return true;
  return referer !== undefined && URL.canParse(referer) && new URL(referer).host === host;
}

/**
 * Whether it may watch: also for a page of another server on the same network, since these systems' own pages are
 * served from wherever one likes; not for the pages of the internet.
 */
export function mayWatch(request: IncomingMessage, answers: Answers): boolean {
  const { origin } = request.headers;
  if (mayChange(request)) return true;
  return origin !== undefined && URL.canParse(origin) && answers(new URL(origin).host);
}

/** The path of a request, decoded; `undefined` where it is none. */
export function pathOf({ url = "/" }: IncomingMessage): string | undefined {
  try {
    return decodeURIComponent(new URL(url, "http://relay").pathname);
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return undefined;
    throw error;
  }
}

/** Answers in words, as these systems do. */
export function sendText(
  response: ServerResponse,
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return;
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(`${sentence}\n`);
}

/** Says no to a connection that wants to become a WebSocket. @param status with its phrase: `404 Not Found`. */
export function refuseUpgrade(socket: Duplex, status: string, sentence: string): void {
  const body = `${sentence}\n`;
  const length = new TextEncoder().encode(body).length;
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n` +
      `content-length: ${length}\r\n\r\n${body}`,
  );
}

/** What a browser is told that asked under a foreign name. */
export const FOREIGN_NAME =
  "This relay does not answer to the name in the address: use its IP address, or start it with --url.";
/** What a page of another site is told. */
export const FOREIGN_PAGE = "A page of another site may not do this here.";
