/**
 * Names and passwords as addresses have them, and as requests carry them (RFC 3986 §3.2.1, RFC 7617). Pure.
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
