/**
 * Notices that a worker hangs: one that has said nothing at so many looks in a row. They are counted, not timed, since a
 * main thread that stood still has heard nothing either.
 *
 * @module
 */

const MAX_SILENT_LOOKS = 3;

/** Over one worker, which must speak more often than it is looked after, whatever else it has to do. */
export class HangWatch implements Disposable {
  readonly #looks: ReturnType<typeof setInterval>;
  #silent = 0;

  /** @param hangs Called once. */
  constructor({ lookMs, hangs }: { readonly lookMs: number; readonly hangs: () => void }) {
    this.#looks = setInterval(() => {
      if (++this.#silent <= MAX_SILENT_LOOKS) return;
      clearInterval(this.#looks);
      hangs();
    }, lookMs);
  }

  /** It has said something. */
  heard(): void {
    this.#silent = 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looks);
  }
}
