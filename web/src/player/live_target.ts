/**
 * The rule of the distance from live: how much media to keep ahead of the position just before more comes.
 *
 * 1. It begins at what the engine and what is heard are known to need (`start` of the ranges in `engine.ts`).
 * 2. It grows at once: to how late media must be expected to come (`gusts.ts`: what came late again and again, or a
 *    moment ago if that is cheap) and what the engine cannot do without on top of that (`bare`); and after every stall
 *    by two fifths, or by `step` where that is more, whatever led to it.
 * 3. It shrinks slowly: not in the first twenty seconds after a stall, then by five milliseconds every second; never below
 *    2. or `least`, for five minutes (counted anew while media is expected as late as then) not to where it
 *    stalled, and not at all from what it grew to where it stalled twice in that time.
 *
 * The steering keeps to it (`steering.ts`, `live_edge.ts`), with more where sound beside the pictures asks for more
 * (`sound/sound_place.ts`), or how long pictures take to decode or how unevenly they come (`decode_time.ts`, `jitter.ts`). Pure but for its own memory.
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
  /** What the engine itself cannot do without, on top of how late media comes, s; below 0: what it bears of that. */
  readonly bare: number;
}

/** After a stall the target grows by this factor, or by its range's step where that is more. */
const GROWTH = 1.4;
/** Without a stall for this long it begins to shrink, ms … */
const CALM_MS = 20_000;
/** … by this much every second, s: sound that is heard beside can follow that (`MAX_NUDGE`). */
const SHRINK_PER_S = 0.005;
/** Time between two ticks that counts as playing, ms; what is longer was an interruption. */
const MAX_TICK_MS = 1_000;
/** A stall is remembered for so long, ms … */
const MEMORY_MS = 300_000;
/** … and it stays above where that happened by this factor. */
const CLEARANCE = 1.15;

/** The aim. Times are `performance.now()`. */
export class LiveTarget {
  readonly #range: TargetRange;
  #seconds: number;
  /** The last stall, or the beginning. */
  #calmSince: number | undefined;
  #tickedAt: number | undefined;
  /** What it does not shrink below since it stalled, and until when that is remembered. */
  #floor = 0;
  /** How late media is expected, and was when it last stalled, s: as long as it is as late, a stall is not forgotten. */
  #late = 0;
  #lateThen = 0;
  #rememberedUntil = -Infinity;

  constructor(range: TargetRange) {
    this.#range = range;
    this.#seconds = range.start;
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** Playback ran dry although `kept` was aimed at, s: this aim, or what something else asked for beyond it. */
  stalled(now: number, kept = this.#seconds): void {
    const { step, most } = this.#range;
    const grown = Math.min(most, Math.max(kept * GROWTH, kept + step));
    const again = now < this.#rememberedUntil;
    this.#floor = again ? Math.max(this.#floor, grown) : Math.min(most, kept * CLEARANCE);
    this.#rememberedUntil = now + MEMORY_MS;
    this.#lateThen = this.#late;
    this.#calmSince = now;
    this.#seconds = grown;
  }

  /** Time has passed, playing; media must be expected to come `late`, s. */
  tick(now: number, late = 0): void {
    const needed = late + this.#range.bare;
    const elapsed = Math.min(MAX_TICK_MS, now - (this.#tickedAt ?? now));
    this.#tickedAt = now;
    this.#calmSince ??= now;
    this.#late = late;
    const asLate = late > 0 && late >= this.#lateThen && now < this.#rememberedUntil;
    if (asLate) this.#rememberedUntil = now + MEMORY_MS;
    const { least, most } = this.#range;
    this.#seconds = Math.max(this.#seconds, Math.min(most, needed));
    if (now - this.#calmSince < CALM_MS) return;
    const floor = now < this.#rememberedUntil ? this.#floor : 0;
    const shrunk = this.#seconds - (elapsed / 1000) * SHRINK_PER_S;
    this.#seconds = Math.min(this.#seconds, Math.max(least, floor, Math.min(most, needed), shrunk));
  }
}
