/**
 * When each frame was taken, from the lines that `v4l2-ctl --verbose` writes beside it, brought onto the relay's clock: the
 * kernel's runs evenly, and where it stands is learned from the frame that came soonest after it was taken. Pure.
 *
 * @module
 */

import { type Micros, micros } from "../../../shared/units.ts";

/** `cap dqbuf: 1 seq: 5 bytesused: 4000 ts: 1234.567890 …`; one without bytes, or in error, has no frame. */
const LINE = /\bcap dqbuf\b.*?\bseq:\s*(\d+).*?\bbytesused:\s*(\d+).*?\bts:\s*(\d+)\.(\d{6})/;
/** Lines that wait for their frames, and frames that went without their lines. */
const MAX_WAITING = 64;
/** Clocks drift apart: a better place is looked for anew so often, frames. */
const WINDOW = 900;
/** A time so much later than its frame came is none (some webcams' leap); µs. */
const LEAP = 500_000;
/** So many in a row that lead nowhere are another clock. */
const MANY = 5;

/** Pairs one program's lines with its frames: both come in the order in which the frames were taken. */
export class CaptureTimes {
  /** Lines come at all. */
  heard = false;
  readonly #lines: { readonly bytes: number; readonly at: number }[] = [];
  /** Sent already: their lines, should they still come, are nobody else's. */
  readonly #sent: {
    readonly bytes: number;
    readonly now: Micros;
    readonly isPicture: boolean;
  }[] = [];
  #offset = Infinity;
  #newOffset = Infinity;
  #frames = 0;
  #taken = NaN;
  /** Times in a row that were none. */
  #wrong = 0;
  /** Between the last two that were told apart. */
  #step: number | undefined;
  #last = -Infinity;

  /** A line of standard error. */
  line(text: string): void {
    const match = LINE.exec(text);
    if (!match || /\berror\b/i.test(text)) return;
    const bytes = Number(match[2]);
    if (bytes === 0) return;
    this.heard = true;
    const at = Number(match[3]) * 1e6 + Number(match[4]);
    const late = this.#sent.findIndex((frame) => frame.bytes === bytes);
    const frame = this.#sent[late];
    if (frame) {
      this.#sent.splice(0, late + 1);
      if (frame.isPicture) this.#learn(at, frame.now);
      return;
    }
    this.#lines.push({ bytes, at });
    if (this.#lines.length > MAX_WAITING) this.#lines.shift();
  }

  /** Whether the line of a frame of that length has come. */
  knows(bytes: number): boolean {
    return this.#lines.some((line) => line.bytes === bytes);
  }

  /**
   * When a frame of that length was taken; where no line tells, or tells what cannot be, as long after the one before as
   * that was after its own, or `now`. Never goes back.
   * @param frame.now when it reached this program. @param frame.isPicture `false` for what belongs to the picture after it.
   */
  of(
    bytes: number,
    { now, isPicture }: { readonly now: Micros; readonly isPicture: boolean },
  ): Micros {
    const index = this.#lines.findIndex((line) => line.bytes === bytes);
    const line = this.#lines[index];
    if (line) {
      this.#lines.splice(0, index + 1);
      if (!isPicture) return now; // its time may be the picture's
      if (this.#learn(line.at, now)) return this.#forward(line.at + this.#offset);
    } else {
      this.#sent.push({ bytes, now, isPicture });
      if (this.#sent.length > MAX_WAITING) this.#sent.shift();
      if (!isPicture) return now;
    }
    return this.#forward(this.#step === undefined ? now : Math.min(now, this.#last + this.#step));
  }

  /** @returns whether a frame that came at `now` can have been taken then. */
  #learn(taken: number, now: Micros): boolean {
    const isAhead = Number.isFinite(this.#offset) && taken + this.#offset > now + LEAP;
    if (isAhead || taken <= this.#taken) {
      if (++this.#wrong < MANY) return false;
      this.#offset = this.#newOffset = Infinity;
      this.#taken = NaN;
    }
    this.#wrong = 0;
    const step = taken - this.#taken;
    if (step > 0) this.#step = step;
    this.#taken = taken;
    const offset = now - taken;
    this.#offset = Math.min(this.#offset, offset);
    this.#newOffset = Math.min(this.#newOffset, offset);
    if (++this.#frames % WINDOW === 0) {
      this.#offset = this.#newOffset;
      this.#newOffset = Infinity;
    }
    return true;
  }

  #forward(time: number): Micros {
    this.#last = Math.max(time, this.#last + 1);
    return micros(this.#last);
  }
}
