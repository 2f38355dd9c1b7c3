/**
 * When each frame was taken, from the lines that `v4l2-ctl --verbose` writes beside it, brought onto the relay's clock: the
 * kernel's runs evenly, and where it stands is learned from the frame that came soonest after it was taken. Pure.
 *
 * @module
 */

import { type Micros, micros } from "../../../shared/units.ts";

/** `cap dqbuf: 1 seq: 5 bytesused: 4000 ts: 1234.567890 …`; one without bytes, or in error, has no frame. */
const LINE = /\bcap dqbuf\b.*?\bseq:\s*(\d+).*?\bbytesused:\s*(\d+).*?\bts:\s*(\d+)\.(\d{6})/;
/** Lines that wait for their frames. */
const MAX_WAITING = 64;
/** Clocks drift apart: a better place is looked for anew so often, frames. */
const WINDOW = 900;

/** Pairs one program's lines with its frames. */
export class CaptureTimes {
  readonly #waiting: { readonly bytes: number; readonly at: number }[] = [];
  #offset = Infinity;
  #newOffset = Infinity;
  #frames = 0;
  #last = -Infinity;

  /** A line of standard error. */
  line(text: string): void {
    const match = LINE.exec(text);
    if (!match || /\berror\b/i.test(text)) return;
    const bytes = Number(match[2]);
    if (bytes === 0) return;
    this.#waiting.push({ bytes, at: Number(match[3]) * 1e6 + Number(match[4]) });
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  /**
   * When a frame of that length was taken; `now` where no line tells. Never goes back.
   * @param now when it reached this program.
   */
  of(bytes: number, now: Micros): Micros {
    const at = this.#waiting.findIndex((waiting) => waiting.bytes === bytes);
    const taken = this.#waiting[at]?.at;
    if (taken === undefined) return this.#forward(now);
    this.#waiting.splice(0, at + 1);
    const offset = now - taken;
    this.#offset = Math.min(this.#offset, offset);
    this.#newOffset = Math.min(this.#newOffset, offset);
    if (++this.#frames % WINDOW === 0) {
      this.#offset = this.#newOffset;
      this.#newOffset = Infinity;
    }
    return this.#forward(micros(taken + this.#offset));
  }

  #forward(time: number): Micros {
    this.#last = Math.max(time, this.#last + 1);
    return micros(this.#last);
  }
}
