/**
 * Where a stream is carried to (contract §7): read from what somebody wrote, in the configuration, on the command line or
 * to the API. Connects to nothing.
 *
 * @module
 */

import { isIP } from "node:net";
import { basicAuthorization } from "../../shared/credentials.ts";
import { isHostName } from "../../shared/host_name.ts";

/** Schemes a stream can be sent by. */
export const SCHEMES = ["ws:", "wss:", "http:", "https:", "rtp:"] as const;
/** What can be asked for; RTP is a format of its own, which its address asks for. */
export const FORMATS = ["fmp4", "ts"] as const;
export type DestinationFormat = (typeof FORMATS)[number] | "rtp";
/** Of RTP: picture and sound, each with its control packets. */
const RTP_PORTS = 4;

/** One destination. */
export interface Destination {
  readonly id: string;
  /** Name of the stream; it need not be there yet. */
  readonly stream: string;
  /** Without name and password. */
  readonly url: string;
  /** `Authorization`, whole; a secret. */
  readonly authorization: string | undefined;
  readonly format: DestinationFormat;
}

/** What somebody wrote. */
export interface WrittenDestination {
  readonly id: string;
  readonly stream: string;
  readonly url: string;
  readonly token?: string | undefined;
  readonly format?: string | undefined;
}

/** It cannot be understood; `message` is a sentence, `field` the part that is wrong. */
export class DestinationError extends Error {
  override readonly name = "DestinationError";

  constructor(readonly field: keyof WrittenDestination, sentence: string) {
    super(sentence);
  }
}

/** Longest that is read. */
const MAX_TOKEN_CHARS = 4096;
const MAX_URL_CHARS = 4096;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Reads one.
 * @throws {DestinationError} whose sentence names neither token nor password.
 */
export function parseDestination(written: WrittenDestination): Destination {
  const { id, stream, token, format } = written;
  if (!ID.test(id)) {
    throw new DestinationError("id", "an id is made of letters, digits and . _ -, 64 at most");
  }
  const url = parseUrl(written.url);
  const known = formatOf(url, format);
  if (token !== undefined && (token.length > MAX_TOKEN_CHARS || !/^[\x21-\x7e]+$/.test(token))) {
    throw new DestinationError(
      "token",
      "a token is made of visible ASCII characters, without spaces",
    );
  }
  const authorization = token === undefined ? basicAuthorization(url) : `Bearer ${token}`;
  url.username = "";
  url.password = "";
  return { id, stream, url: url.href, authorization, format: known };
}

/** Hosts and ports it needs leave to reach, as Deno spells them. */
export function hostsOf(url: string): string[] {
  const { hostname, port, protocol } = new URL(url);
  if (protocol === "rtp:") return rtpHosts(hostname, Number(port));
  const secure = protocol === "wss:" || protocol === "https:";
  return [`${hostname}:${port || (secure ? 443 : 80)}`];
}

/** Datagrams leave for addresses: which ones a name will have, nobody knows beforehand. */
function rtpHosts(hostname: string, port: number): string[] {
  const to = (host: string): string[] =>
    Array.from({ length: RTP_PORTS }, (_, at) => `${host}:${port + at}`);
  if (hostname.startsWith("[")) return ["[::]:0", ...to(hostname)];
  if (isIP(hostname) !== 0) return ["0.0.0.0:0", ...to(hostname)];
  return ["0.0.0.0:0", hostname, ...to(hostname === "localhost" ? "127.0.0.0/8" : "0.0.0.0/0")];
}

function formatOf({ protocol }: URL, format: string | undefined): DestinationFormat {
  if (protocol === "rtp:") {
    if (format === undefined) return "rtp";
    throw new DestinationError("format", "an rtp:// address is its own format: leave format out");
  }
  const known = FORMATS.find((each) => each === (format ?? "fmp4"));
  if (!known) throw new DestinationError("format", `format is one of ${FORMATS.join(", ")}`);
  return known;
}

function parseUrl(text: string): URL {
  const url = text.length <= MAX_URL_CHARS && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !SCHEMES.some((scheme) => scheme === url.protocol) || !isHostName(url.hostname)) {
    throw new DestinationError(
      "url",
      "a destination's address begins with ws://, wss://, http://, https:// or rtp://, for example wss://relay.example.org/publish/cam",
    );
  }
  url.hash = "";
  if (url.protocol === "rtp:") checkRtp(url);
  return url;
}

/** The last label of a name is no number: it would be taken for an address that is written in another way. */
const NAME = /^(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*$/i;

function checkRtp({ hostname, port: text }: URL): void {
  const port = Number(text);
  const isHost = isIP(hostname.replace(/^\[|\]$/g, "")) !== 0 || NAME.test(hostname);
  if (isHost && port > 0 && port + RTP_PORTS <= 65_536) return;
  throw new DestinationError(
    "url",
    "an rtp:// address is a host and a port with three free above it, for example rtp://127.0.0.1:5004",
  );
}
