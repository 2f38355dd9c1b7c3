/**
 * Sees to recordings that a crash left open, beside what else the relay does: finds them, and has a thread give them the
 * index they lack. What this run records is left alone, whatever the clock says: that of a board without a battery stands
 * before what was recorded last until it has heard of the time.
 *
 * @module
 */

import type { Log } from "../log.ts";
import { filesBelow, sizeOf, unlessAbsent } from "./folder.ts";
import { idOf } from "./places.ts";
import { readRecordingFile } from "./recording_file.ts";
import type { Repaired } from "./repair_all.ts";

/** Where they lie, and who is told. */
export interface RepairsOptions {
  readonly folder: string;
  readonly log: Log;
  /** Whether this run makes the recording of that identifier, or finishes it. */
  isOwn(id: string): boolean;
}

/** One run of repairs. */
export class Repairs implements Disposable {
  readonly #options: RepairsOptions;
  #worker: Worker | undefined;
  #stopped = false;

  constructor(options: RepairsOptions) {
    this.#options = options;
    const { folder, log } = options;
    // Whoever may not record has left nothing open.
    const mayWrite = Deno.permissions.querySync({ name: "write", path: folder });
    if (mayWrite.state !== "granted") return;
    this.#begin().catch((error: Error) =>
      log.warn(`recordings could not be repaired: ${error.message}`)
    );
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#worker?.terminate();
  }

  async #begin(): Promise<void> {
    const { folder } = this.#options;
    const open: string[] = [];
    for (const path of await filesBelow(folder)) {
      if (this.#stopped) return;
      if (!this.#isLeft(path)) continue;
      if (path.endsWith(".mp4.part")) {
        await Deno.remove(path).catch(unlessAbsent); // half of another's sound
      } else if (await isOpen(path)) open.push(path);
    }
    if (open.length > 0 && !this.#stopped) this.#repair(open);
  }

  /** A recording of an earlier run's. */
  #isLeft(path: string): boolean {
    const { folder, isOwn } = this.#options;
    const id = idOf(folder, path.replace(/\.part$/, ""));
    return id !== undefined && !isOwn(id);
  }

  #repair(paths: readonly string[]): void {
    const { folder, log } = this.#options;
    const worker = new Worker(new URL("./repair_all.ts", import.meta.url).href, {
      type: "module",
      name: "repairs",
      deno: {
        permissions: {
          ...{ net: false, run: false, env: false, sys: false, ffi: false, import: false },
          read: [folder],
          write: [folder],
        },
      },
    });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Repaired>) => {
      for (const note of data.notes) log.info(note);
      worker.terminate();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      log.warn(`recordings could not be repaired: ${event.message}`);
    };
    worker.postMessage(paths);
  }
}

/** Without an index: its first `moov` is that of a file under way, which states no length. Or without anything. */
async function isOpen(path: string): Promise<boolean> {
  try {
    const file = await readRecordingFile(path);
    return file ? file.seconds === undefined : await sizeOf(path) === 0;
  } catch (error) {
    unlessAbsent(error); // thrown away since it was found
    return false;
  }
}
