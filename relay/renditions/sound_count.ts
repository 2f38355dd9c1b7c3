/**
 * Sound that is made over, counted: frames carry no times, so each begins where the one before it ends, from where the sound
 * began on. Pure: knows no encoder.
 *
 * @module
 */

import { type Ticks, ticks } from "../../shared/units.ts";
import { FRAME_SAMPLES } from "./aac_encoder.ts";

/** A run of the original's sound, in ticks of its track. */
export interface SoundRun {
  readonly dts: Ticks;
  readonly duration: Ticks;
}

/** One count, from one beginning of an encoder to the next. */
export class SoundCount {
  /** Where by count the next run begins, and the next frame. */
  #due: number | undefined;
  #next: number | undefined;

  /** Whether a run begins where by count it should, within a frame: else counting begins anew. */
  fits({ dts }: SoundRun): boolean {
    return this.#due === undefined || Math.abs(dts - this.#due) < FRAME_SAMPLES;
  }

  /** A run goes into the encoder, whose first frame is of silence before it (its delay). */
  went({ dts, duration }: SoundRun): void {
    this.#next ??= dts - FRAME_SAMPLES;
    this.#due = (this.#due ?? dts) + duration;
  }

  /** When the frame that comes out now begins; `undefined` where that is nowhere, or before the stream's beginning. */
  comes(): Ticks | undefined {
    if (this.#next === undefined) return undefined;
    const dts = this.#next;
    this.#next += FRAME_SAMPLES;
    return dts < 0 ? undefined : ticks(dts);
  }
}
