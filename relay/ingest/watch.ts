/**
 * Looks at a pipeline again and again, so that nothing in it waits too long. A thread that was held up (a busy
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
}

/** How soon it is seen that something began to wait, ms: added to a wait in the worst case. */
const IDLE_MS = 20;
/** A timer that comes so much later than asked for says that the thread was held up, µs. */
const HELD_UP = micros(10_000);

/** Watches until it is disposed of; one timer at a time. */
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
  }

  #look(): void {
    const now = this.#waiting.now();
    this.#waiting.tick(now);
    const { deadline } = this.#waiting;
    this.#again(deadline === undefined ? IDLE_MS : Math.max(1, (deadline - now) / 1000));
  }

  #again(ms: number): void {
    this.#due = micros(this.#waiting.now() + ms * 1000);
    this.#timer = setTimeout(() => {
      if (this.#waiting.now() - this.#due < HELD_UP) this.#look();
      else this.#timer = setTimeout(() => this.#look(), 1); // sockets and other timers have their turn before
    }, ms);
  }
}
