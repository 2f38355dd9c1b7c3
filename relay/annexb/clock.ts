/**
 * Decode times for a stream that has none (Rec. ITU-T H.264 Annex B): from the rate it states, or from when its
 * pictures came. Counts at 90 kHz; knows nothing of output order.
 *
 * @module
 */

import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";

/** Pictures a second where the stream does not say: what other programs take it for as well. */
export const USUAL_RATE = 25;

/** Gives each picture its decode time, in order. */
export interface DecodeClock {
  /** Of the next picture. */
  next(arrival: Micros, frameRate: number | undefined): number;
  /** From the newest picture to the next, as far as can be told. */
  readonly step: number;
}

/** By rate, from 0: for files. */
export class RateClock implements DecodeClock {
  step = MPEG_TIMESCALE / USUAL_RATE;
  #next = 0;

  next(_arrival: Micros, frameRate: number | undefined): number {
    this.step = MPEG_TIMESCALE / (frameRate ?? USUAL_RATE);
    const time = this.#next;
    this.#next += this.step;
    return time;
  }
}

/** By capture, for cameras that tell it: as it is told. */
export class CaptureClock implements DecodeClock {
  step = MPEG_TIMESCALE / USUAL_RATE;
  #last: number | undefined;

  next(arrival: Micros, frameRate: number | undefined): number {
    const taken = (arrival * MPEG_TIMESCALE) / 1e6;
    if (this.#last === undefined) this.step = MPEG_TIMESCALE / (frameRate ?? USUAL_RATE);
    else if (taken > this.#last) this.step = Math.min(taken - this.#last, MPEG_TIMESCALE);
    return this.#last = taken;
  }
}

/** A jump by more than this is followed at once, 90 kHz: the camera paused. */
const MAX_OFF = MPEG_TIMESCALE / 2;
/** How much of the difference between expectation and arrival is made up at each picture. */
const GAIN = 1 / 8;
/** How much of it goes into the expected step. */
const STEP_GAIN = 1 / 64;
/** Two pictures are never nearer, 90 kHz: 240 a second. */
const MIN_STEP = MPEG_TIMESCALE / 240;

/**
 * By arrival, for cameras: a second-order loop that follows the pictures' pace and leaves out the network's and the
 * scheduler's unrest, so that pictures which come in pairs are not shown in pairs.
 */
export class ArrivalClock implements DecodeClock {
  step = MPEG_TIMESCALE / USUAL_RATE;
  #last: number | undefined;

  next(arrival: Micros, frameRate: number | undefined): number {
    const came = (arrival * MPEG_TIMESCALE) / 1e6;
    const last = this.#last;
    if (last === undefined) {
      this.step = MPEG_TIMESCALE / (frameRate ?? USUAL_RATE);
      return this.#last = came;
    }
    const off = came - (last + this.step);
    if (off > MAX_OFF) return this.#last = came;
    this.step = Math.max(MIN_STEP, this.step + off * STEP_GAIN);
    return this.#last = last + Math.max(MIN_STEP, this.step + off * GAIN);
  }
}
