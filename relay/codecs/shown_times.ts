/**
 * When pictures are shown that came in one packet with one time stamp, which is the first's (ISO/IEC 13818-1 §2.4.3.7):
 * by their order count (Rec. ITU-T H.264 §8.2.1, H.265 §8.3.1) where it tells them apart, else one after the other.
 *
 * @module
 */

/** A picture's place in output order; counts anew in each sequence. */
export interface PictureOrder {
  readonly order: number;
  readonly sequence: number;
}

/** Follows one stream; times at 90 kHz. */
export class ShownTimes {
  /** Least step of the order count from one picture to the next in output. */
  #orderStep: number;
  #newest = -Infinity;
  #last: PictureOrder | undefined;

  /** @param orderStep what it usually is. */
  constructor(orderStep: number) {
    this.#orderStep = orderStep;
  }

  /** Something is missing: what comes is shown anew. */
  restart(): void {
    this.#newest = -Infinity;
    this.#last = undefined;
  }

  /**
   * When the pictures of a packet are shown, in decoding order.
   * @param pts of the first.
   * @param step from one picture to the next.
   */
  place(pictures: readonly PictureOrder[], pts: number, step: number): readonly number[] {
    const times = areDistinct(pictures)
      ? this.#byOrder(pictures, pts, step)
      : pictures.map((_, count) => pts + count * step);
    this.#newest = Math.max(this.#newest, ...times);
    return times;
  }

  #byOrder(pictures: readonly PictureOrder[], pts: number, step: number): readonly number[] {
    for (const picture of pictures) this.#measure(picture);
    let from: { readonly at: PictureOrder; readonly pts: number } | undefined;
    let newest = this.#newest;
    return pictures.map((at) => {
      if (!from) from = { at, pts };
      // A new sequence is shown behind all of the last.
      else if (from.at.sequence !== at.sequence) from = { at, pts: newest + step };
      const time = from.pts + ((at.order - from.at.order) / this.#orderStep) * step;
      newest = Math.max(newest, time);
      return time;
    });
  }

  #measure(picture: PictureOrder): void {
    const last = this.#last;
    this.#last = picture;
    if (last?.sequence !== picture.sequence) return;
    const between = Math.abs(picture.order - last.order);
    if (between > 0) this.#orderStep = Math.min(this.#orderStep, between);
  }
}

/** Whether the count tells all pictures apart: where it cannot be read, it stands still. */
function areDistinct(pictures: readonly PictureOrder[]): boolean {
  return new Set(pictures.map(({ order, sequence }) => `${sequence} ${order}`)).size ===
    pictures.length;
}
