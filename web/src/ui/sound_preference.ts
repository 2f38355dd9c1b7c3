/**
 * The viewer's last choice of sound.
 *
 * @module
 */

import { keep, kept } from "./kept.ts";

const KEY = "rill.sound";

/** Whether sound was wanted last time; `undefined` when never chosen. */
export function wantsSound(): boolean | undefined {
  const choice = kept(KEY);
  return choice === "on" ? true : choice === "off" ? false : undefined;
}

/** Keeps the choice. */
export function keepSound(wanted: boolean): void {
  keep(KEY, wanted ? "on" : "off");
}
