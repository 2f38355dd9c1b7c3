/**
 * How long to wait before the next try: doubling, capped, with jitter, so that many that fail together do not
 * come back together.
 *
 * @module
 */

import { type Millis, millis } from "../../shared/units.ts";

const FIRST_MS = 500;
const MAX_MS = 15_000;

/** @param attempt tries that failed in a row, from 1. @param random in [0, 1). */
export function backOff(attempt: number, random: number): Millis {
  const full = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 16));
  return millis(Math.round(full * (0.5 + random / 2)));
}
