/**
 * Whom the relay's certificate is for, and for whom its authority may vouch: the host's own names and addresses,
 * and the one of `--url`. An authority that a phone trusts must be no use against the rest of the web, so it is
 * held to private networks and local names. Pure.
 *
 * @module
 */

import { BlockList, isIP } from "node:net";

/** DNS names and IP addresses; of an authority: domains, and ranges as ADDRESS/BITS. */
export interface Names {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
}

/** What the machine says of itself. */
export interface Host {
  readonly hostname: string;
  readonly addresses: readonly string[];
}

/** Networks that nobody can route from outside: RFC 1918, 3927, 4193, 4291, 6598. */
const PRIVATE_RANGES = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "100.64.0.0/10",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];
/** Domains that no public name ends in: RFC 6761, 6762, 8375, and what routers hand out. */
const LOCAL_DOMAINS = ["localhost", "local", "lan", "internal", "home.arpa"];
/** A DNS label, RFC 1123 §2.1. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** All names by which this machine may be reached. */
export function ownNames({ hostname, addresses }: Host, url: URL | undefined): Names {
  const [label = ""] = hostname.toLowerCase().split(".");
  const outside = url ? bareHost(url) : undefined;
  const dns = ["localhost", ...(LABEL.test(label) ? [`${label}.local`, label] : [])];
  if (outside && isIP(outside) === 0) dns.push(outside);
  const ip = ["127.0.0.1", "::1", ...addresses.filter((address) => !isLinkLocalV6(address))];
  if (outside && isIP(outside) !== 0) ip.push(outside);
  return { dns: unique(dns), ip: unique(ip).sort() };
}

/**
 * What a new authority may vouch for.
 * @param names it must be able to vouch for all of these but foreign IPv6 addresses, which change every day.
 * @param before what an authority that it follows could vouch for beyond that.
 */
export function permitsFor(names: Names, before: Names = { dns: [], ip: [] }): Names {
  const local = { dns: LOCAL_DOMAINS, ip: PRIVATE_RANGES };
  const more = excluded(names, local);
  return {
    dns: unique([...LOCAL_DOMAINS, ...more.dns, ...before.dns]),
    ip: unique([
      ...PRIVATE_RANGES,
      ...more.ip.filter((address) => isIP(address) === 4).map((address) => `${address}/32`),
      ...before.ip,
    ]),
  };
}

/** Those of `names` that an authority may vouch for. */
export function permitted(names: Names, permits: Names): Names {
  const ranges = new BlockList();
  for (const range of permits.ip) {
    const [address = "", bits = ""] = range.split("/");
    ranges.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return {
    dns: names.dns.filter((name) =>
      permits.dns.some((domain) => name === domain || name.endsWith(`.${domain}`))
    ),
    ip: names.ip.filter((address) => ranges.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")),
  };
}

/** Those of `names` that an authority may not vouch for. */
export function excluded(names: Names, permits: Names): Names {
  const within = permitted(names, permits);
  return {
    dns: names.dns.filter((name) => !within.dns.includes(name)),
    ip: names.ip.filter((address) => !within.ip.includes(address)),
  };
}

/** Whether both hold the same, in any order. */
export function sameNames(one: Names, other: Names): boolean {
  const key = ({ dns, ip }: Names): string => [...dns].sort().concat([...ip].sort()).join(" ");
  return key(one) === key(other);
}

/** Host of a URL without the brackets of IPv6. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** No browser takes an address with a zone. */
function isLinkLocalV6(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
