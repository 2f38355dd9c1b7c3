/**
 * The wall clock in a test's hand: `Date.now()` goes with the monotonic clock, and is set as an administrator or NTP sets
 * it. For tests that wait for nothing meanwhile: others run beside them.
 *
 * @module
 */

/** Takes the clock over; disposing of it gives it back. */
export class WallClock implements Disposable {
  /** How far it was set ahead. */
  aheadMs = 0;
  readonly #now = Date.now;

  constructor() {
    Date.now = () => Math.floor(performance.timeOrigin + performance.now() + this.aheadMs);
  }

  [Symbol.dispose](): void {
    Date.now = this.#now;
  }
}
