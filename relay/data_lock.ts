/**
 * One relay at a time in a data folder: two would write over each other's state, and the second would take what the first
 * is recording for a crash's leavings. A lock of the system's, which ends with the process however that ends.
 *
 * @module
 */

import { join } from "node:path";
import { closeLocked } from "./close_locked.ts";
import type { Log } from "./log.ts";
import { UsageError } from "./usage_error.ts";

const FILE_NAME = "relay.lock";
const MODE = 0o600;
/** Of what stands in the file: a process's number. */
const MAX_DIGITS = 10;

/**
 * Takes the folder until it is disposed of; a relay that may not write there needs not.
 * @throws {UsageError} when another relay has it.
 */
export function lockData(data: string, log: Log): Disposable | undefined {
  if (Deno.permissions.querySync({ name: "write", path: data }).state !== "granted") {
    return undefined;
  }
  const path = join(data, FILE_NAME);
  let file: Deno.FsFile | undefined;
  try {
    Deno.mkdirSync(data, { recursive: true });
    file = Deno.openSync(path, { read: true, write: true, create: true, mode: MODE });
    if (file.tryLockSync(true)) {
      file.truncateSync();
      file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
      const locked = file;
      return { [Symbol.dispose]: () => closeLocked(locked) };
    }
  } catch (error) {
    file?.close();
    if (!(error instanceof Error)) throw error;
    // A network's disk that knows no locks, or one that takes nothing: whoever writes there says so in its own words.
    log.warn(`whether another relay uses ${data} too cannot be told: ${error.message}`);
    return undefined;
  }
  const owner = ownerOf(file);
  file.close();
  throw new UsageError(
    `another relay${owner} keeps its recordings, keys and state in ${data}: stop it, or give this one a folder ` +
      "of its own with --data DIR",
  );
}

/** The process that has it, in words; nothing where it has not written yet. */
function ownerOf(file: Deno.FsFile): string {
  const bytes = new Uint8Array(MAX_DIGITS);
  const length = file.readSync(bytes) ?? 0;
  const pid = /^\d+/.exec(new TextDecoder().decode(bytes.subarray(0, length)))?.[0];
  return pid === undefined ? "" : ` (process ${pid})`;
}
