/**
 * Looks at a pipeline while something in it waits, so that nothing waits too long. A thread that was held up (a busy
 * machine, a process that was stopped) is no pause of the camera's: what came meanwhile is read first.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";

/** What is looked at: the part of an ingest that waits. */
export interface Waiting {
  now(): Micros;
  readonly deadline: Micros | undefined;
  tick(now: Micros): void;
  /** To be called when something begins to wait, while it is set. */
  onWait: (() => void) | undefined;
}

/** A timer that comes so much later than asked for says that the thread was held up, µs. */
const HELD_UP = micros(10_000);

/** While something waits for long, something else may have begun to, µs. */
const LONGEST_SLEEP = micros(40_000);

/** Watches until it is disposed of: one timer while something waits, none while nothing does. */
export class Watch implements Disposable {
  readonly #waiting: Waiting;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = micros(0);

  constructor(waiting: Waiting) {
    this.#waiting = waiting;
    this.#look();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#waiting.onWait = undefined;
  }

  #look(): void {
    this.#waiting.tick(this.#waiting.now());
    this.#wait();
  }

  #wait(): void {
    const { deadline } = this.#waiting;
    if (deadline === undefined) {
      this.#waiting.onWait = () => this.#wait();
      return;
    }
    this.#waiting.onWait = undefined;
    const now = this.#waiting.now();
    this.#due = micros(Math.min(Math.max(deadline, now + 1000), now + LONGEST_SLEEP));
    this.#timer = setTimeout(() => {
      if (this.#waiting.now() - this.#due < HELD_UP) this.#look();
      else this.#timer = setTimeout(() => this.#look(), 1); // sockets and other timers have their turn before
    }, (this.#due - now) / 1000);
  }
}
