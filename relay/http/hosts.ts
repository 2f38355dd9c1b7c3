/**
 * Which `Host` a request may bear. A page of somebody else's whose name is made to point here (DNS rebinding)
 * would be same-origin with the relay; it bears that foreign name, and is refused. Pure.
 *
 * @module
 */

import { isIP } from "node:net";
import type { Problem } from "../../shared/api.ts";

/** Names of a local network, which nobody outside it can point anywhere. */
const LOCAL_DOMAINS = ["local", "lan", "internal", "home.arpa"];

/** What the relay is called. */
export interface OwnHost {
  readonly hostname: string;
  readonly url: URL | undefined;
}

/**
 * Tells whether a `Host` (or `:authority`) may be answered: an address, which nobody can rebind; a name without a
 * dot, which no public name server answers for; this machine's own local names; the host of `--url`. A client of
 * HTTP/1.0 may say none.
 */
export function hostCheck({ hostname, url }: OwnHost): (host: string | undefined) => boolean {
  const [label = ""] = hostname.toLowerCase().split(".");
  const own = new Set(LOCAL_DOMAINS.map((domain) => `${label}.${domain}`));
  if (url) own.add(url.hostname);
  return (host) => {
    if (host === undefined) return true;
    if (!URL.canParse(`http://${host}/`)) return false;
    const named = new URL(`http://${host}/`).hostname.replace(/\.$/, "");
    return isIP(named.replace(/^\[(.*)\]$/, "$1")) !== 0 || !named.includes(".") || own.has(named);
  };
}

/** The request is for somebody else: RFC 9110 §15.5.20. */
export const MISDIRECTED: Problem = {
  type: "/problems/misdirected",
  title: "Not this relay's name",
  status: 421,
  detail: "This relay does not answer to the name in the address. " +
    "Use its address, or start it with --url and the name that it is reached by.",
};
