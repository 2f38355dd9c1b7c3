/**
 * Points in time that every track of a file can state exactly. A file whose zero is such a point keeps
 * sound and picture apart by exactly as much as the camera did, whatever their timescales.
 *
 * @module
 */

import { MOVIE_TIMESCALE } from "../fmp4/boxes.ts";

/**
 * Distance of those points in the movie's timescale: 15 (1/6000 s) for sound of 48 kHz, 100 (1/900 s)
 * for 44.1 kHz, 1 for pictures alone.
 */
export function commonGrid(timescales: readonly number[]): number {
  let divisor = MOVIE_TIMESCALE;
  for (const timescale of timescales) divisor = greatestCommonDivisor(divisor, timescale);
  return MOVIE_TIMESCALE / divisor;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
