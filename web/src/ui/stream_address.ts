/**
 * What a player's `src` says: where the stream's page is, and what the stream is called.
 *
 * @module
 */

const LIVE = "live/";

/** Absolute; what is no address is left as it is, for the player to say so. */
export function addressOf(src: string, base: string): string {
  try {
    return new URL(src, base).href;
  } catch (error) {
    if (error instanceof TypeError) return src;
    throw error;
  }
}

/** The stream's name; empty where `src` has none. */
export function streamNameOf(src: string): string {
  const path = src.replace(/[?#].*$/, "").replace(/\/+$/, "");
  const at = path.lastIndexOf(LIVE);
  if (at < 0) return "";
  const name = path.slice(at + LIVE.length);
  try {
    return decodeURI(name);
  } catch (error) {
    if (error instanceof URIError) return name;
    throw error;
  }
}
