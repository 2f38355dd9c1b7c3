/**
 * The current group of a stream, by reference, for those who join in the middle of it: from its key picture to
 * now. Bounded; copies nothing.
 *
 * @module
 */

import type { Batch } from "../../shared/media.ts";

/** A group that grows beyond this is not kept: those who join then wait for the next key picture. */
export const MAX_GROUP_BYTES = 32 * 1024 * 1024;

/** Keeps one group. */
export class GroupRing {
  #batches: Batch[] = [];
  #bytes = 0;
  #open = false;

  /** The batches of the current group, oldest first; empty when there is none to begin with. */
  get batches(): readonly Batch[] {
    return this.#batches;
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The newest batch of the stream. */
  push(batch: Batch): void {
    if (batch.key) {
      this.clear();
      this.#open = true;
    }
    if (!this.#open) return;
    if (this.#bytes + batch.bytes.length > MAX_GROUP_BYTES) {
      this.clear();
      return;
    }
    this.#batches.push(batch);
    this.#bytes += batch.bytes.length;
  }

  /** Forgets all: a new generation, or a stream that stopped. */
  clear(): void {
    this.#batches = [];
    this.#bytes = 0;
    this.#open = false;
  }
}
