/**
 * Batches in, parts and segments out. Segments are whole groups, as few as last a second; a group longer than the
 * target duration is cut where it must be. Parts close with the picture that fills them, never with the next. Holds
 * the open segment only.
 *
 * @module
 */

import type { Batch, Fragment, InitSegment } from "../../../shared/media.ts";
import { MIN_PART_SHARE, MIN_SEGMENT_SECONDS, targetDuration } from "./cadence.ts";
import type { Part, Segment } from "./segment.ts";

/** A longer hole between two pictures is a break: the clock of what follows need not go on. */
const BREAK_SECONDS = 0.5;
/** Decode times are rounded; a group of a second may be a tick short. */
const ROUNDING_SECONDS = 0.005;
/** Pictures come unevenly; where a whole one more would have fitted between two, it is missing. */
const HOLE_STEPS = 0.75;
/** A duration rounded to the nearest second may not exceed the target (RFC 8216bis §4.4.3.1). */
const OVER_TARGET_SECONDS = 0.49;
/** What the segmenter tells. */
export interface SegmenterOutput {
  /** A segment begins; it has no part yet. */
  began(segment: Segment): void;
  /** Another part in the newest segment. */
  part(segment: Segment): void;
  /** The newest segment is complete. */
  complete(segment: Segment): void;
}

/** Cuts one stream. */
export class Segmenter {
  readonly #out: SegmenterOutput;
  readonly #partTarget: number;
  readonly #usualStep: number;
  #target: number | undefined;
  #sequence: number;
  #init: InitSegment | undefined;
  #track = 0;
  #timescale = 1;
  #discontinuity = false;
  #segment: Segment | undefined;
  /** Seconds on the generation's timeline. */
  #segmentStart = 0;
  #partStart: number | undefined;
  #end: number | undefined;
  /** Where the last picture began, and the step to it from the one before. */
  #last: number | undefined;
  #lastStep: number | undefined;
  #partKey = false;
  #batches: Batch[] = [];
  /** Pictures since the last key picture, and in the group before. */
  #groupLength = 0;
  #lastGroupLength = 0;
  /** The newest picture lasts longer than a part may. */
  #slow = false;

  /**
   * @param options `step` from picture to picture, seconds; `sequence` of the first segment, from 0;
   * `discontinuity`: it does not continue the segment before it.
   */
  constructor(
    out: SegmenterOutput,
    options: { partTarget: number; step: number; sequence: number; discontinuity?: boolean },
  ) {
    this.#discontinuity = options.discontinuity ?? false;
    this.#out = out;
    this.#usualStep = options.step;
    this.#partTarget = options.partTarget;
    this.#sequence = options.sequence;
  }

  /** Target duration in seconds; `undefined` until the first segment is complete or {@link Segmenter.settle}. */
  get target(): number | undefined {
    return this.#target;
  }

  /** The target duration is asked for before it could be learned. */
  settle(): void {
    this.#target ??= targetDuration();
  }

