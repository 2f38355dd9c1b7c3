/**
 * Decode times for pictures that say only when they are shown, and come as unevenly as a phone in the dark makes them. A
 * browser that sees a decode time step of more than twice the last picture's stated duration throws all pictures away
 * until the next key picture (Media Source Extensions, coded frame processing, step 6), which a WebRTC sender may never
 * make. So a pause is taken in growing steps: each picture is shown when it says, and decoded early.
 *
 * @module
 */

import { MPEG_TIMESCALE } from "../../shared/units.ts";

/** What is stated of a generation's first picture is no shorter: 60 a second. */
const FIRST_STEP = MPEG_TIMESCALE / 60;
/** From one step to the next: well below twice, because browsers round both to microseconds before they compare. */
const GROWTH = 1.75;
/** Durations are stated no longer than this. Pauses up to it are bridged, however many follow each other. */
export const MAX_PAUSE = 1 * MPEG_TIMESCALE;
/** No picture is decoded so long before it is shown: steps grow, so that pauses of a second are caught up before. */
const MAX_LEAD = 5 * MPEG_TIMESCALE;

/** Follows one track. Hot: once per picture. */
export class DecodeTimes {
  #last: number | undefined;
  /** What the last picture's duration is stated as, at least. */
  #step = FIRST_STEP;

  /**
   * The next picture's decode time.
   * @param pts when it is shown, 90 kHz.
   * @param begins a generation may begin with it, and nothing be known of the steps before.
   */
  next(pts: number, begins: boolean): number {
    const last = this.#last;
    let dts = pts;
    if (last !== undefined && pts > last) {
      const even = last + Math.floor(Math.min(pts - last, GROWTH * this.#step, MAX_PAUSE));
      // A key picture may leap: browsers go on from it whatever was before.
      if (pts - even <= (begins ? MAX_PAUSE : MAX_LEAD)) dts = even;
      this.#step = Math.min(dts - last, MAX_PAUSE);
    }
    if (begins || last === undefined) this.#step = FIRST_STEP;
    this.#last = dts;
    return dts;
  }

  /** What follows is on another clock. */
  restart(): void {
    this.#last = undefined;
  }
}
