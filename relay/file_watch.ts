/**
 * A file that is followed: said when it may hold something else, be it saved in place, put in the place of the old one, or
 * behind a symbolic link, itself or by another that the link points to now. Reads nothing of it.
 *
 * @module
 */

import { basename, dirname } from "node:path";

/** Editors write a file in several steps. */
const SETTLE_MS = 200;

/** What is said. */
export interface FileWatchOptions {
  changed(): void;
  /** It cannot be followed; machines have so many watches and no more. */
  failed(reason: string): void;
}

/** Follows until it is disposed of. */
export class FileWatch implements Disposable {
  readonly #path: string;
  readonly #options: FileWatchOptions;
  #watchers: readonly Deno.FsWatcher[] = [];
  /** Where the file really is, links followed. */
  #target: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param path absolute. */
  constructor(path: string, options: FileWatchOptions) {
    this.#path = path;
    this.#options = options;
    this.#open();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #open(): void {
    this.#target = targetOf(this.#path);
    const files = [this.#path, this.#target ?? this.#path];
    const folders = new Set(files.map(dirname)); // a file that takes another's place is seen in its folder alone
    const names = new Set(files.map((file) => basename(file)));
    try {
      this.#watchers = [...folders].map((folder) => Deno.watchFs(folder, { recursive: false }));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return this.#options.failed(error.message);
    }
    for (const watcher of this.#watchers) void this.#watch(watcher, names);
  }

  async #watch(watcher: Deno.FsWatcher, names: ReadonlySet<string>): Promise<void> {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      const isNamed = paths.some((path) => names.has(basename(path)));
      if (!isNamed && targetOf(this.#path) === this.#target) continue;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#settled(), SETTLE_MS);
    }
  }

  #settled(): void {
    if (targetOf(this.#path) !== this.#target) {
      this[Symbol.dispose]();
      this.#open();
    }
    this.#options.changed();
  }
}

function targetOf(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    // Between two steps of an editor's, beyond what the relay was started with leave for, a link to itself: who reads it says so.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
