/**
 * The samples of one track that wait to be written: payloads back to back, times and flags beside them.
 * A sample can leave once the next one's decode time is known, so that its duration is exact.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Batch, Fragment, Track } from "../../shared/media.ts";
import type { Micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import { RecordingError } from "./output.ts";

/** Most that may wait: a part (`MAX_PART_BYTES`) and the largest access unit on top. */
const MAX_RUN_BYTES = 64 << 20;
const FIRST_RUN_BYTES = 64 << 10;

/** One track's waiting samples. Hot: once per fragment. */
export class TrackRun {
  readonly track: Track;
  /** Bytes of each sample. */
  readonly sizes: number[] = [];
  /** Decode time of each sample, ever increasing. */
  readonly times: number[] = [];
  /** Presentation minus decode time of each sample. */
  readonly offsets: number[] = [];
  readonly keys: boolean[] = [];
  /** Capture time of each sample, as far as its batch states it. */
  readonly arrivals: Micros[] = [];
  readonly #payload = new Growable(FIRST_RUN_BYTES, MAX_RUN_BYTES);
  #last = -Infinity;
  #lastDuration = 0;

  constructor(track: Track) {
    this.track = track;
  }

  /** How many samples wait. */
  get count(): number {
    return this.sizes.length;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#payload.length;
  }

  /** From the first waiting sample to the last, in seconds. */
  get seconds(): number {
    const first = this.times[0];
    return first === undefined ? 0 : (this.#last - first) / this.track.timescale;
  }

  /**
   * Takes the samples of a fragment.
   * @param batch that the fragment lies in.
   * @throws {RecordingError} when they are more than can be.
   */
  add(fragment: Fragment, batch: Batch): void {
    const { sizes, dts, pts, key, duration } = fragment;
    let total = 0;
    for (const size of sizes) total += size;
    const end = fragment.offset + fragment.byteLength;
    if (!this.#payload.append(batch.bytes, end - total, end)) {
      throw new RecordingError(
        `a frame of ${total} bytes is more than can be recorded, ${MAX_RUN_BYTES}`,
      );
    }
    const step = duration / sizes.length;
    for (let i = 0; i < sizes.length; i++) {
      const placed = dts + Math.round(i * step);
      // Decode times must grow: one that does not is moved, the time it is shown at stays.
      const time = placed > this.#last ? placed : this.#last + 1;
      this.#last = time;
      this.sizes.push(sizes[i] ?? 0);
      this.times.push(time);
      this.offsets.push(i === 0 ? pts - time : placed - time);
      this.keys.push(key);
      this.arrivals.push(batch.arrival);
    }
    this.#lastDuration = Math.max(1, Math.round(step));
  }

  /** How many samples can leave: all but the last, or all when nothing more will come. */
  ready(what: "known" | "all"): number {
    return what === "all" ? this.count : Math.max(0, this.count - 1);
  }

  /** To the next sample's decode time; of the very last one what its fragment states. */
  durationAt(index: number): number {
    const next = this.times[index + 1];
    return next === undefined ? this.#lastDuration : next - (this.times[index] ?? 0);
  }

  /** The first `count` samples' payloads, back to back: a view until the next change. */
  payload(count: number): Bytes {
    return this.#payload.view().subarray(0, this.#bytesOf(count));
  }

  /** Forgets the first `count` samples. */
  drop(count: number): void {
    this.#payload.consume(this.#bytesOf(count));
    this.sizes.splice(0, count);
    this.times.splice(0, count);
    this.offsets.splice(0, count);
    this.keys.splice(0, count);
    this.arrivals.splice(0, count);
  }

  #bytesOf(count: number): number {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += this.sizes[i] ?? 0;
    return bytes;
  }
}
