/**
 * RTP time stamps on one 90 kHz clock for all tracks of a session: each begins when its first packet came, and sound is
 * laid beside the pictures by the senders' reports once both have sent one (RFC 3550 §6.4.1).
 *
 * @module
 */

import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import type { SenderReport } from "./sender_report.ts";

/** Sound that is off by less is left where it is: nobody hears it, and every correction is heard. */
export const MAX_OFF = 0.02 * MPEG_TIMESCALE;
/** Reports that move a track further than its packets' arrival allows are not believed. */
const MAX_CORRECTION = 5 * MPEG_TIMESCALE;

/** A time stamp that leaves the arrival of its packets by more, all at once, is on a clock that was set anew. */
const MAX_JUMP = 5 * MPEG_TIMESCALE;

/** One track's time stamps. */
export class MediaClock {
  readonly #rate: number;
  /** Newest time stamp, 32 bits, and the same unwrapped. */
  #stamp: number | undefined;
  #unwrapped = 0;
  /** From unwrapped time stamps at 90 kHz to the session's clock. */
  #offset: number | undefined;
  /** From unwrapped time stamps at 90 kHz to the sender's wall clock. */
  #wall: number | undefined;
  /** How long after its time the newest packet came; grows with the drift of two clocks, never by leaps. */
  #lag = 0;

  /** @param rate time stamps a second. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** A packet's time on the session's clock, 90 kHz. */
  place(timestamp: number, arrival: Micros): number {
    const at = this.#unwrap(timestamp);
    const came = Math.round(arrival * MPEG_TIMESCALE / 1e6);
    let offset = this.#offset ?? came - at;
    if (Math.abs(came - at - offset - this.#lag) > MAX_JUMP) offset = came - at;
    this.#lag = came - at - offset;
    this.#offset = offset;
    return at + offset;
  }

  /** The sender says which moment a time stamp is. */
  report({ wall, timestamp }: SenderReport): void {
    if (this.#stamp === undefined) return; // nothing to tell the 32 bits by
    const ahead = (timestamp - this.#stamp) | 0;
    this.#wall = wall - this.#ticks(this.#unwrapped + ahead);
  }

  /** Lays this track beside another by what the sender said of both; what is not known, or close enough, is left. */
  alignTo(other: MediaClock): void {
    if (this.#wall === undefined || other.#wall === undefined) return;
    if (this.#offset === undefined || other.#offset === undefined) return;
    const wanted = other.#offset - other.#wall + this.#wall;
    const off = Math.abs(wanted - this.#offset);
    if (off <= MAX_OFF || off >= MAX_CORRECTION) return;
    this.#lag -= wanted - this.#offset;
    this.#offset = wanted;
  }

  /** What follows is on another clock. */
  restart(): void {
    this.#stamp = undefined;
    this.#offset = undefined;
    this.#wall = undefined;
    this.#lag = 0;
  }

  #unwrap(timestamp: number): number {
    const step = this.#stamp === undefined ? timestamp : (timestamp - this.#stamp) | 0;
    this.#unwrapped = (this.#stamp === undefined ? 0 : this.#unwrapped) + step;
    this.#stamp = timestamp;
    return this.#ticks(this.#unwrapped);
  }

  #ticks(unwrapped: number): number {
    return unwrapped * MPEG_TIMESCALE / this.#rate;
  }
}
