/**
 * Requests that wait for something to come: until it has, until nothing comes any more, or until they give up. Knows not
 * what they wait for.
 *
 * @module
 */

interface Waiter {
  met(): boolean;
  wake(): void;
}

/** Those who wait. */
export class Waiters {
  readonly #all = new Set<Waiter>();
  #over = false;

  /** Resolves when `met`, when it is over, or when `signal` aborts. `met` is asked after each change. */
  wait(met: () => boolean, signal: AbortSignal): Promise<void> {
    if (met() || this.#over || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#all.delete(waiter);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const waiter = { met, wake };
      this.#all.add(waiter);
      signal.addEventListener("abort", wake);
    });
  }

  /** Something has changed: those whose wish is met go on. */
  changed(): void {
    for (const waiter of [...this.#all]) {
      if (this.#over || waiter.met()) waiter.wake();
    }
  }

  /** Nothing comes any more: all go on. */
  end(): void {
    this.#over = true;
    this.changed();
  }
}
