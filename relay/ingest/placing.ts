/**
 * When the samples of a stream are decoded and shown, on the one timeline that its tracks share for as long as the relay
 * runs, and which of them have no place there: what leans on a picture that is missing, sound over sound, times that went
 * wrong. What becomes of the others is `product.ts`'s.
 *
 * @module
 */

import { type Micros, micros, MPEG_TIMESCALE, type Ticks } from "../../shared/units.ts";
import type { ElementarySample } from "../codecs/codec.ts";
import type { IngestCounters } from "./counters.ts";
import { DamageHold } from "./damage.ts";
import { AUDIO_TRACK, VIDEO_TRACK } from "./generation.ts";
import type { Passed } from "./pass_through.ts";
import type { Product } from "./product.ts";
import { type Placement, Timeline } from "./timeline.ts";
import type { OwnSample } from "./waiting_samples.ts";

/** No picture is shown so long after it is decoded: a decoder holds nothing for longer (ISO/IEC 13818-1 §2.14.3.1). */
const MAX_SHOWN_LATER = 10 * MPEG_TIMESCALE;
/** No frame of sound lasts so many seconds: AAC's longest is 0.26 s, Opus's 0.12 s. */
const MAX_SOUND_SECONDS = 1;

/** What the last generation of an earlier run leaves to the next, so that numbers and times go on. */
export interface Continuation {
  readonly generation: number;
  /** End of the timeline, 90 kHz. */
  readonly end: number;
  /** Where what was sent ends; less than `end` where time has passed since. */
  readonly sent?: number;
}

