/**
 * Answers of the HLS delivery: one cache class each (RFC 8216bis appendix on caching), and media bodies that are
 * references to batches. What a client is slow to take is not handed to its socket all at once.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Problem } from "../../../shared/api.ts";
import { sendProblem } from "../problem.ts";

/** A client that takes nothing of a body for so long is cut off. */
const STUCK_MS = 30_000;

/** How long caches may keep an answer. */
export const CACHE = {
  /** Its name is never given to anything else. */
  media: "public, max-age=3600, immutable",
  /** A playlist as it is now. */
  playlist: "public, max-age=1",
  /** The state that was asked for by number: later ones have other addresses. */
  blocked: (target: number): string => `public, max-age=${6 * target}`,
  /** It has gone and does not come back. */
  past: (target: number): string => `public, max-age=${Math.max(1, target)}`,
  /** It may be there the next moment. */
  never: "no-store",
} as const;

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Sends a playlist. Returns the bytes of its body that were sent. */
export function sendPlaylist(
  { request, response }: Exchange,
  text: string,
  cache: string,
): number {
  const bytes = new TextEncoder().encode(text);
  response.writeHead(200, {
    "content-type": "application/vnd.apple.mpegurl",
    "content-length": String(bytes.length),
    "cache-control": cache,
  });
  const isHead = request.method === "HEAD";
  response.end(isHead ? undefined : bytes);
  return isHead ? 0 : bytes.length;
}

/** Sends media: `pieces` in order, none of them copied. Returns the bytes that were sent. */
export async function sendMedia(
  { request, response }: Exchange,
  pieces: readonly Uint8Array[],
): Promise<number> {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  response.writeHead(200, {
    "content-type": "video/mp4",
    "content-length": String(length),
    "cache-control": CACHE.media,
  });
  let sent = 0;
  if (request.method !== "HEAD") {
    for (const piece of pieces) {
      if (response.destroyed) return sent;
      sent += piece.length;
      if (!response.write(piece) && !await drained(response)) return sent;
    }
  }
  response.end();
  return sent;
}

/** Sends a problem. */
export function refuse(
  { response }: Exchange,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendProblem(response, problem, headers);
}

/** Whether the client took what was written; one that takes nothing is cut off. */
function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (well: boolean): void => {
      clearTimeout(patience);
      response.off("drain", onDrain);
      response.off("close", onClose);
      resolve(well);
    };
    const onDrain = (): void => done(true);
    const onClose = (): void => done(false);
    const patience = setTimeout(() => {
      response.destroy();
      done(false);
    }, STUCK_MS);
    response.on("drain", onDrain);
    response.on("close", onClose);
  });
}
