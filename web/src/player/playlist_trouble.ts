/**
 * Why a playlist does not play, as the relay tells it (RFC 9457): a `<video>` says no more than that it does not.
 *
 * @module
 */

import { withLimit } from "../../../shared/time_limit.ts";

/** What is the matter; `reason` is a sentence. */
export interface Trouble {
  /** The relay says no; the camera is not there; nothing answers, or it is already over. */
  readonly kind: "refused" | "offline" | "gone";
  readonly reason: string;
}

const UNREACHABLE: Trouble = { kind: "gone", reason: "The relay cannot be reached." };
/** The relay itself waits 10 s for a camera that is not there yet. */
const ANSWER_WITHIN_MS = 15_000;

/** Asks for the playlist at `address`; undefined when it is there, so that the trouble was elsewhere. */
export async function asksWhy(address: string, signal: AbortSignal): Promise<Trouble | undefined> {
  const limit = withLimit(signal, ANSWER_WITHIN_MS);
  try {
    const answer = await fetch(address, { signal: limit, cache: "no-store" });
    if (answer.ok) {
      await answer.body?.cancel();
      return undefined;
    }
    return troubleOf(answer.status, await answer.json());
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: "gone", reason: "What answered is no relay." };
    if (error instanceof TypeError || error instanceof DOMException) return UNREACHABLE;
    throw error;
  }
}

/** What an answer other than a playlist means. */
export function troubleOf(status: number, problem: unknown): Trouble {
  const told = typeof problem === "object" && problem !== null && "detail" in problem
    ? problem.detail
    : undefined;
  const reason = typeof told === "string" && told !== "" ? told : `The relay answered ${status}.`;
  if (status === 503) return { kind: "offline", reason };
  return { kind: status >= 400 && status < 500 ? "refused" : "gone", reason };
}
