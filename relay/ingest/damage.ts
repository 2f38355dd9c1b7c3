/**
 * What follows a loss: pictures that lean on a lost one are held back until the next key picture, unless that
 * would blank the screen for longer than it is worth. One rule for all cameras, by their own group length.
 *
 * @module
 */

import { MPEG_TIMESCALE } from "../../shared/units.ts";

/** With groups no longer than this, a held picture comes back soon enough; with longer ones a smear is better. */
export const MAX_HELD_GROUP = 2 * MPEG_TIMESCALE;

/** Decides picture by picture. */
export class DamageHold {
  #holding = true; // a stream is entered at a key picture
  #lastKey: number | undefined;
  #group = 0;

  /** Part of the stream is missing, or its clock or parameters began anew. */
  gap(): void {
    this.#holding ||= this.#group <= MAX_HELD_GROUP;
  }

  /** Whatever the group length, nothing before the next key picture can be shown. */
  reset(): void {
    this.#holding = true;
    this.#lastKey = undefined;
  }

  /** Whether this picture goes out. `dts` at 90 kHz. */
  passes(key: boolean, dts: number): boolean {
    if (key) {
      if (this.#lastKey !== undefined && dts > this.#lastKey) this.#group = dts - this.#lastKey;
      this.#lastKey = dts;
      this.#holding = false;
    }
    return !this.#holding;
  }
}
