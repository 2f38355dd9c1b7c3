/**
 * Packets or frames of sound handed on as samples, each lent for the duration of the call. Knows no codec, and neither where
 * they come from nor what time it is.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import type { ElementaryOutput, ElementarySample } from "./codec.ts";

/** What one is handed on with. */
export interface SoundTimes {
  /** 90 kHz. */
  readonly time: number;
  /** What of it is to be heard, in units of the track's timescale. */
  readonly duration: number;
  readonly arrival: Micros;
}

/** One track's. Hot: once per packet or frame. */
export class SoundSamples {
  readonly #out: ElementaryOutput;
  readonly #units: Uint8Array[] = [];
  /** Reused. */
  readonly #sample: ElementarySample = {
    dts: 0,
    pts: 0,
    key: true,
    arrival: 0 as Micros,
    duration: 0,
    units: this.#units,
  };

  constructor(out: ElementaryOutput) {
    this.#out = out;
  }

  /** Hands one on. */
  emit(packet: Uint8Array, { time, duration, arrival }: SoundTimes): void {
    this.#units[0] = packet;
    this.#sample.dts = time;
    this.#sample.pts = time;
    this.#sample.arrival = arrival;
    this.#sample.duration = duration;
    this.#out.sample(this.#sample);
  }
}
