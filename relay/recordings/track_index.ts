/**
 * The index of one track of a file that is being repaired, gathered from its fragments.
 *
 * @module
 */

import type { Track } from "../../shared/media.ts";
import type { TrackFragment } from "../../shared/mp4/fragment_reader.ts";
import type { IndexedTrack } from "./flat_moov.ts";
import { SampleTable } from "./sample_table.ts";

/** Gathers fragments; a sample is entered when the next one's decode time is known. */
export class TrackIndex {
  readonly #track: Track;
  readonly #table = new SampleTable();
  #start: number | undefined;
  #held:
    | { dts: number; size: number; duration: number; compositionOffset: number; key: boolean }
    | undefined;

  constructor(track: Track) {
    this.#track = track;
  }

  /** @param at the place of the fragment's `moof` in the file. */
  add({ dts, samples }: TrackFragment, at: number): void {
    const held = this.#held;
    let time = Math.max(dts ?? 0, held === undefined ? 0 : held.dts + 1);
    if (dts === undefined && held !== undefined) time = held.dts + held.duration;
    this.#start ??= time;
    let chunkAt = 0;
    let chunkSamples = 0;
    let chunkEnd = -1;
    for (const { offset, size, duration, compositionOffset, key } of samples) {
      this.#enter(time);
      this.#held = { dts: time, size, duration, compositionOffset, key };
      time += duration;
      if (offset !== chunkEnd) {
        this.#table.addChunk(at + chunkAt, chunkSamples);
        chunkAt = offset;
        chunkSamples = 0;
      }
      chunkSamples++;
      chunkEnd = offset + size;
    }
    this.#table.addChunk(at + chunkAt, chunkSamples);
  }

  /** Nothing follows. */
  finish(): IndexedTrack {
    if (this.#held !== undefined) this.#enter(this.#held.dts + Math.max(1, this.#held.duration));
    this.#held = undefined;
    return { track: this.#track, table: this.#table, start: this.#start ?? 0 };
  }

  /** Enters the held sample, which lasts until `next`. */
  #enter(next: number): void {
    if (this.#held === undefined) return;
    this.#table.add({ ...this.#held, duration: next - this.#held.dts });
  }
}
