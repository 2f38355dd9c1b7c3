/**
 * What the page and its audio thread tell each other about sound. Types only.
 *
 * @module
 */

import type { Piece } from "./sound_queue.ts";

/** The name under which the processor is registered. */
export const PROCESSOR = "rill-sound";

/** To the audio thread. */
export type SoundOrder =
  | { readonly kind: "piece"; readonly piece: Piece }
  | { readonly kind: "rate"; readonly rate: number }
  /** Go on this much later (or, below 0, earlier) in the media, s. */
  | { readonly kind: "jump"; readonly by: number }
  /** Begin at this media time, s. */
  | { readonly kind: "begin"; readonly at: number }
  | { readonly kind: "clear" };

/** From the audio thread, every few hundredths of a second. Times are seconds. */
export interface SoundReport {
  /** Context time of the next sample to be made. */
  readonly contextTime: number;
  /** Media time of that sample; undefined while there is none. */
  readonly position: number | undefined;
  /** The least that was queued ahead since the last report; undefined while there is nothing. */
  readonly ahead: number | undefined;
  readonly rate: number;
  /** Times it ran dry. */
  readonly gaps: number;
  /** Orders to jump or to clear that had been obeyed: what is on its way meanwhile tells of another place. */
  readonly moves: number;
}
