/**
 * Names, passwords and other secrets: as addresses have them, as requests carry them (RFC 3986 §3.2.1, RFC 7617), and
 * texts that people read without them. Pure.
 *
 * @module
 */

/** A part of an address, decoded; one with a percent sign that encodes nothing stands for itself. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

/** `Authorization` for the name and password of an address, whole; `undefined` where it has neither. */
export function basicAuthorization(
  { username, password }: Pick<URL, "username" | "password">,
): string | undefined {
  if (username === "" && password === "") return undefined;
  const pair = new TextEncoder().encode(`${decodePart(username)}:${decodePart(password)}`);
  return `Basic ${btoa(String.fromCharCode(...pair))}`;
}

/**
 * What cameras and services call secrets in their addresses, whatever stands before the word: `access_token=`, `apikey=`;
 * the digits of a pairing are one while it lasts.
 */
const SECRETS =
  /((?:pass|passwd|password|passphrase|pwd|token|auth|key|secret|sig|signature|pair)=)[^&#\s'"]+?(?=:?(?:[&#\s'"]|$))/gi;

/** A source as written, but for a name and a password: whatever stands before the last `@`; and named secrets. */
export function withoutCredentials(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/).*@/i, "$1").replace(SECRETS, "$1…");
}

/** What was meant as a source, however wrong: without what stands before its last `@`, and named secrets. */
export function withoutLogin(text: string): string {
  return hideSecretArguments(text.replace(/^([^:/\s]*[:/]+)\S*@/, "$1"));
}

/** Any text, without the names and passwords of the addresses in it. */
export function hideCredentials(text: string): string {
  // No scheme is so long that its beginning need be found in a long run of letters, again from each of them.
  return text.replace(/([a-z][a-z0-9+.-]{0,31}:\/\/)[^\s/?#]*@/gi, "$1").replace(
    /[a-z][a-z0-9+.-]{0,31}:\/\/\S+/gi,
    (address) => address.replace(SECRETS, "$1…"),
  );
}

/** Any text without the keys of share links: those stand in the path (contract §8). */
export function withoutKeys(text: string): string {
  return text.replace(/(\/s\/)[^/?#]+/g, "$1…");
}

/** Options of programs that have a secret behind them, and the header that carries one. */
const SECRET_OPTION =
  /(-{1,2}(?:pass(?:word|wd)?|pwd|token|secret|api-?key|auth)[=\s]\s*)("[^"]*"|'[^']*'|[^\s'"]+)/gi;
/** A name and its password, as curl and its like take both; in quotes, and without. */
const QUOTED_PAIR = /((?:^|\s)(?:-u|--(?:proxy-)?user)[=\s]?\s*(["'])[^"':]+:)(?:(?!\2).)+/g;
const BARE_PAIR = /((?:^|\s)(?:-u|--(?:proxy-)?user)[=\s]?\s*[^\s'":]+:)[^\s'"]+/g;
const SECRET_HEADER = /(\bauthorization:\s*(?:basic\s+|bearer\s+)?)[^\s'"]+/gi;

/** A command, without what in it looks like a secret. */
export function hideSecretArguments(command: string): string {
  return [SECRET_OPTION, QUOTED_PAIR, BARE_PAIR, SECRET_HEADER, SECRETS].reduce(
    (shown, secret) => shown.replace(secret, "$1…"),
    hideCredentials(command),
  );
}
