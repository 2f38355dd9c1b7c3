/**
 * GET requests to a camera. Cameras answer with broken status lines, not at all, or 500 while they do as
 * they are told, so every outcome is a value; only an abort throws.
 *
 * `node:http` rather than `fetch`: its errors carry codes, and it takes no notice of proxy variables.
 * @module
 */

import { request } from "node:http";
import type { IncomingMessage } from "node:http";

/** Longest wait for an answer, as the cameras' own applications have it. */
export const HTTP_TIMEOUT_MS = 5_000;
/** A HERO5's schema has about 300 kB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** What came of a request. */
export type Answer =
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  /** Something answered that is not HTTP as it is written; old firmware does. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "failed"; readonly why: "refused" | "unreachable" | "timeout" | "closed" };

/** Asks one camera. */
export type Get = (path: string) => Promise<Answer>;

/** Where a camera's HTTP server is. */
export interface CameraAddress {
  readonly host: string;
  readonly httpPort: number;
}

/** A {@link Get} for the camera at `address`; @throws the signal's reason when it aborts. */
export function cameraGet(
  address: CameraAddress,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Get {
  return async (path) => {
    const answer = await get(
      address,
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
    const options = { host: address.host, port: address.httpPort, path, agent: false, signal };
    const asking = request(options, (response) => resolve(readBody(response)));
    asking.on("error", (error) => resolve(fromError(error)));
    asking.end();
  });
}

function readBody(response: IncomingMessage): Promise<Answer> {
  return new Promise((resolve) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      body += text;
      if (body.length > MAX_BODY_BYTES) {
        resolve({ kind: "unreadable" });
        response.destroy();
      }
    });
    response.on("end", () => resolve({ kind: "answered", status: response.statusCode ?? 0, body }));
    response.on("error", (error) => resolve(fromError(error)));
  });
}

function fromError(error: Error): Answer {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  if (code.startsWith("HPE_")) return { kind: "unreadable" }; // the parser's codes
  switch (code) {
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
