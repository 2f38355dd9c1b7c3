/**
 * The low-water mark of the buffer: the least that was ahead of the position over the last moments.
 *
 * @module
 */

/** How long a reading counts, ms: several gusts of any link that is worth smoothing. */
export const WINDOW_MS = 3_000;
/** Readings kept; a reading comes with every append and every look, so this is more than the window. */
const MAX_READINGS = 512;

interface Reading {
  readonly at: number;
  readonly ahead: number;
}

/** The mark. Times are `performance.now()`; heights are seconds of media, above whatever the caller likes. */
export class LowWater {
  readonly #readings: Reading[] = [];

  /** Takes a reading. */
  note(ahead: number, now: number): void {
    this.#readings.push({ at: now, ahead });
    while (
      (this.#readings[0]?.at ?? now) < now - WINDOW_MS || this.#readings.length > MAX_READINGS
    ) {
      this.#readings.shift();
    }
  }

  /** Forgets: the position has jumped. */
  reset(): void {
    this.#readings.length = 0;
  }

  /** The mark; undefined before the first reading. */
  get seconds(): number | undefined {
    if (this.#readings.length === 0) return undefined;
    return Math.min(...this.#readings.map(({ ahead }) => ahead));
  }
}
