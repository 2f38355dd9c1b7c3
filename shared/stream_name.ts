/**
 * Names of streams, contract §4: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`, with `/` between parts; the last part is
 * none of the words that stand after a stream's name in a URL.
 *
 * @module
 */

const PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Longest name, all parts together. */
export const MAX_STREAM_NAME_CHARS = 255;

/** Words after a stream's name in a URL. */
export const RESOURCES: ReadonlySet<string> = new Set([
  "ws",
  "stream.mp4",
  "stream.ts",
  "index.m3u8",
  "frame.jpg",
  "frame.mp4",
]);

/** Whether `name` can name a stream. */
export function isStreamName(name: string): boolean {
  if (name.length > MAX_STREAM_NAME_CHARS) return false;
  const parts = name.split("/");
  return parts.every((part) => PART.test(part)) && !RESOURCES.has(parts.at(-1) ?? "");
}

/** What stands after `/live/` taken apart: a stream's name, and a resource of it where one is named. */
export function splitLivePath(path: string): { name: string; resource?: string } {
  const slash = path.lastIndexOf("/");
  const last = path.slice(slash + 1);
  return slash > 0 && RESOURCES.has(last)
    ? { name: path.slice(0, slash), resource: last }
    : { name: path };
}
