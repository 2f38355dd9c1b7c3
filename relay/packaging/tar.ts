/**
 * Writes a tar archive (POSIX.1-1988 ustar) that depends on its entries alone: in the order given, one time stamp,
 * nobody's user and group. Reads what it packs, writes no file.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

/** A file of the archive. */
export interface TarEntry {
  /** Inside the archive, with forward slashes. */
  readonly path: string;
  readonly executable: boolean;
  /** What it holds, or where on the disk that is. */
  readonly content: Bytes | { readonly file: string };
}

const BLOCK = 512;
/** ustar's `name` and `prefix` fields; eleven octal digits of size. */
const MAX_NAME = 100;
const MAX_PREFIX = 155;
const MAX_SIZE = 8 ** 11 - 1;

const encoder = new TextEncoder();

/**
 * The archive's bytes.
 * @param time of every entry, seconds since the Unix epoch.
 * @throws {Error} when a path or a file is too long for the format.
 */
export async function* tar(entries: Iterable<TarEntry>, time: number): AsyncGenerator<Bytes> {
  for (const { path, executable, content } of entries) {
    const size = content instanceof Uint8Array
      ? content.byteLength
      : (await Deno.stat(content.file)).size;
    yield header(path, { mode: executable ? 0o755 : 0o644, size, time });
    let written = 0;
    for await (const bytes of content instanceof Uint8Array ? [content] : chunks(content.file)) {
      written += bytes.byteLength;
      yield bytes;
    }
    if (written !== size) throw new Error(`${path} changed while it was packed.`);
    yield new Uint8Array(padding(size));
  }
  yield new Uint8Array(2 * BLOCK);
}

async function* chunks(file: string): AsyncGenerator<Bytes> {
  using open = await Deno.open(file);
  yield* open.readable;
}

function padding(size: number): number {
  return (BLOCK - size % BLOCK) % BLOCK;
}

/** POSIX.1-1988, table 10-1: a field a line. */
function header(
  path: string,
  { mode, size, time }: { readonly mode: number; readonly size: number; readonly time: number },
): Bytes {
  if (size > MAX_SIZE) throw new Error(`${path} is too large for a tar archive.`);
  const block = new Uint8Array(BLOCK);
  const text = (at: number, value: string): void =>
    void encoder.encodeInto(value, block.subarray(at));
  const octal = (at: number, length: number, value: number): void =>
    text(at, value.toString(8).padStart(length - 1, "0"));
  const { name, prefix } = split(path);
  text(0, name);
  octal(100, 8, mode);
  octal(108, 8, 0); // uid
  octal(116, 8, 0); // gid
  octal(124, 12, size);
  octal(136, 12, time);
  text(148, " ".repeat(8)); // the checksum counts itself as spaces
  text(156, "0"); // a regular file
  text(257, "ustar\0" + "00");
  text(265, "root");
  text(297, "root");
  text(345, prefix);
  octal(148, 7, block.reduce((sum, byte) => sum + byte, 0));
  return block;
}

/** A long path is split at a slash. */
function split(path: string): { readonly name: string; readonly prefix: string } {
  const length = (text: string): number => encoder.encode(text).byteLength;
  if (length(path) <= MAX_NAME) return { name: path, prefix: "" };
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (length(prefix) <= MAX_PREFIX && length(name) <= MAX_NAME && name !== "") {
      return { name, prefix };
    }
  }
  throw new Error(`${path} is too long a path for a tar archive.`);
}
