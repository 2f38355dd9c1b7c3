/**
 * Video as earlier clients of Live Stream Server send it: pieces of a WebM file, in order, cut anywhere. Kept as it comes.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";

/** What a WebM file begins with: an EBML header's identifier, RFC 8794 §11.2.1. */
const EBML = [0x1a, 0x45, 0xdf, 0xa3];

/** Whether a file begins with this piece. */
export function beginsClip(bytes: Bytes): boolean {
  return EBML.every((byte, at) => bytes[at] === byte);
}

/** A file in the making. Its methods reject when the disk does not take it. */
export class ClipFile {
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /** Makes the file at `path`, which must not exist. */
  static async create(path: string): Promise<ClipFile> {
    return new ClipFile(path, await Deno.open(path, { write: true, createNew: true }));
  }

  async add(bytes: Bytes): Promise<void> {
    let written = 0;
    while (written < bytes.length) written += await this.#file.write(bytes.subarray(written));
  }

  finish(): void {
    this.#file.close();
  }
}
