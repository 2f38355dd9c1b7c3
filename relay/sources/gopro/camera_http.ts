/**
 * GET requests to a camera. Cameras answer with broken status lines, not at all, or 500 while they do as
 * they are told, so every outcome is a value; only an abort throws.
 *
 * `node:http` rather than `fetch`: its errors carry codes, and it takes no notice of proxy variables.
 * @module
 */

import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { request as requestByTls } from "node:https";
import { Growable } from "../../bytes/growable.ts";

/** Longest wait for an answer, as the cameras' own applications have it. */
export const HTTP_TIMEOUT_MS = 5_000;
/** A HERO5's schema has about 300 kB, a second of preview at 4 Mb/s 500 kB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** What came of a request. */
export type Answer =
  | { readonly kind: "answered"; readonly status: number; readonly body: Uint8Array }
  /** Something answered that is not HTTP as it is written; old firmware does. */
  | { readonly kind: "unreadable" }
  | {
    readonly kind: "failed";
    readonly why: "refused" | "unreachable" | "timeout" | "closed" | "untrusted" | "incompatible";
  };

/** Asks one camera, on one of its ports; on the dialect's own if not given. */
export type Get = (path: string, port?: number) => Promise<Answer>;

/** Where a camera's HTTP server is. */
export interface CameraAddress {
  readonly host: string;
  readonly httpPort: number;
  /**
   * HTTPS: of a camera that was set up for it, or `unproven`, where the certificate is of the camera's own making and
   * nothing secret is said.
   */
  readonly secure?: Secure | "unproven";
}

/** A camera on the home's network (COHN) speaks HTTPS alone and wants a name and a password. */
export interface Secure {
  readonly user: string;
  readonly password: string;
  /** The authority that the camera was given when it was set up, PEM: no other is believed. */
  readonly authority: string;
}

/** The body of an answer as text. */
export function textOf(answer: Answer): string {
  return answer.kind === "answered" ? new TextDecoder().decode(answer.body) : "";
}

/** A {@link Get} for the camera at `address`; @throws the signal's reason when it aborts. */
export function cameraGet(
  address: CameraAddress,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Get {
  return async (path, port = address.httpPort) => {
    const answer = await get(
      { ...address, httpPort: port },
      path,
      AbortSignal.any([
        signal,
        AbortSignal.timeout(timeoutMs),
      ]),
    );
    signal.throwIfAborted();
    return answer;
  };
}

/** Whether the camera said yes. */
export function isSuccess(answer: Answer): boolean {
  return answer.kind === "answered" && answer.status >= 200 && answer.status < 300;
}

/** Whether anything came back, whatever it was. */
export function isAnswer(answer: Answer): boolean {
  return answer.kind !== "failed";
}

function get(address: CameraAddress, path: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const asking = open(address, { path, signal }, (response) => resolve(readBody(response)));
    asking.on("error", (error) => resolve(fromError(error)));
    asking.end();
  });
}

function open(
  { host, httpPort, secure }: CameraAddress,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
  take: (response: IncomingMessage) => void,
): ClientRequest {
  const options = { host, port: httpPort, path, agent: false, signal };
  if (secure === undefined) return request(options, take);
  if (secure === "unproven") return requestByTls({ ...options, rejectUnauthorized: false }, take);
  return requestByTls({
    ...options,
    auth: `${secure.user}:${secure.password}`,
    ca: secure.authority,
    // Its certificate names no address; that its own authority made it is what is asked.
    checkServerIdentity: () => undefined,
  }, take);
}

function readBody(response: IncomingMessage): Promise<Answer> {
  return new Promise((resolve) => {
    const body = new Growable(4096, MAX_BODY_BYTES);
    response.on("data", (bytes: Uint8Array) => {
      if (body.append(bytes, 0, bytes.length)) return;
      resolve({ kind: "unreadable" });
      response.destroy();
    });
    response.on(
      "end",
      () => resolve({ kind: "answered", status: response.statusCode ?? 0, body: body.view() }),
    );
    response.on("error", (error) => resolve(fromError(error)));
  });
}

function fromError(error: Error): Answer {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  if (code.startsWith("HPE_")) return { kind: "unreadable" }; // the parser's codes
  // An alert: no version of TLS, or no cipher, in common. Cameras of 2014 may have none that is still spoken here.
  if (code.startsWith("ERR_SSL_")) return { kind: "failed", why: "incompatible" };
  switch (code) {
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "ERR_TLS_CERT_ALTNAME_INVALID":
    case "InvalidData": // Deno's word for a certificate that does not fit
      return { kind: "failed", why: "untrusted" };
    case "ECONNREFUSED":
      return { kind: "failed", why: "refused" };
    case "ABORT_ERR":
    case "AbortError":
    case "TimeoutError":
    case "ETIMEDOUT":
      return { kind: "failed", why: "timeout" };
    case "ECONNRESET":
    case "EPIPE":
      return { kind: "failed", why: "closed" };
    default:
      return { kind: "failed", why: "unreachable" };
  }
}
