/**
 * How long pictures take through the relay: from the first datagram of each until every taker had been given it.
 *
 * @module
 */

import type { Batch, InitSegment } from "../../shared/media.ts";
import { Histogram, type HistogramState } from "./histogram.ts";

/** Seconds: from what a quiet machine needs to what nobody wants. */
const LIMITS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Of one stream. */
export class Latency {
  readonly #histogram = new Histogram(LIMITS);

  get state(): HistogramState {
    return this.#histogram.state;
  }

  /** A batch of that generation has been given to all. Hot: once per batch. */
  given({ arrival }: Batch, { clockOffset }: InitSegment): void {
    const now = (performance.timeOrigin + performance.now()) * 1000 + clockOffset;
    this.#histogram.observe(Math.max(0, now - arrival) / 1e6);
  }
}
