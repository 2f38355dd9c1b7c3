/**
 * Times with their unit in the type, so that ticks, micro- and milliseconds cannot be mixed. All are
 * plain integers (`Millis` may have a fraction); 2^53 ticks at 90 kHz are three thousand years.
 *
 * @module
 */

declare const unit: unique symbol;

/** Media time in units of a track's timescale. */
export type Ticks = number & { readonly [unit]: "Ticks" };
/** Microseconds; a point in time counts from the Unix epoch. */
export type Micros = number & { readonly [unit]: "Micros" };
/** Milliseconds. */
export type Millis = number & { readonly [unit]: "Millis" };

/** Names a number as ticks of a timescale known from the context. */
export const ticks = (value: number): Ticks => value as Ticks;
/** Names a number as microseconds. */
export const micros = (value: number): Micros => value as Micros;
/** Names a number as milliseconds. */
export const millis = (value: number): Millis => value as Millis;

/** Ticks in a second of an MPEG-2 system time stamp (ISO/IEC 13818-1 §2.4.3.7). */
export const MPEG_TIMESCALE = 90_000;

/**
 * Converts a count of `from` units a second to `to` units a second, rounded to the nearest integer.
 * Seconds and remainder are converted apart, so the product stays below 2^53 for any real clock.
 */
export function rescale(value: number, from: number, to: number): number {
  if (from === to) return value;
  const seconds = Math.floor(value / from);
  const rest = value - seconds * from;
  return seconds * to + Math.round((rest * to) / from);
}
