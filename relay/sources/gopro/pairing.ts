/**
 * Pairing: a camera of the gpControl kind that is new, or was reset, knows nobody, and switches its Wi-Fi off again
 * where nobody finishes what its menu began. A HERO4 shows digits and wants them back over TLS; later ones show none
 * and want to be told that all is done. Done once, and forgotten by nobody.
 *
 * What happens after it is the camera's: its Wi-Fi keeps the name and the password that it has.
 * @module
 */

import { sleep } from "../../../shared/sleep.ts";
import { type Answer, type Get, isSuccess, textOf } from "./camera_http.ts";
import type { Pairing } from "./dialect.ts";
import { HOW_TO_PAIR } from "./failures.ts";
import type { SessionTimings } from "./timings.ts";

/** Where a camera that shows digits takes them. */
export const PAIR_PORT = 443;
/** As many as cameras have been seen to show; 4 on all that were seen, 6 by an early description. */
export const PIN = /^[0-9]{4,6}$/;
/** A camera that shows no digits is told until it says that it has understood. */
const TRIES = 10;

/** What a camera is paired with. */
export interface PairingOptions {
  readonly host: string;
  /** The digits that it shows; empty where it shows none. */
  readonly pin: string;
  readonly get: Get;
  /** Over TLS. Its certificate is the camera's own make and proves nothing: the digits do. */
  readonly getByTls: Get;
  readonly signal: AbortSignal;
  readonly timings: Pick<SessionTimings, "pairPollMs">;
}

/** Pairs, and says in a sentence what came of it: a picture may come all the same. */
export async function pairCamera(
  pairing: Pairing | undefined,
  options: PairingOptions,
): Promise<string> {
  const { host, pin } = options;
  if (pairing === undefined) {
    return `the GoPro at ${host} is none that is paired over Wi-Fi: HERO9 and later are by GoPro's own app`;
  }
  const refusal = pin === "" ? await tellDone(pairing, options) : await tellPin(pairing, options);
  return refusal === undefined
    ? `the GoPro at ${host} is paired: from now on its source needs no "pair"`
    : `the GoPro at ${host} is not paired, ${refusal}: ${HOW_TO_PAIR}`;
}

async function tellPin(
  pairing: Pairing,
  { pin, getByTls, signal }: PairingOptions,
): Promise<string | undefined> {
  for (const path of pairing.byPin(pin)) {
    const answer = await getByTls(path);
    signal.throwIfAborted();
    if (!isSuccess(answer)) return whyNoPin(answer);
  }
  return undefined;
}

function whyNoPin(answer: Answer): string {
  if (answer.kind === "answered") return `it does not take these digits (${answer.status})`;
  if (answer.kind === "unreadable") return "its answer to the digits cannot be read";
  return answer.why === "incompatible"
    ? "its TLS is older than any that this machine speaks; GoPro's own app can do it"
    : "it waits for no digits now";
}

async function tellDone(
  { withoutPin }: Pairing,
  { get, signal, timings }: PairingOptions,
): Promise<string | undefined> {
  let last: Answer | undefined;
  for (let i = 0; i < TRIES; i++) {
    last = await get(withoutPin);
    signal.throwIfAborted();
    if (isSuccess(last) && textOf(last).trim() === "{}") return undefined;
    if (last.kind === "failed" && last.why !== "closed") break;
    await sleep(timings.pairPollMs, signal);
    signal.throwIfAborted();
  }
  return last?.kind === "answered"
    ? `it does not confirm it (${last.status})`
    : "it does not answer";
}
