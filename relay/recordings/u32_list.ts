/**
 * A list of unsigned 32-bit numbers that grows: four bytes each, nothing allocated for most additions.
 *
 * @module
 */

const FIRST_CAPACITY = 1024;

/** Append-only. */
export class U32List {
  #values = new Uint32Array(FIRST_CAPACITY);
  /** How many there are. */
  length = 0;

  /** Adds a number; only its low 32 bits are kept. */
  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(2 * this.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  /** The number at `index`; 0 past the end. */
  at(index: number): number {
    return index < this.length ? this.#values[index] ?? 0 : 0;
  }

  /** Replaces the number at `index`, which must be there. */
  set(index: number, value: number): void {
    if (index >= this.length) throw new RangeError(`there is no number ${index} of ${this.length}`);
    this.#values[index] = value;
  }
}
