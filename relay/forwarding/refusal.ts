/**
 * What an HTTP answer that is not the wanted one says, in a sentence: the detail of a problem (RFC 9457) where there is
 * one, else the status.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";

const MAX_BYTES = 16 * 1024;
const PATIENCE_MS = 2_000;

/** Reads it. Never rejects. */
export async function refusalOf(response: IncomingMessage): Promise<string> {
  const { statusCode = 0, statusMessage = "" } = response;
  const status = `the other side answered ${statusCode} ${statusMessage}`.trim();
  const text = await bodyOf(response);
  try {
    const problem: unknown = JSON.parse(text);
    const detail = typeof problem === "object" && problem !== null && "detail" in problem
      ? problem.detail
      : undefined;
    if (typeof detail === "string") return `${status}: ${detail.replace(/\.$/, "").slice(0, 300)}`;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // no JSON: the status has to do
  }
  return status;
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (part: string) => {
    text += part;
    if (text.length > MAX_BYTES) resolve();
  });
  for (const end of ["end", "error", "close"]) response.on(end, () => resolve());
  const patience = setTimeout(resolve, PATIENCE_MS);
  await promise;
  clearTimeout(patience);
  return text.slice(0, MAX_BYTES);
}
