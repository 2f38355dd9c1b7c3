/**
 * Rates of a stream over the last few seconds. Counts what it is told; reads no clock.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";

const SLOT = micros(500_000);
const SLOTS = 8;

/** Bytes and pictures a second over the last four seconds. */
export class Meter {
  readonly #bytes = new Array<number>(SLOTS).fill(0);
  readonly #pictures = new Array<number>(SLOTS).fill(0);
  #slot = 0;
  /** When the first of what is counted came. */
  #began: Micros | undefined;

  /** Something came. */
  count(now: Micros, what: { bytes: number; pictures: number }): void {
    this.#turn(now);
    const at = this.#slot % SLOTS;
    this.#bytes[at] = (this.#bytes[at] ?? 0) + what.bytes;
    this.#pictures[at] = (this.#pictures[at] ?? 0) + what.pictures;
  }

  /** Rates a second, as of `now`. */
  rates(now: Micros): { bytes: number; pictures: number } {
    this.#turn(now);
    if (this.#began === undefined) return { bytes: 0, pictures: 0 };
    const oldest = Math.max(this.#began, (this.#slot - SLOTS + 1) * SLOT);
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    const span = Math.max(now - oldest, SLOT) / 1e6;
    return { bytes: sum(this.#bytes) / span, pictures: sum(this.#pictures) / span };
  }

  #turn(now: Micros): void {
    const slot = Math.floor(now / SLOT);
    if (this.#began === undefined || slot - this.#slot >= SLOTS) {
      this.#bytes.fill(0);
      this.#pictures.fill(0);
      this.#began = now;
      this.#slot = slot;
      return;
    }
    while (this.#slot < slot) {
      this.#slot++;
      this.#bytes[this.#slot % SLOTS] = 0;
      this.#pictures[this.#slot % SLOTS] = 0;
    }
  }
}
