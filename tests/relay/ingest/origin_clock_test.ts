/** The origin clock: what it takes from the wall clock, also when its thread is held up just then. */

import assert from "node:assert/strict";
import { OriginClock } from "../../../relay/ingest/origin_clock.ts";

/** Both clocks, of which the wall is so far ahead; the thread is held up before one of the looks at them. */
class Clocks implements Disposable {
  readonly #now = Date.now;
  readonly #monotonic = performance.now;
  #ms = 1000;
  #looks = 0;

  constructor({ aheadMs, heldUpAt }: { readonly aheadMs: number; readonly heldUpAt: number }) {
    const look = (): number => this.#ms += ++this.#looks === heldUpAt ? 50 : 0.001;
    performance.now = look;
    Date.now = () => Math.floor(performance.timeOrigin + look() + aheadMs);
  }

  [Symbol.dispose](): void {
    Date.now = this.#now;
    performance.now = this.#monotonic;
  }
}

for (const heldUpAt of [1, 2, 3, 4]) {
  Deno.test(`a thread held up before look ${heldUpAt} at the clocks does not put them apart`, () => {
    const clock = new OriginClock();
    using _clocks = new Clocks({ aheadMs: 7000, heldUpAt });
    clock.anchor();
    // The wall clock counts whole milliseconds.
    assert.ok(Math.abs(clock.offset - 7_000_000) <= 1100, `${clock.offset} µs`);
  });
}
