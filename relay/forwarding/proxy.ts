/**
 * Which HTTP proxy stands between this machine and an address, as the environment has it: `HTTPS_PROXY`, `HTTP_PROXY`,
 * `NO_PROXY`, as curl reads them. Connects to nothing.
 *
 * @module
 */

import { basicAuthorization } from "../../shared/credentials.ts";

/** The variables' values. */
export interface ProxySettings {
  /** For https and wss. */
  readonly https?: string | undefined;
  /** For http and ws. */
  readonly http?: string | undefined;
  /** Hosts that are reached without: names, `.suffixes`, addresses, `*`; a comma between them. */
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
  const secure = url.protocol === "wss:" || url.protocol === "https:";
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

function isExcepted({ hostname, port }: URL, none: string): boolean {
  const host = bare(hostname);
  return none.split(",").map((entry) => entry.trim().toLowerCase()).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    if (only !== undefined && only !== port) return false;
    const suffix = name.replace(/^\*?\./, "");
    return host === suffix || host.endsWith(`.${suffix}`);
  });
}

/** An IPv6 address without its brackets. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "").toLowerCase();
}
