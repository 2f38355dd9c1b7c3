/**
 * Which HTTP proxy stands between this machine and an address, as the environment has it: `HTTPS_PROXY`, `HTTP_PROXY`,
 * `NO_PROXY`, as curl reads them. Connects to nothing.
 *
 * @module
 */

import { BlockList, isIP } from "node:net";
import { basicAuthorization } from "../../shared/credentials.ts";

/** The variables' values. */
export interface ProxySettings {
  /** For https and wss. */
  readonly https?: string | undefined;
  /** For http and ws. */
  readonly http?: string | undefined;
  /**
   * Hosts that are reached without: names, `.suffixes`, addresses, networks (`10.0.0.0/8`), `*`; a comma or a space
   * between them.
   */
  readonly none?: string | undefined;
}

/** A proxy. */
export interface Proxy {
  readonly hostname: string;
  readonly port: number;
  /** `Proxy-Authorization`; a secret. */
  readonly authorization: string | undefined;
}

/**
 * The proxy for `url`; `undefined` when there is none.
 * @throws {RangeError} with a sentence, when the variable's value is no proxy's address.
 */
export function proxyFor(url: URL, settings: ProxySettings): Proxy | undefined {
  if (url.protocol === "rtp:") return undefined; // datagrams, which pass through none
  const secure = isSecure(url);
  const text = secure ? settings.https : settings.http;
  if (!text || isExcepted(url, settings.none ?? "")) return undefined;
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const proxy = URL.canParse(written) ? new URL(written) : undefined;
  if (proxy?.protocol !== "http:") {
    throw new RangeError(
      `${secure ? "HTTPS_PROXY" : "HTTP_PROXY"} names no HTTP proxy: write http://HOST:PORT`,
    );
  }
  const { hostname, port } = proxy;
  return {
    hostname: bare(hostname),
    port: Number(port || 80),
    authorization: basicAuthorization(proxy),
  };
}

function isExcepted(url: URL, none: string): boolean {
  const host = bare(url.hostname);
  const port = url.port || (isSecure(url) ? "443" : "80");
  return none.toLowerCase().split(/[\s,]+/).some((entry) => {
    if (entry === "" || entry === "*") return entry === "*";
    const { name, only } = splitPort(entry);
    if (only !== undefined && only !== port) return false;
    if (isIP(host) !== 0) return isWithin(host, bare(name));
    const suffix = name.replace(/^\*?\./, "");
    return host === suffix || host.endsWith(`.${suffix}`);
  });
}

/** The colons of an IPv6 address without brackets are no port's. */
function splitPort(entry: string): { readonly name: string; readonly only?: string } {
  const [, name, only] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  return name === undefined || only === undefined ? { name: entry } : { name, only };
}

/** Whether `host`, an address, is the one that is named, or of that network (RFC 4632 §3.1, RFC 4291 §2.3). */
function isWithin(host: string, named: string): boolean {
  const [, network = "", length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(named) ?? [];
  const family = isIP(host);
  const bits = family === 6 ? 128 : 32;
  if (isIP(network) !== family || Number(length ?? bits) > bits) return false;
  const kind = family === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, Number(length ?? bits), kind);
  return list.check(host, kind);
}

function isSecure({ protocol }: URL): boolean {
  return protocol === "wss:" || protocol === "https:";
}

/** An IPv6 address without its brackets. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "").toLowerCase();
}
