/**
 * When a thread that waits for datagrams may sleep: while a picture comes in, in which no picture can end. Arithmetic over
 * arrivals; reads no clock and sleeps itself nowhere.
 *
 * A radio sends a picture as a burst of datagrams, and each that is waited for wakes the thread anew, which costs several
 * times what reading it does. Behind a burst's first datagram there is time for a nap that is over long before its last.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";

/** A silence so long ends a burst. */
const SILENCE = micros(4_000);
/** Bursts of which the shortest counts: two seconds of most cameras. */
const BURSTS = 60;
/** Less is not worth the sleep … */
const LEAST = micros(250);
/** … and in more, what comes fastest (1 Gb/s) would no longer fit into the system's buffer for a socket (200 KiB). */
const MOST = micros(1_000);
const NONE = micros(0);

/** One socket's. Hot: {@link BurstPause.after} once per datagram. */
export class BurstPause {
  /** How long each of the newest bursts was, from its first datagram to its last; in a ring. */
  readonly #lengths = new Float64Array(BURSTS);
  #bursts = 0;
  #shortest = 0;
  #first = micros(-Infinity);
  #last = micros(-Infinity);

  /** How long to sleep behind a datagram that came at `arrival`; 0: not at all. */
  after(arrival: Micros): Micros {
    const begins = arrival - this.#last > SILENCE;
    if (begins) {
      if (this.#first !== -Infinity) this.#count(this.#last - this.#first);
      this.#first = arrival;
    }
    this.#last = arrival;
    return begins ? this.#pause : NONE;
  }

  get #pause(): Micros {
    const half = micros(Math.floor(this.#shortest / 2));
    return half < LEAST ? NONE : micros(Math.min(half, MOST));
  }

  #count(length: number): void {
    const at = this.#bursts++ % BURSTS;
    const oldest = this.#lengths[at] ?? 0;
    this.#lengths[at] = length;
    if (this.#bursts < BURSTS) return;
    // The shortest is looked for only where it may have been the oldest.
    const others = oldest > this.#shortest ? [this.#shortest, length] : this.#lengths;
    this.#shortest = Math.min(...others);
  }
}
