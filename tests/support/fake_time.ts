/**
 * The monotonic clock in a test's hand: `performance.now()` stands still until told to go on. Timers are not
 * touched.
 *
 * @module
 */

/** Takes the clock over; disposing of it gives it back. */
export class FakeTime implements Disposable {
  #now = performance.now();

  constructor() {
    Object.defineProperty(performance, "now", { value: () => this.#now, configurable: true });
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.#now += ms;
  }

  [Symbol.dispose](): void {
    Reflect.deleteProperty(performance, "now"); // the prototype's own is seen again
  }
}
