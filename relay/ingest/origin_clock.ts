/**
 * The origin clock: monotonic, and anchored to the wall clock once a generation (contract §5), so that neither
 * a clock that is set nor one that is slewed bends the times inside a generation. Capture times alone are of it: all that
 * is measured on the way is by the monotonic clock, which nobody sets.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";

const TIME_ORIGIN = performance.timeOrigin;

/** µs since the Unix epoch by this process's monotonic clock: the same in every thread. */
export function monotonicMicros(): Micros {
  return micros(Math.round((TIME_ORIGIN + performance.now()) * 1000));
}

/** A look at both clocks within so long is believed, µs … */
const QUICK = 100;
/** … or the quickest of so many. */
const MAX_LOOKS = 5;

/** The origin clock of one stream. */
export class OriginClock {
  #offset = micros(0);

  /** Origin minus monotonic clock. */
  get offset(): Micros {
    return this.#offset;
  }

  /** Takes the wall clock's word anew; a thread may be held up between the looks at the two. */
  anchor(): void {
    let quickest = Infinity;
    for (let looks = 0; looks < MAX_LOOKS && quickest > QUICK; looks++) {
      const before = monotonicMicros();
      const wall = Date.now() * 1000;
      const took = monotonicMicros() - before;
      if (took >= quickest) continue;
      quickest = took;
      this.#offset = micros(wall - before);
    }
  }
}
