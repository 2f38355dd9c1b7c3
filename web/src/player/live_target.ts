/**
 * How much media to keep ahead of the position: as little as this browser and this link have shown to
 * bear. Grows at once when media is seen to come late, or after a stall; shrinks slowly, and remembers where it
 * stalled. Pure but for its own memory.
 *
 * @module
 */

/** Bounds and beginning, s. */
export interface TargetRange {
  readonly start: number;
  readonly least: number;
  readonly most: number;
  /** It grows by at least this after a stall, s. */
  readonly step: number;
  /** What the engine itself cannot do without, on top of how late media comes, s. */
  readonly bare: number;
}

/** After a stall the target grows by this factor, or by its range's step where that is more. */
const GROWTH = 1.4;
/** Without a stall for this long it begins to shrink, ms … */
const CALM_MS = 20_000;
/** … by this much every second, s. */
const SHRINK_PER_S = 0.001;
/** Time between two ticks that counts as playing, ms; what is longer was an interruption. */
const MAX_TICK_MS = 1_000;
/** For this long after a stall it does not shrink to where that happened, ms. */
const MEMORY_MS = 300_000;
/** How far it stays above that, as a factor. */
const CLEARANCE = 1.15;

/** The aim. Times are `performance.now()`. */
export class LiveTarget {
  readonly #range: TargetRange;
  #seconds: number;
  /** The last stall, or the beginning. */
  #calmSince: number | undefined;
  #tickedAt: number | undefined;
  /** What was too little, and until when that is remembered. */
  #tooLittle = 0;
  #rememberedUntil = -Infinity;

  constructor(range: TargetRange) {
    this.#range = range;
    this.#seconds = range.start;
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** Playback ran dry. */
  stalled(now: number): void {
    this.#tooLittle = now < this.#rememberedUntil
      ? Math.max(this.#tooLittle, this.#seconds)
      : this.#seconds;
    this.#rememberedUntil = now + MEMORY_MS;
    this.#calmSince = now;
    const grown = Math.max(this.#seconds * GROWTH, this.#seconds + this.#range.step);
    this.#seconds = Math.min(this.#range.most, grown);
  }

  /** Time has passed, playing; `needed` is what the lateness of media asks for, s. */
  tick(now: number, needed = 0): void {
    const elapsed = Math.min(MAX_TICK_MS, now - (this.#tickedAt ?? now));
    this.#tickedAt = now;
    this.#calmSince ??= now;
    const { least, most } = this.#range;
    this.#seconds = Math.max(this.#seconds, Math.min(most, needed));
    if (now - this.#calmSince < CALM_MS) return;
    const floor = now < this.#rememberedUntil ? this.#tooLittle * CLEARANCE : 0;
    const shrunk = this.#seconds - (elapsed / 1000) * SHRINK_PER_S;
    this.#seconds = Math.min(this.#seconds, Math.max(least, floor, Math.min(most, needed), shrunk));
  }
}
