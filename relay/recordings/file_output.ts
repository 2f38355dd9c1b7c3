/**
 * A recording's output as a file on disk. Calls block: whoever must not wait for a disk runs this in a
 * thread of its own.
 *
 * @module
 */

import { closeLocked } from "../close_locked.ts";
import { RecordingError, type RecordingOutput } from "./output.ts";

/** What a file is opened for. */
export type FileUse =
  /** Emptied or made anew. */
  | "create"
  /** Made anew; a file that is there already stays as it is, and that is a failure. */
  | "createNew"
  /** Gone on with, as it is. */
  | "repair";

/** A file. */
export class FileOutput implements RecordingOutput {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #length: number;

  private constructor(path: string, file: Deno.FsFile, length: number) {
    this.path = path;
    this.#file = file;
    this.#length = length;
  }

  /**
   * Opens a file.
   * @throws {RecordingError} when it cannot be written.
   */
  static open(path: string, use: FileUse): FileOutput {
    return inWords(path, () => {
      const file = Deno.openSync(path, optionsFor(path, use));
      if (!lock(file) && use === "repair") {
        file.close();
        throw new Error("another program is writing it");
      }
      return new FileOutput(path, file, use === "repair" ? file.statSync().size : 0);
    });
  }

  /**
   * Sees whether a file could be opened at `path` for that use, and leaves everything as it was.
   * @throws {RecordingError} when it could not.
   */
  static probe(path: string, use: Exclude<FileUse, "repair">): void {
    inWords(path, () => {
      const isNew = kindOf(path) === undefined;
      Deno.openSync(path, { ...optionsFor(path, use), truncate: false }).close();
      if (isNew) Deno.removeSync(path);
    });
  }

  /** Whether there is a file at `path`. @throws {RecordingError} when nobody may know. */
  static isThere(path: string): boolean {
    return inWords(path, () => kindOf(path) === "file");
  }

  get length(): number {
    return this.#length;
  }

  /** Reads into `bytes` from `at`; answers how many bytes there were. */
  read(at: number, bytes: Uint8Array): number {
    return inWords(this.path, () => {
      this.#file.seekSync(at, Deno.SeekMode.Start);
      let filled = 0;
      while (filled < bytes.length) {
        const count = this.#file.readSync(bytes.subarray(filled));
        if (count === null) break;
        filled += count;
      }
      this.#file.seekSync(this.#length, Deno.SeekMode.Start);
      return filled;
    });
  }

  append(bytes: Uint8Array): void {
    inWords(this.path, () => writeAll(this.#file, bytes));
    this.#length += bytes.length;
  }

  overwrite(at: number, bytes: Uint8Array): void {
    inWords(this.path, () => {
      this.#file.seekSync(at, Deno.SeekMode.Start);
      writeAll(this.#file, bytes);
      this.#file.seekSync(this.#length, Deno.SeekMode.Start);
    });
  }

  truncate(length: number): void {
    inWords(this.path, () => {
      this.#file.truncateSync(length);
      this.#file.seekSync(length, Deno.SeekMode.Start);
    });
    this.#length = length;
  }

  sync(): void {
    inWords(this.path, () => this.#file.syncDataSync());
  }

  close(): void {
    closeLocked(this.#file);
  }
}

/**
 * Keeps others from repairing what is still being written. Where locks keep readers out as well (Windows) there is none,
 * nor where the file system has none.
 * @returns whether nobody else has it.
 */
function lock(file: Deno.FsFile): boolean {
  if (Deno.build.os === "windows") return true;
  try {
    return file.tryLockSync(true);
  } catch (error) {
    if (error instanceof Error) return true;
    throw error;
  }
}

/** What is no file (`/dev/null`, a disk) cannot be made anew, and has nothing that would be lost. */
function optionsFor(path: string, use: FileUse): Deno.OpenOptions {
  if (use === "repair") return { read: true, write: true };
  return use === "createNew" && kindOf(path) !== "other"
    ? { write: true, createNew: true }
    : { write: true, create: true, truncate: true };
}

function kindOf(path: string): "file" | "other" | undefined {
  try {
    return Deno.statSync(path).isFile ? "file" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) written += file.writeSync(bytes.subarray(written));
}

function inWords<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw new RecordingError(sentence(path, error), { cause: error });
  }
}

function sentence(path: string, error: unknown): string {
  if (error instanceof Deno.errors.NotFound) {
    return `cannot write ${path}: there is no such file or folder`;
  }
  if (error instanceof Deno.errors.AlreadyExists) {
    return `${path} is there already, and stays as it is: name another file, or add --overwrite`;
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return `cannot write ${path}: it is a folder; name a file in it`;
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return `cannot write ${path}: permission denied`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|os error 28|no space/i.test(reason)) {
    return `cannot write ${path}: the disk is full; make room or name a file on another disk`;
  }
  if (/EFBIG|os error 27/i.test(reason)) {
    return `cannot write ${path}: no larger file is allowed here`;
  }
  if (/EDQUOT|os error 122/i.test(reason)) {
    return `cannot write ${path}: this user's share of the disk is used up`;
  }
  return `cannot write ${path}: ${reason}`;
}
