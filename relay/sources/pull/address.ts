/**
 * Addresses of `http(s):` and `ws(s):` sources: read, and shown without what is secret in them. Opens nothing.
 *
 * @module
 */

import { resolve } from "node:path";
import {
  basicAuthorization,
  withoutCredentials,
  withoutKeys,
  withoutLogin,
} from "../../../shared/credentials.ts";
import { isStreamName } from "../../../shared/stream_name.ts";
import { splitFragment } from "../options.ts";
import { SourceError, type SourceSpec } from "../source.ts";

/** Schemes that are pulled from. */
export type PullScheme = "http" | "https" | "ws" | "wss";

/** What a pull needs to know. */
export interface PullSpec extends SourceSpec {
  readonly scheme: PullScheme;
  /** Without name and password. */
  readonly url: string;
  /** What a Rill relay would have its pictures at, as a WebSocket; asked first. */
  readonly socketUrl: string | undefined;
  /** Of a request, where the address has a name: RFC 7617. */
  readonly authorization: string | undefined;
  /** Where, in words. */
  readonly place: string;
  /** PEM of an authority that vouches for the other side, absolute. */
  readonly authority: string | undefined;
}

/** Reads `http://[NAME:PASSWORD@]HOST[:PORT]/PATH[#ca=FILE]`, and the same of the other schemes. */
export function readAddress(scheme: PullScheme): (text: string, folder?: string) => PullSpec {
  return (text, folder = "") => {
    const { address, options } = splitFragment(text, ["ca"]);
    const label = withoutKeys(withoutCredentials(text));
    const url = /^[a-z]+:\/\/[^/]/i.test(address) && URL.canParse(address)
      ? new URL(address)
      : undefined;
    if (!url) {
      throw new SourceError(`no address in "${withoutLogin(text)}": write ${scheme}://HOST/PATH`);
    }
    const isSafe = scheme === "https" || scheme === "wss";
    const ca = options.get("ca");
    if (ca !== undefined && (!isSafe || ca === "")) {
      throw new SourceError(`${label}: ca is the file of an authority, for https: and wss: alone`);
    }
    const authorization = basicAuthorization(url);
    url.username = "";
    url.password = "";
    const authority = ca === undefined ? undefined : resolve(folder, ca);
    return {
      scheme,
      label,
      finite: false,
      namesFile: authority !== undefined,
      permissions: {
        net: [`${url.hostname}:${url.port || (isSafe ? "443" : "80")}`],
        ...(authority === undefined ? {} : { read: [authority] }),
      },
      url: url.href,
      socketUrl: socketOf(url),
      authorization,
      place: url.host,
      authority,
    };
  };
}

/** Where a relay's stream page is, its WebSocket is beside it (contract §4). */
function socketOf(url: URL): string | undefined {
  if (url.protocol.startsWith("ws")) return url.href;
  const name = /\/live\/(.+)$/.exec(url.pathname)?.[1];
  if (name === undefined || !isStreamName(name)) return undefined;
  const socket = new URL(`${url.pathname}/ws`, url);
  socket.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return socket.href;
}
