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
        const silence = this.#arrival === undefined ? 0 : (arrival - this.#arrival) * 0.09;
        this.#begin(dts, Math.min(MAX_SILENCE, Math.max(0, Math.round(silence))));
        this.#note(clock, dts, arrival);
        return { kind: "restarted", shift: this.#shift };
      }
    } else {
      this.#begin(dts, 0);
    }
    this.#note(clock, dts, arrival);
    return this.#placed;
  }

  /** The next sample continues where the newest ended, whatever its clock says: a clip that loops. */
  join(): void {
    this.#shift = undefined;
  }

  /** A sample that was placed lasts until `end` (90 kHz, on this timeline). */
  extend(end: number): void {
    if (end > this.#end) this.#end = end;
  }

  #jumped(clock: TrackClock, dts: number, arrival: Micros): boolean {
    const step = dts - (clock.last ?? dts);
    if (step < -MAX_BACK) return true;
    return step > MAX_AHEAD && step > MAX_AHEAD + (arrival - clock.arrival) * 0.09;
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
