/**
 * Time and timers in a test's hand: `performance.now()`, `setTimeout` and `setInterval` stand still until
 * told to go on.
 *
 * @module
 */

interface Timer {
  at: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

const NAMES = ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] as const;

/** Takes time over; disposing of it gives it back. */
export class FakeTimers implements Disposable {
  #now = performance.now();
  #nextId = 1;
  readonly #timers = new Map<number, Timer>();
  readonly #before = NAMES.map((name) => [name, globalThis[name]] as const);

  constructor() {
    Object.defineProperty(performance, "now", { value: () => this.#now, configurable: true });
    const clear = (id: number): void => void this.#timers.delete(id);
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms = 0) =>
        this.#add({ run, at: this.#now + ms, everyMs: undefined }),
      setInterval: (run: () => void, ms = 0) => this.#add({ run, at: this.#now + ms, everyMs: ms }),
      clearTimeout: clear,
      clearInterval: clear,
    });
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timer by timer, and what they set off run. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (;;) {
      const next = [...this.#timers].sort(([, a], [, b]) => a.at - b.at)[0];
      if (next === undefined || next[1].at > end) break;
      const [id, timer] = next;
      this.#now = Math.max(this.#now, timer.at);
      if (timer.everyMs === undefined) this.#timers.delete(id);
      else timer.at += timer.everyMs;
      timer.run();
      await settled();
    }
    this.#now = end;
  }

  /** The machine slept: time has passed and no timer ran. */
  sleep(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers.values()) timer.at = Math.max(timer.at, this.#now);
  }

  [Symbol.dispose](): void {
    Reflect.deleteProperty(performance, "now"); // the prototype's own is seen again
    Object.assign(globalThis, Object.fromEntries(this.#before));
  }

  #add(timer: Timer): number {
    this.#timers.set(this.#nextId, timer);
    return this.#nextId++;
  }
}

/** Promises that are settled have told so: a few rounds of microtasks. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 20; round++) await Promise.resolve();
}
