/// <reference lib="dom" />
/**
 * What is known of the browsers' media engines and cannot be asked of them: how little buffer each bears
 * and whether its rate may be touched. Figures: measured, see the comments.
 *
 * @module
 */

import { HEARD, type Manners, SILENT, UNHURRIED } from "./live_edge.ts";
import type { TargetRange } from "./live_target.ts";

/** A browser's media engine. */
export type Engine = "chromium" | "firefox" | "webkit";

/** The engine of this browser; what is not known behaves as Chromium, of which most others are made. */
export function engineHere(): Engine {
  if (navigator.vendor.startsWith("Apple")) return "webkit"; // on iOS, every browser
  return /\bFirefox\//.test(navigator.userAgent) ? "firefox" : "chromium";
}

const TARGETS: Readonly<
  Record<Engine, { readonly picture: TargetRange; readonly sound: TargetRange }>
> = {
  chromium: {
    picture: { start: 0.06, least: 0.03, most: 1.5 },
    sound: { start: 0.12, least: 0.09, most: 1.5 },
  },
  firefox: {
    picture: { start: 0.15, least: 0.06, most: 1.5 },
    sound: { start: 0.2, least: 0.1, most: 1.5 },
  },
  webkit: {
    picture: { start: 0.25, least: 0.15, most: 1.5 },
    sound: { start: 0.3, least: 0.2, most: 1.5 },
  },
};

/** How much buffer to aim at. A silenced track counts as sound: the engine paces itself by it all the same. */
export function targetsOf(engine: Engine, having: "sound" | "picture"): TargetRange {
  return TARGETS[engine][having];
}

/** How to behave while steering; `heard`: there is sound and it is on. */
export function mannersOf(engine: Engine, hearing: "heard" | "silent"): Manners {
  if (engine === "webkit") return UNHURRIED;
  return hearing === "heard" ? HEARD : SILENT;
}
