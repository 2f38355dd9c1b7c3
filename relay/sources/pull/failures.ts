/**
 * What keeps a pull from going on, in words: for HTTP's answers (RFC 9110 §15), a WebSocket's close codes and what the
 * network says.
 *
 * @module
 */

import { CLOSE } from "../../../shared/control.ts";
import { hideCredentials, withoutKeys } from "../../../shared/credentials.ts";
import { explainBy, type Meaning } from "../explain.ts";
import { SourceError } from "../source.ts";

const MAX_SAID_CHARS = 200;
/** What Deno says of an answer that makes no WebSocket. */
const UPGRADE_STATUS = /Invalid status code: (\d{3})/;

/** The sentence for an answer that is no stream. */
export function answered(place: string, status: number): string {
  switch (status) {
    case 401:
      return `${place} wants to know who asks: put NAME:PASSWORD@ before the host, or use a share link`;
    case 403:
      return `${place} does not allow this`;
    case 404:
    case 410:
      return `${place} has nothing at this address: is the path right?`;
    case 429:
      return `${place} serves too many already`;
    case 503:
      return `${place} has the stream, but no picture for now`;
    default:
      return status >= 500
        ? `${place} has failed itself and answered ${status}`
        : `${place} answered ${status}, which is no stream`;
  }
}

/** The sentence for a connection that the other side ended. @param reason as it gave it. */
export function closed(place: string, { code, reason }: CloseEvent): string {
  const why = reason.replace(/[.\s]+$/, "");
  switch (code) {
    case CLOSE.noKey:
      return `${place} wants a key: use a share link's address`;
    case CLOSE.notAllowed:
      return `${place} does not allow this`;
    case CLOSE.noSuchStream:
      return `${place} says: ${why || "there is no such stream"}`;
    case CLOSE.tooMany:
      return `${place} serves too many already`;
    default:
      return `${place} ended the connection${why === "" ? "" : `: ${why}`}`;
  }
}

const MEANINGS: readonly (readonly [RegExp, (place: string) => string])[] = [
  [
    /dns error|Name or service not known|failed to lookup/i,
    (place) => `nobody knows a machine of the name in ${place}: correct it, or write its address`,
  ],
  [
    /UnknownIssuer|SelfSigned|CaUsedAsEndEntity/i,
    (place) =>
      `${place} shows a certificate that nobody here vouches for: name its authority's file with #ca=FILE`,
  ],
  [
    /NotValidForName|certificate not valid for/i,
    (place) =>
      `the certificate of ${place} is for another name: write the host as the certificate has it`,
  ],
  [
    /expired|NotValidYet/i,
    (place) => `the certificate of ${place} is out of date, or this machine's clock is wrong`,
  ],
  [
    /invalid peer certificate|certificate/i,
    (place) => `the certificate of ${place} cannot be trusted`,
  ],
  [
    /corrupt message|InvalidContentType|HandshakeFailure|tls|ssl/i,
    (place) => `${place} does not speak TLS on this port: write http:, or the port that does`,
  ],
  [
    /Connection refused|tcp connect error|Connect\)/i,
    (place) => `nothing answers at ${place}: is it on, and the port right?`,
  ],
  [
    /invalid HTTP (?:version|header|status)/i,
    (place) => `${place} does not speak HTTP on this port: is the port right?`,
  ],
  [
    /closed before message|reset by peer|Broken pipe|unexpected EOF|end of file|body/i,
    (place) => `${place} ended the connection in the middle`,
  ],
];

/** A network's failure as a sentence; its own words where it says something new. */
export function inWords(place: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const status = UPGRADE_STATUS.exec(causes(error))?.[1];
  if (status !== undefined) {
    return new SourceError(answered(place, Number(status)), { cause: error });
  }
  const meanings = MEANINGS.map(([sign, sentence]): Meaning => [sign, sentence(place)]);
  const sentence = explainBy(meanings, [causes(error)]) ??
    `${place} cannot be reached: ${root(error)}`;
  return new SourceError(sentence, { cause: error });
}

/** The innermost of the causes: the outer ones repeat the address, with what is secret in it. */
function root(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return root(error.cause);
  const said = error instanceof Error ? error.message : String(error);
  return withoutKeys(hideCredentials(said)).replace(/[.\s]+$/, "").slice(0, MAX_SAID_CHARS);
}

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${causes(error.cause)}`;
}
