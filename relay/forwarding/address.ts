/**
 * The address of a host that datagrams go to: each is addressed anew, so that a name is looked up once for many. Sends
 * nothing to it.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { ConnectionError } from "./connection.ts";

/** A name server that is there answers sooner. */
const LOOK_UP_S = 5;
/** How often a name is looked up that is sent to. */
const FOLLOW_MS = 30_000;

/**
 * The IPv4 address behind a name; an address of either family is its own.
 * @throws {ConnectionError} with a sentence, when there is none, and when `signal` aborts.
 */
export async function addressOf(hostname: string, signal?: AbortSignal): Promise<string> {
  if (isIP(hostname) !== 0) return hostname;
  const given = Promise.withResolvers<never>();
  const up = (sentence: string) => (): void => given.reject(new ConnectionError(sentence));
  const late = up(`no name server says within ${LOOK_UP_S} s what address ${hostname} has`);
  const timer = setTimeout(late, LOOK_UP_S * 1000);
  const stop = up("it was given up");
  signal?.addEventListener("abort", stop);
  try {
    const { address } = await Promise.race([lookup(hostname, { family: 4 }), given.promise]);
    return address;
  } catch (error) {
    if (error instanceof ConnectionError || !(error instanceof Error)) throw error;
    throw new ConnectionError(inWords(error, hostname), { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** How a host is followed. */
export interface Following {
  readonly known: string;
  readonly lookUp?: (hostname: string) => Promise<string>;
  readonly everyMs?: number;
  /** Once: it has another address than the known one. */
  moved(): void;
}

/** Looks a name up again and again: nobody answers datagrams, so that a host which has moved would not be missed. */
export function followAddress(
  hostname: string,
  { known, lookUp = addressOf, everyMs = FOLLOW_MS, moved }: Following,
): Disposable {
  const look = async (): Promise<void> => {
    try {
      if (await lookUp(hostname) === known) return;
      clearInterval(timer);
      moved();
    } catch (error) {
      // A name server that is silent for a while: what was found last is still the best there is.
      if (!(error instanceof ConnectionError)) throw error;
    }
  };
  const timer = isIP(hostname) === 0 ? setInterval(() => void look(), everyMs) : undefined;
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function inWords({ code, message }: NodeJS.ErrnoException, hostname: string): string {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `there is no host by the name of ${hostname} with an IPv4 address, or no name server to ask`;
    case "EPERM":
      return `the relay was started without leave to reach ${hostname}: start it again`;
    default:
      return `the name ${hostname} cannot be looked up: ${
        (message.split("\n")[0] ?? "").slice(0, 200)
      }`;
  }
}
