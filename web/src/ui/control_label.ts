/**
 * A control's name as drivers have it → words for people; whether a slider does for it. Pure.
 *
 * @module
 */

import type { CameraControl } from "../../../shared/api.ts";

/** `white_balance_temperature_auto` → `White balance temperature auto`. */
export function controlLabel(name: string): string {
  const words = name.replaceAll("_", " ").replace(/\bh264\b/g, "H.264").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A slider with more places than this cannot be set to one of them. */
const MAX_PLACES = 10_000;

/** Whether each of its values is a place on a slider that can be hit. */
export function isCoarse({ min, max, step = 1 }: CameraControl): boolean {
  return min !== undefined && max !== undefined && (max - min) / Math.max(1, step) <= MAX_PLACES;
}
