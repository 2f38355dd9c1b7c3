/**
 * What an HTTP answer that is not the wanted one says, in a sentence: the detail of a problem (RFC 9457) or a line of text
 * where there is one, else the status.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import { hideCredentials, withoutKeys } from "../../shared/credentials.ts";

const MAX_BYTES = 16 * 1024;
const MAX_QUOTED_CHARS = 300;
const PATIENCE_MS = 2_000;

/**
 * Whether such an answer means no, which it still will in a moment. A server that fails, or whose own server is not there
 * (502 of a relay that is being started anew, behind its proxy), may not.
 */
export function isRefusal({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 300 && statusCode < 500 && statusCode !== 408;
}

/** Reads it. Never rejects. */
export async function refusalOf(response: IncomingMessage): Promise<string> {
  const { statusCode = 0, statusMessage = "" } = response;
  const status = `the other side answered ${statusCode} ${statusMessage}`.trim();
  const { location, "content-type": type = "" } = response.headers;
  const leads = statusCode >= 300 && statusCode < 400 ? location : undefined;
  const words = leads === undefined
    ? wordsIn(await bodyOf(response), type)
    : `it leads to ${withoutSecrets(leads)}: write that address`;
  return words === "" ? status : `${status}: ${words.slice(0, MAX_QUOTED_CHARS)}`;
}

/** What a body says to people, without its full stop; empty where it says nothing. */
function wordsIn(text: string, type: string): string {
  if (/^text\/plain\b/.test(type)) {
    const [line = ""] = text.trim().split(/[\r\n]/);
    return line.replace(/\.$/, "");
  }
  try {
    const problem: unknown = JSON.parse(text);
    const detail = typeof problem === "object" && problem !== null && "detail" in problem
      ? problem.detail
      : undefined;
    return typeof detail === "string" ? detail.replace(/\.$/, "") : "";
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return ""; // no JSON: the status has to do
  }
}

function withoutSecrets(address: string): string {
  return withoutKeys(hideCredentials(address)).split(/[?#]/)[0] ?? "";
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
