/**
 * The 33-bit clock of PTS and DTS, ISO/IEC 13818-1 §2.4.3.7, made to run on for ever. Does not judge jumps:
 * what is a new timeline is decided where all tracks are seen.
 *
 * @module
 */

const WRAP = 2 ** 33;
const HALF = WRAP / 2;

/** Unwraps the time stamps of one program; all its tracks share one, so that they wrap together. */
export class Clock33 {
  #last: number | undefined;

  /** The unwrapped value (90 kHz) that is nearest to the last one given. Never negative at the start. */
  unwrap(raw: number): number {
    if (this.#last === undefined) {
      this.#last = raw + WRAP; // room for an audio stream that begins just before the wrap
      return this.#last;
    }
    let value = raw + Math.floor(this.#last / WRAP) * WRAP;
    if (value - this.#last > HALF) value -= WRAP;
    else if (this.#last - value > HALF) value += WRAP;
    this.#last = value;
    return value;
  }

  /** Forgets: the next value stands for itself. */
  reset(): void {
    this.#last = undefined;
  }
}
