/**
 * What follows a loss: pictures that lean on a lost one are held back until the next key picture, unless that
 * would blank the screen for longer than it is worth. One rule for all cameras, by their own group length.
 *
 * @module
 */

import { MPEG_TIMESCALE } from "../../shared/units.ts";

/** With groups no longer than this, a held picture comes back soon enough; with longer ones a smear is better. */
export const MAX_HELD_GROUP = 2 * MPEG_TIMESCALE;

/** Groups in a row with something missing, of which the shortest is believed to be whole. */
const TORN_GROUPS = 3;

/**
 * Decides picture by picture. The length of the last group that came whole counts: one with something missing may be
 * two, the key picture between them lost.
 */
export class DamageHold {
  #holding = true; // a stream is entered at a key picture
  #lastKey: number | undefined;
  /** 90 kHz; 0 while none has come whole. */
  #group = 0;
  /** Something is missing since the last key picture. */
  #torn = false;
  #tornGroups = 0;
  #shortestTorn = Infinity;

  /** Part of the stream is missing, or its clock or parameters began anew. */
  gap(): void {
    this.#torn = true;
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
      if (this.#lastKey !== undefined && dts > this.#lastKey) this.#measure(dts - this.#lastKey);
      this.#lastKey = dts;
      this.#torn = false;
      this.#holding = false;
    }
    return !this.#holding;
  }

  #measure(length: number): void {
    if (this.#torn) {
      this.#shortestTorn = Math.min(this.#shortestTorn, length);
      if (++this.#tornGroups < TORN_GROUPS) return;
    }
    this.#group = this.#torn ? this.#shortestTorn : length;
    this.#tornGroups = 0;
    this.#shortestTorn = Infinity;
  }
}
