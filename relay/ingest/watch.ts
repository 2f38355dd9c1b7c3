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
 * Watches until it is disposed of. A timer wakes a thread whether it is still wanted or not, and waking costs more than
 * reading a datagram does. So the one there is stays where what it was for has come, and there is none while nothing waits.
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
