/**
 * A short request body as text, up to a limit and no longer than a patient sender takes.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import { concatBytes } from "../../shared/bytes.ts";

const BODY_MS = 10_000;

/**
 * Reads it; `undefined` where it is longer than `maxBytes`.
 * @throws when the sender goes away, or takes too long.
 */
export function readShortBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const patience = setTimeout(() => request.destroy(), BODY_MS);
  const chunks: Uint8Array[] = [];
  let length = 0;
  request.on("data", (chunk: Uint8Array) => {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(new Uint8Array(chunk));
  });
  request.on("end", () => {
    clearTimeout(patience);
    resolve(length > maxBytes ? undefined : new TextDecoder().decode(concatBytes(chunks)));
  });
  request.on("error", reject);
  request.on("close", () => {
    clearTimeout(patience);
    reject(new Error("the sender's connection broke off"));
  });
  return promise;
}
