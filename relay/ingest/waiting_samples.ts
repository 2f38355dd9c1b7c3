/**
 * Samples that wait for their generation: copies, bounded, in the order they came. When it begins is decided elsewhere.
 *
 * @module
 */

import type { Sample } from "../../shared/media.ts";

/** Media kept while the tracks are not all known; past it what is known must do. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Samples likewise: 20 s of pictures and sound, three times over. */
const MAX_SAMPLES = 8192;

/** A sample whose fields are its holder's to set. */
export type OwnSample = { -readonly [K in keyof Sample]: Sample[K] };

/** One that waits. */
export interface WaitingSample {
  readonly track: number;
  readonly sample: OwnSample;
}

/** Those of one stream. */
export class WaitingSamples {
  #waiting: WaitingSample[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get hasRoom(): boolean {
    return this.#bytes < MAX_BYTES && this.#waiting.length < MAX_SAMPLES;
  }

  /** One more; lent. */
  keep(track: number, sample: Sample): void {
    const units = sample.units.map((unit) => unit.slice());
    for (const unit of units) this.#bytes += unit.length;
    this.#waiting.push({ track, sample: { ...sample, units } });
  }

  /** Those of a track wait for nothing any more; @returns how many there were. */
  drop(track: number): number {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((each) => each.track !== track);
    this.#bytes = this.#waiting.reduce((sum, { sample }) => sum + bytesOf(sample), 0);
    return before - this.#waiting.length;
  }

  /** All of them; none wait after this. */
  take(): readonly WaitingSample[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    return taken;
  }
}

function bytesOf({ units }: Sample): number {
  return units.reduce((sum, { length }) => sum + length, 0);
}
