/**
 * One timeline for all tracks of a stream, for as long as the relay runs: camera clocks that jump, restart or
 * loop are placed behind what was there before. Works at 90 kHz; knows tracks by number and no media.
 *
 * @module
 */

import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";

/** Where the timeline begins: room for sound that was captured before the first picture yet comes after it. */
export const ORIGIN = 4 * MPEG_TIMESCALE;
/** A step back by more is a clock that began anew; by less, a muxer's slip. */
const MAX_BACK = 1 * MPEG_TIMESCALE;
/** A step forward by more than this beyond the time that passed is a clock that was set. */
const MAX_AHEAD = 10 * MPEG_TIMESCALE;
/** After a restart the silence before it is kept, up to this. */
const MAX_SILENCE = 3600 * MPEG_TIMESCALE;

/** What became of a time stamp. */
export type Placement =
  | { readonly kind: "placed"; readonly shift: number }
  /** Placed, on a clock that began anew. */
  | { readonly kind: "restarted"; readonly shift: number }
  /** Belongs to a clock that is over; to be left out. */
  | { readonly kind: "stray" };

interface TrackClock {
  /** Camera clock, undefined until the track's first sample on this clock. */
  last: number | undefined;
  arrival: Micros;
}

/** Places the samples of a stream. Hot: once per sample. */
export class Timeline {
  #shift: number | undefined;
  #end: number;
  #arrival: Micros | undefined;
  /** A new clock begins where the last ended, not after the silence between them. */
  #joined = false;
  readonly #tracks: TrackClock[] = [];
  #newest: number;
  #placed: Placement = { kind: "placed", shift: 0 };

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
   * Places a sample of track `track`: its times plus `shift` are its times on the stream's timeline.
   * @param dts on the camera's clock, 90 kHz, unwrapped.
   * @param arrival on the origin clock; tells silence from a clock that was set.
   */
  place(track: number, dts: number, arrival: Micros): Placement {
    const clock = this.#tracks[track] ??= { last: undefined, arrival };
    if (this.#shift !== undefined) {
      if (clock.last === undefined) {
        if (Math.abs(dts + this.#shift - this.#end) > MAX_AHEAD) return { kind: "stray" };
      } else if (this.#jumped(clock, dts, arrival)) {
        this.#begin(dts, this.#silence(arrival));
        this.#note(clock, dts, arrival);
        return { kind: "restarted", shift: this.#shift };
      }
    } else {
      this.#begin(dts, this.#joined ? 0 : this.#silence(arrival));
    }
    this.#note(clock, dts, arrival);
    return this.#placed;
  }

  /** The next sample continues where the newest ended, whatever its clock says: a clip that loops. */
  join(): void {
    this.#shift = undefined;
    this.#joined = true;
  }

  /** The next sample is on another clock: it continues after the silence before it. */
  restart(): void {
    this.#shift = undefined;
    this.#joined = false;
  }

  /** A sample that was placed lasts until `end` (90 kHz, on this timeline). */
  extend(end: number): void {
    if (end > this.#end) this.#end = end;
  }

  #jumped(clock: TrackClock, dts: number, arrival: Micros): boolean {
    const step = dts - (clock.last ?? dts);
    if (step < -MAX_BACK) return true;
    const passed = ((arrival - clock.arrival) * MPEG_TIMESCALE) / 1e6;
    return step > MAX_AHEAD && step > MAX_AHEAD + passed;
  }

  /** Time since the newest arrival, 90 kHz. */
  #silence(arrival: Micros): number {
    if (this.#arrival === undefined) return 0;
    const passed = Math.round(((arrival - this.#arrival) * MPEG_TIMESCALE) / 1e6);
    return Math.min(MAX_SILENCE, Math.max(0, passed));
  }

  #begin(dts: number, silence: number): void {
    this.#shift = Math.round(this.#end + silence - dts);
    this.#placed = { kind: "placed", shift: this.#shift };
    for (const track of this.#tracks) if (track) track.last = undefined;
  }

  #note(clock: TrackClock, dts: number, arrival: Micros): void {
    clock.last = dts;
    clock.arrival = arrival;
    this.#newest = Math.max(this.#newest, dts + (this.#shift ?? 0));
    this.#arrival = arrival;
  }
}
