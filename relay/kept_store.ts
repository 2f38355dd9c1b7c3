/**
 * What the API added, as it is kept from one start to the next: one change after the other, each on the disk before it is
 * in force. Knows neither streams nor destinations that run.
 *
 * @module
 */

import type { Config } from "./config.ts";
import { type Kept, type KeptFile, readKeptFile, writeKeptFile } from "./kept_file.ts";

/** One relay's. */
export class KeptStore {
  readonly #config: Config;
  #kept: Kept = { sources: new Map(), written: new Map() };
  /** Why nothing can be kept. */
  #broken: string | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(config: Config) {
    this.#config = config;
  }

  /** What is kept now. */
  get kept(): Kept {
    return this.#kept;
  }

  /** Reads what was kept. */
  open(): KeptFile {
    const file = readKeptFile(this.#config);
    this.#kept = { sources: file.sources, written: file.written };
    this.#broken = file.broken;
    return file;
  }

  /** Keeps a change; @returns why it is not kept, a sentence without its full stop. */
  async save(change: Partial<Kept>): Promise<string | undefined> {
    if (this.#broken !== undefined) return this.#broken;
    const { data } = this.#config;
    const next = { ...this.#kept, ...change };
    try {
      await writeKeptFile(data, next);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return `this cannot be kept in ${data}: ${error.message}`;
    }
    this.#kept = next;
    return undefined;
  }

  /** Runs `work` when whatever was begun before is done. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#work.then(work);
    this.#work = result.catch(() => undefined); // who asked is told
    return result;
  }
}
