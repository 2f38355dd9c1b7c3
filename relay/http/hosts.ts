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
 * Tells whether a `Host` (or `:authority`) may be answered; a client of HTTP/1.0 may say none.
 *
 * Contract §8 has the host's own addresses. Any address is answered, because rebinding takes a name: a page whose
 * origin is an address came from that address, which then is this relay's, though a container or a router that
 * forwards hides that from it. So is a name without a dot: `localhost`, and names of a container's network, which the
 * relay cannot know. Public name servers have no addresses for them (ICANN forbids that of top-level domains; who
 * could still do it writes a dot behind, which makes the name fully qualified, and is refused), and whoever answers
 * for them inside the network reaches the relay without a browser's help. Then there are this machine's own local
 * names and the host of `--url`.
 */
export function hostCheck({ hostname, url }: OwnHost): (host: string | undefined) => boolean {
  const [label = ""] = hostname.toLowerCase().split(".");
  const own = new Set(LOCAL_DOMAINS.map((domain) => `${label}.${domain}`));
  if (url) own.add(url.hostname);
  return (host) => {
    if (host === undefined) return true;
    if (!URL.canParse(`http://${host}/`)) return false;
    const { hostname: named } = new URL(`http://${host}/`);
    if (isIP(named.replace(/^\[(.*)\]$/, "$1")) !== 0 || !named.includes(".")) return true;
    const absolute = named.replace(/\.$/, "");
    return absolute === "localhost" || own.has(absolute);
  };
}

/** Whether a request names two hosts, of which a proxy may have looked at the other one: RFC 9112 §3.2. */
export function namesTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === "host") hosts++;
  }
  return hosts > 1;
}

/** What such a request is answered with. */
export const TWO_HOSTS: Problem = {
  type: "/problems/bad-request",
  title: "Two hosts",
  status: 400,
  detail: "The request has more than one Host header.",
};

/** The request is for somebody else: RFC 9110 §15.5.20. */
export const MISDIRECTED: Problem = {
  type: "/problems/misdirected",
  title: "Not this relay's name",
  status: 421,
  detail: "This relay does not answer to the name in the address. " +
    "Use its address, or start it with --url and the name that it is reached by.",
};