/** Places one stream's samples. Hot: once per sample. */
export class Placing {
  /** What follows a loss; a stream of another relay's goes by it as well. */
  readonly hold = new DamageHold();
  readonly #product: Product;
  readonly #counters: IngestCounters;
  readonly #timeline: Timeline;
  readonly #start: number;
  /** What an earlier run sent ends here. */
  readonly #sentBefore: number;
  /** Reused. */
  readonly #sample: OwnSample = {
    dts: 0 as Ticks,
    pts: 0 as Ticks,
    key: false,
    arrival: 0 as Micros,
    duration: 0 as Ticks,
    units: [],
  };
  /** Which of the camera's clocks has been seen, and which one the pictures are on. */
  #newestClock = 0;
  #pictureClock = 0;
  /** A clip has begun again, and none of its sound has been placed yet. */
  #loops = false;
  /** Where the next sound sample belongs if nothing is missing. */
  #soundDue: number | undefined;
  #lastPictureDts = -1;
  #lastPictureStep = 0;

  constructor(product: Product, { counters, from }: {
    readonly counters: IngestCounters;
    readonly from: Continuation;
  }) {
    this.#product = product;
    this.#counters = counters;
    this.#start = from.end;
    this.#sentBefore = from.generation === 0 ? -Infinity : from.sent ?? from.end;
    this.#timeline = new Timeline(from.end);
  }

  /** End of the timeline, 90 kHz. */
  get end(): number {
    return this.#timeline.end;
  }

  /** Where what was sent ends, 90 kHz: pictures that follow come later than the last. */
  get sent(): number {
    if (this.#lastPictureDts >= 0) return this.#lastPictureDts + 1;
    return this.#counters.audioSamples > 0 ? this.#timeline.end : this.#sentBefore;
  }

  /** Between the last two pictures, 90 kHz; 0 while unknown. */
  get pictureStep(): number {
    return this.#lastPictureStep;
  }

  /** See `SourceOutput`. */
  get mediaTime(): Micros | undefined {
    // Pictures lead where there are any: paced by both, they would come at the sound's uneven times.
    const newest = this.#lastPictureDts >= 0 ? this.#lastPictureDts : this.#timeline.newest;
    if (newest === this.#start && this.#lastPictureDts < 0) return undefined;
    return micros(((newest - this.#start) * 1e6) / MPEG_TIMESCALE);
  }

  /** What follows does not continue what came. */
  discontinuity(kind: "loop" | "restart"): void {
    this.#loops = kind === "loop";
    if (this.#loops) this.#timeline.join();
    else this.#timeline.restart();
  }

  /** A fragment of another relay's passes as it is. @param leads its track is the one that the stream is paced by. */
  passed({ dts, end }: Passed, leads: boolean): void {
    if (leads) this.#lastPictureDts = dts;
    this.#timeline.extend(end);
  }

  picture(from: ElementarySample): void {
    const place = this.#place(VIDEO_TRACK, from);
    if (!place) return;
    const { shift, clock } = place;
    const { tracks } = this.#product;
    const { changed } = tracks;
    if (clock !== this.#pictureClock) {
      this.#pictureClock = clock;
      tracks.restarted = true;
      this.hold.reset();
    }
    // Decode order is the order of arrival: a slip of the muxer's clock is evened out.
    const dts = Math.max(Math.round(from.dts + shift), this.#lastPictureDts + 1);
    if (this.#lastPictureDts >= 0) {
      this.#lastPictureStep = Math.min(dts - this.#lastPictureDts, MPEG_TIMESCALE);
    }
    this.#lastPictureDts = dts;
    this.#timeline.extend(dts + this.#lastPictureStep);
    // Set up anew for a picture that cannot begin anything.
    if (this.#product.isOpen && changed.video && !from.key) this.hold.reset();
    if (!this.hold.passes(from.key, dts)) {
      this.#counters.heldAccessUnits++;
      return;
    }
    if (from.key && (changed.video || changed.audio || tracks.restarted)) this.endGeneration();
    const sample = this.#sample;
    sample.dts = dts as Ticks;
    sample.pts = this.#shownAt(Math.round(from.pts + shift), dts) as Ticks;
    sample.key = from.key;
    sample.arrival = from.arrival;
    sample.duration = 0 as Ticks;
    sample.units = from.units;
    this.#counters.videoSamples++;
    this.#product.deliver(VIDEO_TRACK, sample, dts);
  }

  sound(from: ElementarySample): void {
    const place = this.#place(AUDIO_TRACK, from);
    if (!place) return;
    const { tracks } = this.#product;
    const { changed, audio, video } = tracks;
    if (!audio) return;
    if (!video && place.clock !== this.#pictureClock) {
      this.#pictureClock = place.clock;
      tracks.restarted = true;
    }
    if (this.#product.isOpen && (changed.audio || changed.video || tracks.restarted)) {
      if (!video) {
        this.endGeneration();
      } else if (changed.audio) {
        this.#counters.heldAccessUnits++; // set up anew: waits for the key picture that begins a generation
        return;
      }
    }
    const placed = from.dts + place.shift;
    const stated = Math.round((placed * audio.timescale) / MPEG_TIMESCALE);
    const due = this.#soundDue;
    // A time stamp is rounded to 90 kHz; where it agrees with the count of samples to a tick, the count is truer.
    const dts = due !== undefined && Math.abs(stated - due) <= 1 ? due : stated;
    const isEndless = from.duration > MAX_SOUND_SECONDS * audio.timescale;
    const overlaps = due !== undefined && dts < due - from.duration / 2;
    if (dts < 0 || isEndless || overlaps) { // would play over the sound before it, or all that follows
      // A clip's sound often begins before its pictures: where it loops there is no place for that, and nothing is lost.
      if (!(overlaps && this.#loops)) this.#counters.unreadable++;
      return;
    }
    this.#loops = false;
    this.#soundDue = dts + from.duration;
    this.#timeline.extend(placed + (from.duration * MPEG_TIMESCALE) / audio.timescale);
    const sample = this.#sample;
    sample.dts = dts as Ticks;
    sample.pts = dts as Ticks;
    sample.key = true;
    sample.arrival = from.arrival;
    sample.duration = from.duration as Ticks;
    sample.units = from.units;
    this.#counters.audioSamples++;
    this.#product.deliver(AUDIO_TRACK, sample, placed);
  }

  /** What comes next begins a generation, which comes as soon as its tracks are known. */
  endGeneration(): void {
    if (this.#product.tracks.changed.audio) this.#soundDue = undefined; // counts in another timescale from here
    this.#product.close();
  }

  /** When a picture is shown: by a time that went wrong it would be hours away, and players follow it there. */
  #shownAt(pts: number, dts: number): number {
    if (pts - dts <= MAX_SHOWN_LATER) return Math.max(dts, pts);
    this.#counters.unreadable++;
    return dts;
  }

  /** Where a sample belongs, or `undefined` when that is nowhere. */
  #place(track: number, from: ElementarySample): Placement | undefined {
    const place = this.#timeline.place(track, from.dts, from.arrival);
    if (!place) {
      this.#counters.unreadable++;
    } else if (place.clock > this.#newestClock) {
      this.#newestClock = place.clock;
      this.#counters.clockRestarts++;
    }
    return place;
  }
}
