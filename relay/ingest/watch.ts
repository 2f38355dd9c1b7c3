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
  /** When it will be looked at next: what is due before that is to be told by {@link Waiting.onDue}. */
  nextLook: Micros;
  /** To be called when something is due before {@link Waiting.nextLook}. */
  onDue: (() => void) | undefined;
}

/** Nobody looks, until something waits. */
export const NEVER = micros(Infinity);

/** A timer that comes so much later than asked for says that the thread was held up, µs. */
const HELD_UP = micros(10_000);

/**
 * Watches until it is disposed of, with one timer, and none while nothing waits. Where what it was for has come it is left to
 * run: the runtime wakes the thread for a timer that was cleared all the same, and setting one for every picture would wake
 * it as often as the camera does.
 */
export class Watch implements Disposable {
  readonly #waiting: Waiting;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(waiting: Waiting) {
    this.#waiting = waiting;
    waiting.onDue = () => this.#plan();
    this.#look();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#waiting.onDue = undefined;
  }

  #look(): void {
    this.#waiting.tick(this.#waiting.now());
    this.#plan();
  }

  /** Looks when what waits is due. */
  #plan(): void {
    clearTimeout(this.#timer);
    const { deadline = NEVER } = this.#waiting;
    this.#waiting.nextLook = deadline;
    if (deadline === NEVER) return;
    const now = this.#waiting.now();
    const wait = Math.max(1, Math.ceil((deadline - now) / 1000));
    const due = now + wait * 1000;
    this.#timer = setTimeout(() => {
      if (this.#waiting.now() - due < HELD_UP) this.#look();
      else this.#timer = setTimeout(() => this.#look(), 1); // sockets and other timers have their turn before
    }, wait);
  }
}
