/**
 * STUN and TURN servers that publishers are told of, RFC 9725 §4.6. The relay itself asks none: it is found by its own
 * addresses.
 *
 * @module
 */

import { decodePart } from "../../../shared/credentials.ts";

/** A server, as it is written: `stun:HOST[:PORT]` or `turn:USER:PASSWORD@HOST[:PORT]`. */
export interface IceServer {
  /** RFC 7064, RFC 7065. */
  readonly uri: string;
  readonly login?: { readonly username: string; readonly credential: string };
}

const WRITTEN =
  /^(stuns?|turns?):(?:([^:@]+):([^@]+)@)?([A-Za-z0-9.[\]:-]+(?:\?transport=(?:udp|tcp))?)$/;

/** What a header can carry. */
const VISIBLE = /^[\x20-\x7e]*$/;

/** Reads one; `undefined` where it is none. */
export function readIceServer(text: string): IceServer | undefined {
  const [, scheme = "", name, password, host = ""] = WRITTEN.exec(text) ?? [];
  if (host === "" || (scheme.startsWith("turn") && name === undefined)) return undefined;
  const uri = `${scheme}:${host}`;
  if (name === undefined || password === undefined) return { uri };
  const login = { username: decodePart(name), credential: decodePart(password) };
  return Object.values(login).every((each) => VISIBLE.test(each)) ? { uri, login } : undefined;
}

/** As `Link` headers tell them. */
export function linkOf({ uri, login }: IceServer): string {
  const credentials = login
    ? `; username=${JSON.stringify(login.username)}; credential=${
      JSON.stringify(login.credential)
    }; credential-type="password"`
    : "";
  return `<${uri}>; rel="ice-server"${credentials}`;
}
