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

/** Words between a stream's name and one file of many: no part of a name but the first, and not the last. */
export const FOLDERS: ReadonlySet<string> = new Set(["hls"]);

/**
 * Behind a stream's name in a URL: the same stream with its sound in AAC, for those who cannot play Opus. No name holds
 * its first character.
 */
export const IN_AAC = "~aac";

/** Whether `name` can name a stream. */
export function isStreamName(name: string): boolean {
  if (name.length > MAX_STREAM_NAME_CHARS) return false;
  const parts = name.split("/");
  const last = parts.at(-1) ?? "";
  return parts.every((part, at) => PART.test(part) && (at === 0 || !FOLDERS.has(part))) &&
    !RESOURCES.has(last) && !FOLDERS.has(last);
}

/** What stands after `/live/`, taken apart. */
export interface LivePath {
  /** A stream's. */
  readonly name: string;
  /** The resource of it, or the folder, where one is named. */
  readonly resource?: string;
  /** The file in the folder. */
  readonly file?: string;
}

/** Takes apart what stands after `/live/`. */
export function splitLivePath(path: string): LivePath {
  const slash = path.lastIndexOf("/");
  if (slash <= 0) return { name: path };
  const last = path.slice(slash + 1);
  const before = path.slice(0, slash);
  if (RESOURCES.has(last)) return { name: before, resource: last };
  const folderSlash = before.lastIndexOf("/");
  const folder = before.slice(folderSlash + 1);
  return folderSlash > 0 && FOLDERS.has(folder)
    ? { name: before.slice(0, folderSlash), resource: folder, file: last }
    : { name: path };
}
