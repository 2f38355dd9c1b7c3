/**
 * A habit of the muxer or sender that shows where a packet ends: believed after {@link HABIT_PROOF} times in a
 * row, and never again once it was not kept.
 *
 * @module
 */

/** So many times must be seen before any is acted on. */
export const HABIT_PROOF = 8;

/** One habit of one elementary stream. */
export class Habit {
  /** Times it was kept, or -Infinity once it was not. */
  #kept = 0;

  /** Whether it may be acted on. */
  get believed(): boolean {
    return this.#kept >= HABIT_PROOF;
  }

  /** It was kept once more. */
  keep(): void {
    this.#kept++;
  }

  /** It was not. */
  break(): void {
    this.#kept = -Infinity;
  }
}
