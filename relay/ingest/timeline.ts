/**
 * One timeline for all tracks of a stream, for as long as the relay runs: camera clocks that jump, restart or
 * loop are placed behind what was there before. Works at 90 kHz; knows tracks by number and no media.
 *
 * @module
 */

import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";

/** Where the timeline begins: room for sound that was captured before the first picture yet comes after it. */
export const ORIGIN = 4 * MPEG_TIMESCALE;
/** A step back by more is a clock that began anew; by less, a muxer's slip. A new clock fits so far as well. */
const MAX_BACK = 1 * MPEG_TIMESCALE;
/**
 * A step forward by more than this, beyond the newest of all tracks and the time that passed, is a clock that was set: a
 * track that others have overtaken only paused.
 */
const MAX_AHEAD = 10 * MPEG_TIMESCALE;
/** After a restart the silence before it is kept, up to this. */
const MAX_SILENCE = 3600 * MPEG_TIMESCALE;

/** Where a time stamp belongs. */
export interface Placement {
  /** What to add to it. */
  readonly shift: number;
  /** Counts the camera's clocks from 0. */
  readonly clock: number;
}

interface TrackClock {
  /** Newest time stamp, as the camera gave it; undefined until the track has a sample on this clock. */
  last: number | undefined;
  placement: Placement;
}

/** Places the samples of a stream. Hot: once per sample. */
export class Timeline {
  /** Of the newest clock; undefined where the next sample begins one. */
  #current: Placement | undefined;
  #clock = -1;
  #end: number;
  #newest: number;
  #arrival: Micros | undefined;
  /** The next clock begins where the last ended, not after the silence between them. */
  #joined = false;
  readonly #tracks: (TrackClock | undefined)[] = [];

  /** @param end where the timeline goes on, 90 kHz; {@link ORIGIN} for a new one. */
  constructor(end: number) {
    this.#end = end;
    this.#newest = end;
  }

  /** End of what has been placed, 90 kHz from 0; where it began if nothing has. */
  get end(): number {
    return this.#end;
  }

  /** Newest decode time that was placed; where the timeline began if none was. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * Places a sample of track `track`; `undefined` when it belongs to no clock and is to be left out. Tracks go over
   * to a new clock one by one: what one of them still has in flight stays on the old one.
   * @param dts on the camera's clock, 90 kHz, unwrapped.
   * @param arrival by the monotonic clock; tells silence from a clock that was set.
   */
  place(track: number, dts: number, arrival: Micros): Placement | undefined {
    let current = this.#current ?? this.#begin(dts, this.#joined ? 0 : this.#silence(arrival));
    const clock = this.#tracks[track] ??= { last: undefined, placement: current };
    if (clock.last === undefined || clock.placement !== current) {
      const off = Math.abs(dts + current.shift - this.#end);
      const offBefore = clock.last === undefined ? Infinity : Math.abs(dts - clock.last);
      if (Math.min(off, offBefore) > MAX_AHEAD) return undefined;
      if (off <= MAX_BACK || off <= offBefore) clock.placement = current;
    } else if (this.#jumped(clock, dts, arrival)) {
      this.#joined = false;
      current = this.#begin(dts, this.#silence(arrival));
      clock.placement = current;
    }
    clock.last = dts;
    this.#arrival = arrival;
    this.#newest = Math.max(this.#newest, dts + clock.placement.shift);
    return clock.placement;
  }

  /** The next sample continues where the newest ended, whatever its clock says: a clip that loops. */
  join(): void {
    this.#current = undefined;
    this.#joined = true;
    this.#tracks.length = 0;
  }

  /** The next sample is on another clock: it continues after the silence before it. */
  restart(): void {
    this.#current = undefined;
    this.#joined = false;
    this.#tracks.length = 0;
  }

  /** A sample that was placed lasts until `end` (90 kHz, on this timeline). */
  extend(end: number): void {
    if (end > this.#end) this.#end = end;
  }

  /** Whether a track's next time stamp cannot be on the clock of its last. */
  #jumped({ last = 0, placement: { shift } }: TrackClock, dts: number, arrival: Micros): boolean {
    if (dts - last < -MAX_BACK) return true;
    const ahead = dts + shift - this.#newest;
    return ahead > MAX_AHEAD && ahead > MAX_AHEAD + ticksOf(arrival - (this.#arrival ?? arrival));
  }

  /** Time since the newest arrival, 90 kHz. */
  #silence(arrival: Micros): number {
    if (this.#arrival === undefined) return 0;
    return Math.min(MAX_SILENCE, Math.max(0, Math.round(ticksOf(arrival - this.#arrival))));
  }

  #begin(dts: number, silence: number): Placement {
    if (!this.#joined) this.#clock++;
    const shift = Math.round(this.#end + silence - dts);
    return this.#current = { shift, clock: this.#clock };
  }
}

/** Microseconds at 90 kHz. */
function ticksOf(passed: number): number {
  return (passed * MPEG_TIMESCALE) / 1e6;
}
