/**
 * A time limit that is put off again and again: for whoever waits for the other side's next word.
 *
 * @module
 */

/** Calls `late` once nothing has put it off for `limitMs`. */
export class Deadline implements Disposable {
  readonly #limitMs: number;
  readonly #late: () => void;
  #at: number;
  #timer: ReturnType<typeof setTimeout>;

  constructor(limitMs: number, late: () => void) {
    this.#limitMs = limitMs;
    this.#late = late;
    this.#at = performance.now() + limitMs;
    this.#timer = setTimeout(() => this.#look(), limitMs);
  }

  /** The other side lives. Hot: once per message; no timer is touched. */
  putOff(): void {
    this.#at = performance.now() + this.#limitMs;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const rest = this.#at - performance.now();
    if (rest > 0) this.#timer = setTimeout(() => this.#look(), rest);
    else this.#late();
  }
}
