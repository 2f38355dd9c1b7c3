/**
 * Sound on its way into fragments: samples wait for the picture that takes them along, in runs that follow each other
 * without a gap. Where some are missing silence stands in their place, of which no fragment is told.
 *
 * Silence, because a browser that plays sound and pictures from one buffer takes a hole in the sound for a break of both,
 * shows no picture until the next key picture (Media Source Extensions, coded frame processing, step 6), and stands still
 * where the sound ends. So sound that has ceased is made up for as well while pictures come, and as far behind them as it
 * was before.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { type Fragment, HEADROOM_BYTES, type Sample } from "../../shared/media.ts";
import { type Micros, micros, type Ticks, ticks } from "../../shared/units.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { Growable } from "../bytes/growable.ts";
import { audioFragmentBytes, writeAudioFragment } from "./fragment.ts";

/** Sound that may wait: some seconds even of uncompressed sound. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Silence put where so many sound samples are missing, at most; longer absences are left open. */
const MAX_SILENT_SAMPLES = 1500;
/** Sound has ceased where none came while pictures came for so long … */
const ABSENCE = micros(2_000_000);
/** … of which one picture stands for no more than this, however late it is: what comes in bursts may have sound behind it. */
const MAX_PICTURE_STEP = micros(200_000);
/** Samples in a frame of AAC and of Opus, where none has come. */
const USUAL_DURATIONS: readonly Ticks[] = [ticks(1024), ticks(960)];

/** Sound samples that follow each other without a gap, still waiting. */
interface WaitingRun {
  /** Not the source's. */
  readonly isSilence: boolean;
  readonly dts: Ticks;
  readonly sampleDuration: Ticks;
  readonly sizes: number[];
  bytes: number;
}

/** Of which track, and what stands where it is missing. */
export interface WaitingSoundOptions {
  readonly track: number;
  /** A sample of this duration in which nothing is heard, if there is one. */
  readonly silence: ((sampleDuration: Ticks) => Bytes | undefined) | undefined;
}

/** The sound of one generation. */
export class WaitingSound {
  /** Arrival of the oldest sample that waits. */
  since: Micros | undefined;
  /** Samples of silence put where sound is missing. */
  silentSamples = 0;
  readonly #options: WaitingSoundOptions;
  readonly #waiting = new Growable(16 * 1024, MAX_WAITING_BYTES);
  #runs: WaitingRun[] = [];
  /** Where the last sample ended, silence too. */
  #end: Ticks | undefined;
  /** Where the first picture is. */
  #from: Ticks | undefined;
  /** Where silence ended that no sample came behind. */
  #covered: Ticks | undefined;
  #duration: Ticks | undefined;
  /** How long pictures have come without sound, µs, and when the last did. */
  #absent = 0;
  #pictureArrival: Micros | undefined;
  /** Where the newest picture is, in ticks of the sound, and how far behind it the sound usually is. */
  #picture = 0;
  #lag = 0;

  constructor(options: WaitingSoundOptions) {
    this.#options = options;
  }

  /** Bytes that {@link WaitingSound.take} will write. */
  get fragmentBytes(): number {
    let bytes = 0;
    for (const run of this.#runs) bytes += audioFragmentBytes(run.sizes.length, run.bytes);
    return bytes;
  }

  /** A sample. `false` when there is no more room. */
  add(sample: Sample): boolean {
    const { dts, duration, arrival } = sample;
    this.#absent = 0;
    this.#duration = duration;
    if (this.#covered !== undefined && dts < this.#covered - duration / 2) return true; // silence has its place
    this.#covered = undefined;
    this.#fill(dts, arrival);
    if (!this.#wait(sample, false)) return false;
    this.#end = (dts + duration) as Ticks;
    this.#lag = Math.max(0, this.#picture - this.#end);
    return true;
  }

  /** A picture is to take along what waits. @param at when it is decoded, in ticks of the sound. */
  accompany(at: number, arrival: Micros): void {
    const step = arrival - (this.#pictureArrival ?? arrival);
    this.#pictureArrival = arrival;
    this.#picture = at;
    this.#from ??= Math.round(at) as Ticks;
    this.#absent += Math.max(0, Math.min(step, MAX_PICTURE_STEP));
    if (this.#absent >= ABSENCE) this.#cover(at - this.#lag, arrival);
  }

  /** Writes what waits, run by run. @param numberOf answers the next sequence_number. */
  take(w: ByteWriter, numberOf: (track: number) => number): Fragment[] {
    const fragments: Fragment[] = [];
    const { track } = this.#options;
    const payload = this.#waiting.view();
    let taken = 0;
    for (const run of this.#runs) {
      const offset = w.position;
      writeAudioFragment(w, {
        track,
        sequence: numberOf(track),
        dts: run.dts,
        sampleDuration: run.sampleDuration,
        sizes: run.sizes,
        payload: payload.subarray(taken, taken + run.bytes),
      });
      taken += run.bytes;
      if (run.isSilence) continue;
      fragments.push({
        track,
        dts: run.dts,
        pts: run.dts,
        duration: (run.sampleDuration * run.sizes.length) as Ticks,
        key: true,
        sizes: run.sizes,
        offset: offset - HEADROOM_BYTES,
        byteLength: w.position - offset,
      });
    }
    this.#waiting.clear();
    this.#runs = [];
    this.since = undefined;
    return fragments;
  }

  /** Silence in the place of whole samples that are missing before one. */
  #fill(dts: Ticks, arrival: Micros): void {
    const from = this.#end;
    const duration = this.#duration ?? 0;
    if (from === undefined || duration <= 0) return;
    const missing = Math.floor((dts - from) / duration);
    if (missing >= 1 && missing <= MAX_SILENT_SAMPLES) this.#silent(from, missing, arrival);
  }

  /** Silence up to there, where sound has ceased. */
  #cover(to: number, arrival: Micros): void {
    this.#duration ??= USUAL_DURATIONS.find((each) => this.#options.silence?.(each));
    const from = this.#end ?? this.#from;
    if (from === undefined || this.#duration === undefined) return;
    const missing = Math.floor((to - from) / this.#duration);
    if (missing < 1) return;
    this.#silent(from, missing, arrival);
    this.#covered = this.#end;
  }

  #silent(from: Ticks, count: number, arrival: Micros): void {
    const duration = this.#duration ?? (0 as Ticks);
    const silent = this.#options.silence?.(duration);
    if (!silent) return;
    const units = [silent];
    for (let dts = from; dts < from + count * duration; dts = this.#end) {
      if (!this.#wait({ dts, pts: dts, key: true, arrival, duration, units }, true)) return;
      this.#end = (dts + duration) as Ticks;
      this.silentSamples++;
    }
  }

  /** `false` when there is no more room; nothing of the sample is kept then. */
  #wait(sample: Sample, isSilence: boolean): boolean {
    const last = this.#runs.at(-1);
    let bytes = 0;
    for (const unit of sample.units) {
      if (!this.#waiting.append(unit, 0, unit.length)) return false;
      bytes += unit.length;
    }
    this.since ??= sample.arrival;
    if (
      last && sample.dts === last.dts + last.sampleDuration * last.sizes.length &&
      sample.duration === last.sampleDuration && isSilence === last.isSilence
    ) {
      last.sizes.push(bytes);
      last.bytes += bytes;
    } else {
      this.#runs.push({
        isSilence,
        dts: sample.dts,
        sampleDuration: sample.duration,
        sizes: [bytes],
        bytes,
      });
    }
    return true;
  }
}
