/**
 * Batches in, parts and segments out. Segments are whole groups, as few as last a second; a group longer than the
 * target duration is cut where it must be. Parts close with the picture that fills them, never with the next. A part
 * that pictures of another rate, or missing ones, leave too short to be followed by another is its segment's last: no
 * picture waits for company. Holds the open segment only.
 *
 * @module
 */

import type { Batch, Fragment, InitSegment } from "../../../shared/media.ts";
import { micros } from "../../../shared/units.ts";
import { MIN_PART_SHARE, MIN_SEGMENT_SECONDS, targetDuration } from "./cadence.ts";
import type { Part, Segment } from "./segment.ts";

/** A longer hole between two pictures is a break: the clock of what follows need not go on. */
const BREAK_SECONDS = 0.5;
/** Sound that came so long before its picture, where the pictures have ceased, goes nowhere. */
const STALE_AFTER = micros(BREAK_SECONDS * 1_000_000);
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
  /** Where the first picture began after the last break. */
  #origin: number | undefined;
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

  /** Target duration in seconds; `undefined` until the first whole groups have come or {@link Segmenter.settle}. */
  get target(): number | undefined {
    return this.#target;
  }

  /**
   * The target duration is asked for before it could be learned. The segment that is open ends, in the middle of its long
   * group: those who know no parts begin with a whole one.
   */
  settle(): void {
    if (this.#target !== undefined) return;
    this.#target = targetDuration();
    const seconds = (this.#end ?? this.#segmentStart) - this.#segmentStart;
    if (seconds >= MIN_SEGMENT_SECONDS - ROUNDING_SECONDS) this.#finish(this.#end);
  }

  /**
   * Sequence number and part that will come next, as far as groups of one length let it be known; `undefined` while no
   * parts come.
   */
  get next(): { readonly sequence: number; readonly part: number } | undefined {
    const segment = this.#segment;
    if (segment?.whole || this.#slow) return undefined;
    if (!segment) return { sequence: this.#sequence, part: 0 };
    return this.#endForeseen
      ? { sequence: segment.sequence + 1, part: 0 }
      : { sequence: segment.sequence, part: segment.parts.length };
  }

  /** Whether the next picture begins a segment, as far as groups of one length let it be known. */
  get #endForeseen(): boolean {
    const elapsed = (this.#end ?? this.#segmentStart) - this.#segmentStart;
    return this.#groupLength > 0 && this.#groupLength === this.#lastGroupLength &&
      elapsed >= MIN_SEGMENT_SECONDS - ROUNDING_SECONDS;
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
    this.#origin = undefined;
    this.#discontinuity = true;
  }

  /** One batch. Hot: once a picture. */
  push(batch: Batch): void {
    const lead = batch.fragments.find(({ track }) => track === this.#track);
    if (!lead) {
      this.#batches.push(batch);
      if (this.#end === undefined) this.#dropStale(batch);
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
    const seconds = end - this.#partStart;
    if (this.#isFull(seconds) || seconds + step > this.#partTarget || this.#endForeseen) {
      this.#endPart();
    }
  }

  /** Sound that comes while no pictures do goes with the next of them, if that is soon: it may be long in coming. */
  #dropStale({ arrival }: Batch): void {
    const isStale = ({ arrival: then }: Batch): boolean => Math.abs(arrival - then) > STALE_AFTER;
    const fresh = this.#batches.findIndex((each) => !isStale(each));
    if (fresh !== 0) this.#batches.splice(0, fresh < 0 ? this.#batches.length : fresh);
  }

  /** How long a picture lasts: as the one before it did, or, where there is a hole between them, the one before that. */
  #step({ duration }: Fragment, start: number): number {
    const stated = duration / this.#timescale;
    if (this.#last === undefined) {
      this.#last = start;
      return this.#lastStep = this.#usualStep;
    }
    const step = Math.max(0, start - this.#last);
    const before = this.#lastStep ?? step;
    this.#last = start;
    this.#lastStep = step;
    return Math.min(stated, step > (1 + HOLE_STEPS) * before ? before : step);
  }

  #count({ key }: Batch): void {
    if (key) {
      this.#lastGroupLength = this.#groupLength;
      this.#groupLength = 0;
    }
    this.#groupLength++;
  }

  /** Ends what this picture does not belong to any more. */
  #cut(batch: Batch, { start, end }: { start: number; end: number }): void {
    const { key } = batch;
    if (this.#end !== undefined && start - this.#end > BREAK_SECONDS) {
      this.#finish(this.#end);
      this.#dropStale(batch);
      this.#origin = undefined;
      this.#discontinuity = true;
    }
    this.#learnTarget(key, start);
    if (!this.#segment || this.#end === undefined) return;
    const hole = start - this.#end;
    // A hole before this picture is nobody's: a segment lasts as long as what is in it.
    const until = hole > HOLE_STEPS * this.#usualStep ? this.#end : start;
    if (
      (hole > this.#partTarget && !this.#segment.whole) || // its parts would tell of less than it lasts
      end - this.#segmentStart > (this.#target ?? targetDuration()) + OVER_TARGET_SECONDS
    ) {
      this.#finish(this.#end);
    } else if (
      (key && start - this.#segmentStart >= MIN_SEGMENT_SECONDS - ROUNDING_SECONDS) ||
      (this.#slow && !this.#segment.whole) // from here on there are no parts
    ) {
      this.#finish(until);
    } else if (this.#partStart !== undefined && end - this.#partStart > this.#partTarget) {
      this.#endPart(); // pictures are missing: the part ends where they are
    }
  }

  /** By the first whole groups that last a second, or by a group that outlasts every target. */
  #learnTarget(key: boolean, start: number): void {
    this.#origin ??= start;
    const seconds = start - this.#origin;
    if ((key && seconds >= MIN_SEGMENT_SECONDS - ROUNDING_SECONDS) || seconds > targetDuration()) {
      this.#target ??= targetDuration(seconds);
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

  /** Whether a part that lasts so long may be followed by another. */
  #isFull(seconds: number): boolean {
    return seconds >= MIN_PART_SHARE * this.#partTarget;
  }

  /** Ends the part, and its segment with it where none may follow. */
  #endPart(): void {
    if (this.#partStart === undefined || this.#end === undefined) return;
    if (this.#partKey || this.#isFull(this.#end - this.#partStart)) this.#closePart();
    else this.#finish(this.#end);
  }

  #closePart(): void {
    const segment = this.#segment;
    if (!segment || this.#partStart === undefined || this.#end === undefined) return;
    const part: Part = {
      seconds: Math.min(this.#end - this.#partStart, this.#partTarget), // times are rounded
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
    this.#out.complete(segment);
  }
}
