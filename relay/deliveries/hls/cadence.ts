/**
 * How long parts and segments are, learned from a stream's first moments and then kept: neither target may change
 * while a playlist lives (RFC 8216bis §4.4.3.1, §4.4.3.7). Pure arithmetic, in seconds.
 *
 * @module
 */

/** Longest part, where a picture lasts no longer than this itself. */
export const MAX_PART_SECONDS = 0.2;
/** Steps between pictures are uneven by so much: the target leaves room for it. */
const JITTER = 1.06;
/** A part is no shorter than this share of the target, unless it holds a key picture or is its segment's last (§4.4.4.9). */
export const MIN_PART_SHARE = 0.85;
/** A segment holds whole groups until it is so long. */
export const MIN_SEGMENT_SECONDS = 1;
/** Target durations lie between these: groups are uneven, and a longer group is cut. */
const MIN_TARGET_SECONDS = 2;
/** The longest group that is kept whole; some cameras send a key picture every 17 s. */
export const MAX_TARGET_SECONDS = 20;

/**
 * Part target of a stream whose pictures are `step` apart: room for 1, 2, 4, 8 … pictures, the most that fit, so that a
 * camera which halves its rate in the dark, and halves it again, still fills its parts; milliseconds rounded up.
 */
export function partTarget(step: number): number {
  const room = step * JITTER;
  const fit = Math.max(1, MAX_PART_SECONDS / room + 1e-9);
  return Math.ceil(2 ** Math.floor(Math.log2(fit)) * room * 1000) / 1000;
}

/** Target duration of a stream whose first whole segment lasts `seconds`; the longest when that is not known. */
export function targetDuration(seconds = MAX_TARGET_SECONDS): number {
  return Math.min(MAX_TARGET_SECONDS, Math.max(MIN_TARGET_SECONDS, Math.ceil(seconds - 1e-6)));
}

/** The middle of the steps between `times`; `undefined` without two of them. */
export function medianStep(times: readonly number[]): number | undefined {
  const steps = times.slice(1).map((time, at) => time - (times[at] ?? time)).sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)];
}
