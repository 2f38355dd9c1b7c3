/**
 * STUN and TURN servers that publishers are told of, RFC 9725 §4.6. The relay itself asks none: it is found by its own
 * addresses.
 *
 * @module
 */

/** A server, as it is written: `stun:HOST[:PORT]` or `turn:USER:PASSWORD@HOST[:PORT]`. */
export interface IceServer {
  /** RFC 7064, RFC 7065. */
  readonly uri: string;
  readonly login?: { readonly username: string; readonly credential: string };
}

const WRITTEN =
  /^(stuns?|turns?):(?:([^:@]+):([^@]+)@)?([A-Za-z0-9.[\]:-]+(?:\?transport=(?:udp|tcp))?)$/;

/** Reads one; `undefined` where it is none. */
export function readIceServer(text: string): IceServer | undefined {
  const [, scheme = "", username, credential, host = ""] = WRITTEN.exec(text) ?? [];
  if (host === "" || (scheme.startsWith("turn") && username === undefined)) return undefined;
  const login = username !== undefined && credential !== undefined
    ? {
      login: { username: decodeURIComponent(username), credential: decodeURIComponent(credential) },
    }
    : {};
  return { uri: `${scheme}:${host}`, ...login };
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
