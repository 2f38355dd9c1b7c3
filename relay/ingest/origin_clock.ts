/**
 * The origin clock: monotonic, and anchored to the wall clock once a generation (contract §5), so that neither
 * a clock that is set nor one that is slewed bends the times inside a generation.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";

/** µs since the Unix epoch by this process's monotonic clock: the same in every thread. */
export function monotonicMicros(): Micros {
  return micros(Math.round((performance.timeOrigin + performance.now()) * 1000));
}

/** The origin clock of one stream. */
export class OriginClock {
  #offset = micros(0);

  /** Origin minus monotonic clock. */
  get offset(): Micros {
    return this.#offset;
  }

  /** Now. */
  now(): Micros {
    return micros(monotonicMicros() + this.#offset);
  }

  /** Takes the wall clock's word anew. */
  anchor(): void {
    this.#offset = micros(Date.now() * 1000 - monotonicMicros());
  }
}
