/**
 * What a relay needs leave to reach so that it can send somewhere: the place itself, and the proxy before it. Connects to
 * nothing.
 *
 * @module
 */

import { hostsOf } from "./destination.ts";
import { proxyFor, type ProxySettings } from "./proxy.ts";

/** Hosts and ports, as Deno spells them. */
export function reachOf(url: string, proxies: ProxySettings): string[] {
  const hosts = hostsOf(url);
  try {
    const proxy = proxyFor(new URL(url), proxies);
    if (!proxy) return hosts;
    const { hostname, port } = proxy;
    return [...hosts, `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`];
  } catch (error) {
    if (error instanceof RangeError) return hosts; // no proxy's address: the destination itself says so
    throw error;
  }
}
