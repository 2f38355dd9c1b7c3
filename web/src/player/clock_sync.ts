/**
 * The origin clock seen from here, estimated by ping and pong (contract §5): offset = the pong's time
 * minus the middle of the round trip, taken from the shortest round trip of late, because queues only
 * ever lengthen one. Sends nothing itself.
 *
 * @module
 */

import type { PongMessage } from "../../../shared/control.ts";

/** Answers remembered; with a ping every 5 s the youngest minute and a half, in which clocks drift little. */
export const MAX_ANSWERS = 16;
/** Pings awaiting their answer; older ones are given up. */
const MAX_PENDING = 8;

interface Answer {
  readonly roundTripMs: number;
  readonly offsetMs: number;
}

/** An estimate of the origin clock. All local times are `performance.now()`, ms. */
export class ClockSync {
  #nextId = 1;
  readonly #pending = new Map<number | string, number>();
  readonly #answers: Answer[] = [];
  /** How far off the origin clock itself may be, as the relay says. */
  #originErrorMs = 0;

  /** Notes that a ping leaves `now`; returns the id it is to carry. */
  ping(now: number): number {
    const id = this.#nextId++;
    this.#pending.set(id, now);
    const oldest = this.#pending.keys().next().value;
    if (this.#pending.size > MAX_PENDING && oldest !== undefined) this.#pending.delete(oldest);
    return id;
  }

  /** Takes an answer that arrived `now`; one to a ping not known is ignored. */
  pong({ id, t }: PongMessage, now: number): void {
    const sent = this.#pending.get(id);
    if (sent === undefined) return;
    this.#pending.delete(id);
    this.#answers.push({ roundTripMs: now - sent, offsetMs: t / 1000 - (sent + now) / 2 });
    if (this.#answers.length > MAX_ANSWERS) this.#answers.shift();
  }

  /** Takes over `clock.errorUs` of a `stream` message. */
  originError(errorUs: number): void {
    this.#originErrorMs = errorUs / 1000;
  }

  /** Forgets all: the other end may be another machine now. */
  reset(): void {
    this.#pending.clear();
    this.#answers.length = 0;
  }

  get #best(): Answer | undefined {
    let best: Answer | undefined;
    for (const answer of this.#answers) {
      if (best === undefined || answer.roundTripMs < best.roundTripMs) best = answer;
    }
    return best;
  }

  /** Origin clock (ms since the Unix epoch) at the local moment `at`; null while unknown. */
  originTime(at: number): number | null {
    const best = this.#best;
    return best === undefined ? null : at + best.offsetMs;
  }

  /** How far {@link originTime} may be off, ms; null while unknown. */
  get errorMs(): number | null {
    const best = this.#best;
    return best === undefined ? null : best.roundTripMs / 2 + this.#originErrorMs;
  }

  /** The shortest round trip of late, ms; null while unknown. */
  get roundTripMs(): number | null {
    return this.#best?.roundTripMs ?? null;
  }
}
