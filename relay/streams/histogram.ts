/**
 * How often a duration fell below each of a few limits, since the start: what Prometheus calls a histogram. Counts
 * what it is told; reads no clock.
 *
 * @module
 */

/** A histogram as it stands: everything cumulative. */
export interface HistogramState {
  /** Upper limits in seconds, ascending, and how many were at or below each. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  readonly count: number;
  /** Seconds. */
  readonly sum: number;
}

/** Durations. */
export class Histogram {
  readonly #limits: readonly number[];
  readonly #counts: number[];
  #count = 0;
  #sum = 0;

  /** @param limits upper limits in seconds, ascending. */
  constructor(limits: readonly number[]) {
    this.#limits = limits;
    this.#counts = limits.map(() => 0);
  }

  /** Hot: once per batch. */
  observe(seconds: number): void {
    this.#count++;
    this.#sum += seconds;
    for (let i = 0; i < this.#limits.length; i++) {
      if (seconds <= (this.#limits[i] ?? 0)) {
        this.#counts[i] = (this.#counts[i] ?? 0) + 1;
        return;
      }
    }
  }

  get state(): HistogramState {
    let below = 0;
    const buckets = this.#limits.map((le, i) => ({ le, count: below += this.#counts[i] ?? 0 }));
    return { buckets, count: this.#count, sum: this.#sum };
  }
}
