/**
 * Presentation times for a stream that has none: from the picture order count, and how long a picture may have to
 * wait for others (Rec. ITU-T H.264 §C.4.5.3, H.265 §C.5.2). Counts in pictures.
 *
 * @module
 */

import type { Pictures } from "../codecs/pictures.ts";

/** No level allows more (H.264 §A.3.1); a larger distance is a count that jumped. */
const MAX_REORDER = 16;

/** A picture's place: counted in pictures, {@link Presentation.place}. */
export interface OrderedPicture {
  readonly order: number;
  readonly sequence: number;
}

/** Follows the output order of one stream. Without pictures out of order, output is decoding order. */
export class Presentation {
  #sequence = -1;
  #count = 0;
  #base = 0;
  #step: number;
  /** How many pictures a picture is shown after its decode time at least. */
  #delay = 0;

  /** @param step usual step of the order count. */
  constructor(step: number) {
    this.#step = step;
  }

  /** How many pictures a picture that is in its place waits. */
  get delay(): number {
    return this.#delay;
  }

  /**
   * How many pictures after its decode time the newest picture is shown; 0 or more.
   * @param stated most pictures one waits for, as the stream says; believed once one came out of order.
   */
  place({ order, sequence }: OrderedPicture, stated: number | undefined): number {
    if (sequence !== this.#sequence) {
      this.#sequence = sequence;
      this.#count = 0;
      this.#base = order;
    }
    const ahead = (order - this.#base) / this.#step - this.#count;
    this.#count++;
    if (Math.abs(ahead) > MAX_REORDER) {
      this.#count = 1; // a count that jumped: from here on anew
      this.#base = order;
      return this.#delay;
    }
    if (ahead < 0 && Math.ceil(-ahead) > this.#delay) {
      this.#delay = Math.max(Math.ceil(-ahead), Math.min(stated ?? 0, MAX_REORDER));
    }
    return Math.max(0, ahead + this.#delay);
  }

  /** The delay is known beforehand: a file was looked into. */
  settle(pictures: readonly OrderedPicture[], stated: number | undefined): void {
    this.#step = stepOf(pictures) ?? this.#step;
    if (stated !== undefined) {
      this.#delay = Math.min(stated, MAX_REORDER);
      return;
    }
    const trial = new Presentation(this.#step);
    for (const picture of pictures) trial.place(picture, undefined);
    this.#delay = trial.delay;
  }
}

/** The smallest step of the order count between two pictures of a sequence; `undefined` where there is none. */
function stepOf(pictures: readonly OrderedPicture[]): number | undefined {
  const sequences = Map.groupBy(pictures, ({ sequence }) => sequence);
  let least: number | undefined;
  for (const members of sequences.values()) {
    const orders = members.map(({ order }) => order).sort((a, b) => a - b);
    for (let i = 1; i < orders.length; i++) {
      const step = (orders[i] ?? 0) - (orders[i - 1] ?? 0);
      if (step > 0 && (least === undefined || step < least)) least = step;
    }
  }
  return least;
}

/** The order of the newest picture, kept. */
export function orderOf({ order, sequence }: Pictures): OrderedPicture {
  return { order, sequence };
}
