/**
 * One line a request, at debug level, when its answer has ended. Names no secret: no query, no header but the
 * address that asked, and no token of a share link.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../log.ts";

/** A path longer than this is cut: a log is not the requester's to fill. */
const MAX_PATH_CHARS = 200;

/** Watches one exchange to its end. */
export function logRequest(
  log: Log,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): void {
  if (!log.shows("debug")) return;
  const began = performance.now();
  const method = request.method ?? "";
  const path = loggablePath(request.url ?? "");
  const client = request.socket?.remoteAddress;
  const stream = /^\/live\/([^/]+)/.exec(path)?.[1];
  response.once("close", () => {
    log.debug("answered", {
      ...(stream === undefined ? {} : { stream }),
      method,
      path,
      status: response.statusCode,
      http: request.httpVersion,
      client,
      ms: Math.round(performance.now() - began),
    });
  });
}

/** The path of a target as a log may hold it. */
export function loggablePath(target: string): string {
  const [path = ""] = target.split("?");
  return path.replace(/\/s\/[^/]+/, "/s/…").slice(0, MAX_PATH_CHARS);
}