  /**
   * Sequence number and part that will come next, as far as groups of one length let it be known; `undefined` while no
   * parts come.
   */
  get next(): { readonly sequence: number; readonly part: number } | undefined {
    const segment = this.#segment;
    if (segment?.whole || this.#slow) return undefined;
    if (!segment) return { sequence: this.#sequence, part: 0 };
    const elapsed = (this.#end ?? this.#segmentStart) - this.#segmentStart;
    const groupEnds = this.#groupLength > 0 && this.#groupLength === this.#lastGroupLength;
    return groupEnds && elapsed >= MIN_SEGMENT_SECONDS - ROUNDING_SECONDS &&
        this.#partStart === undefined
      ? { sequence: segment.sequence + 1, part: 0 }
      : { sequence: segment.sequence, part: segment.parts.length };
  }

  /** A generation begins. */
  init(segment: InitSegment): void {
    if (this.#init) this.break();
    this.#init = segment;
    const track = segment.tracks.find(({ kind }) => kind === "video") ?? segment.tracks[0];
    this.#track = track?.id ?? 0;
    this.#timescale = track?.timescale ?? 1;
    this.#groupLength = 0;
    this.#lastGroupLength = 0;
    this.#last = undefined;
    this.#lastStep = undefined;
  }

  /** What follows does not continue what came. */
  break(): void {
    this.#finish(this.#end);
    this.#batches = []; // sound without its picture
    this.#end = undefined;
    this.#discontinuity = true;
  }

  /** One batch. Hot: once a picture. */
  push(batch: Batch): void {
    const lead = batch.fragments.find(({ track }) => track === this.#track);
    if (!lead) {
      this.#batches.push(batch);
      return;
    }
    const start = lead.dts / this.#timescale;
    const step = this.#step(lead, start);
    const end = start + step;
    this.#slow = step > this.#partTarget + ROUNDING_SECONDS;
    this.#cut(batch, { start, end });
    this.#segment ??= this.#begin(batch, start);
    this.#partStart ??= start;
    this.#partKey ||= batch.key;
    this.#batches.push(batch);
    this.#end = end;
    this.#count(batch);
    if (end - this.#partStart + step > this.#partTarget) this.#closePart();
  }

  /** How long a picture lasts: as the last two did, the shorter where there is a hole between them. */
  #step({ duration }: Fragment, start: number): number {
    const stated = duration / this.#timescale;
    const first = this.#last === undefined;
    const step = this.#last === undefined ? this.#usualStep : start - this.#last;
    const before = this.#lastStep ?? step;
    this.#last = start;
    this.#lastStep = step;
    return first ? step : Math.min(stated, Math.max(Math.min(step, before), 0));
  }

  #count({ key }: Batch): void {
    if (key) {
      this.#lastGroupLength = this.#groupLength;
      this.#groupLength = 0;
    }
    this.#groupLength++;
  }

  /** Ends what this picture does not belong to any more. */
  #cut({ key }: Batch, { start, end }: { start: number; end: number }): void {
    if (!this.#segment || this.#end === undefined) return;
    const elapsed = start - this.#segmentStart;
    if (start - this.#end > BREAK_SECONDS) {
      this.#finish(this.#end);
      this.#discontinuity = true;
    } else if (
      (key && elapsed >= MIN_SEGMENT_SECONDS - ROUNDING_SECONDS) ||
      (this.#slow && !this.#segment.whole) || // from here on there are no parts
      end - this.#segmentStart > (this.#target ?? targetDuration()) + OVER_TARGET_SECONDS
    ) {
      // A hole before this picture is nobody's: a segment lasts as long as what is in it.
      this.#finish(start - this.#end > HOLE_STEPS * this.#usualStep ? this.#end : start);
    } else if (this.#partStart !== undefined) {
      // Pictures are missing: the part ends at the hole, unless it would be too short to be one.
      const seconds = this.#end - this.#partStart;
      if (
        end - this.#partStart > this.#partTarget && seconds >= MIN_PART_SHARE * this.#partTarget
      ) {
        this.#closePart();
      }
    }
  }

  #begin({ arrival }: Batch, start: number): Segment {
    const init = this.#init;
    if (!init) throw new Error("a batch came before its generation");
    const segment: Segment = {
      sequence: this.#sequence++,
      init,
      discontinuity: this.#discontinuity,
      whole: this.#slow,
      capturedAt: arrival,
      parts: [],
      seconds: undefined,
      bytes: 0,
    };
    this.#discontinuity = false;
    this.#segmentStart = start;
    this.#out.began(segment);
    return segment;
  }

  #closePart(): void {
    const segment = this.#segment;
    if (!segment || this.#partStart === undefined || this.#end === undefined) return;
    const part: Part = {
      // A hole inside is not the part's: where the next begins says how long it was.
      seconds: Math.min(this.#end - this.#partStart, this.#partTarget),
      independent: this.#partKey,
      batches: this.#batches,
    };
    for (const { bytes } of this.#batches) segment.bytes += bytes.length;
    segment.parts.push(part);
    this.#batches = [];
    this.#partStart = undefined;
    this.#partKey = false;
    this.#out.part(segment);
  }

  #finish(end: number | undefined): void {
    const segment = this.#segment;
    if (!segment || end === undefined) return;
    this.#closePart(); // sound that came after its last picture goes into the next segment
    segment.seconds = end - this.#segmentStart;
    this.#segment = undefined;
    this.#target ??= targetDuration(segment.seconds);
    this.#out.complete(segment);
  }
}
