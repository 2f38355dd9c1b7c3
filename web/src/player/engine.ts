/// <reference lib="dom" />
/**
 * What is known of the browsers' media engines and cannot be asked of them: how little buffer each bears
 * and whether its rate may be touched.
 *
 * @module
 */

import { type Patience, STANDS, STOPS } from "./gusts.ts";
import { ACCOMPANIED, HEARD, type Manners, PICTURES, SILENT, UNHURRIED } from "./live_edge.ts";
import type { TargetRange } from "./live_target.ts";
import { playsType } from "./media_source.ts";
import { SILENCE_TYPE } from "./silence.ts";

/** A browser's media engine. */
export type Engine = "chromium" | "firefox" | "webkit";

/** The engine of this browser; what is not known behaves as Chromium, of which most others are made. */
export function engineHere(): Engine {
  if (navigator.vendor.startsWith("Apple")) return "webkit"; // on iOS, every browser
  return /\bFirefox\//.test(navigator.userAgent) ? "firefox" : "chromium";
}

/** What is in the buffer: pictures with their sound, pictures alone, or pictures with silence beside them. */
export type Keeping = "sound" | "picture" | "quiet";

/** Where a picture stands until the next one comes, nobody sees that it does for so long, s. */
const UNSEEN = 0.05;

/**
 * Measured with one fragment a picture, 30 a second, over loopback on two busy cores. Chromium's audio
 * renderer runs dry below 0.13 s while the rate is not 1, and below 0.1 s always; its pictures alone stop below 0.05 s,
 * and beside silence that is always there ({@link silenceFor}) they flow whatever is ahead: at 0.015 s all of them are shown, at 0.012 s now and then
 * one is not (one in two hundred), and what a decoder needs beyond that is asked of it (`decode_time.ts`). Firefox bears
 * 0.06 s with sound, 0.05 s without. WebKitGTK bears 0.1 s and 0.08 s. What is aimed at leaves room for a device that has
 * other things to do, and more in WebKit, which cannot slow down when it gets short.
 */
const TARGETS: Readonly<Record<Engine, Readonly<Record<"sound" | "picture", TargetRange>>>> = {
  chromium: {
    picture: { start: 0.1, least: 0.06, most: 1.5, step: 0.03, bare: 0.05 },
    sound: { start: 0.2, least: 0.15, most: 1.5, step: 0.03, bare: 0.1 },
  },
  firefox: {
    picture: { start: 0.1, least: 0.06, most: 1.5, step: 0.03, bare: 0.05 },
    sound: { start: 0.2, least: 0.15, most: 1.5, step: 0.03, bare: 0.06 },
  },
  webkit: {
    picture: { start: 0.2, least: 0.15, most: 1.5, step: 0.03, bare: 0.08 },
    sound: { start: 0.3, least: 0.25, most: 1.5, step: 0.03, bare: 0.1 },
  },
};

/** Beside silence. */
const QUIET: TargetRange = { start: 0.015, least: 0.015, most: 1.5, step: 0.012, bare: -UNSEEN };

/** How much buffer to aim at. A silenced track counts as sound: the engine paces itself by it all the same. */
export function targetsOf(engine: Engine, keeping: Keeping): TargetRange {
  return keeping === "quiet" ? QUIET : TARGETS[engine][keeping];
}

/** How often media must have been late before as much is kept ahead. */
export function patienceOf(keeping: Keeping): Patience {
  return keeping === "quiet" ? STANDS : STOPS;
}

/**
 * The type of silence to be put beside pictures that are alone in their MediaSource; undefined where there is to be none.
 * @param kinds of tracks in the buffer.
 */
export function silenceFor(engine: Engine, kinds: string): string | undefined {
  return engine === "chromium" && kinds === "video" && playsType(SILENCE_TYPE)
    ? SILENCE_TYPE
    : undefined;
}

/**
 * How much longer than it says a picture lasts for the browser, s. Chromium drops what follows a hole of more than two
 * pictures' lengths, up to the next key picture (Media Source Extensions, coded frame processing); told of longer ones it
 * bridges a hole of twice this, as a lost picture leaves it or a camera's pause.
 */
const STANDS_S = 0.8;

/** See {@link STANDS_S}; 0 where a picture ends when it says. @param kinds of tracks in the buffer. */
export function standsFor(engine: Engine, kinds: string): number {
  return engine === "chromium" && kinds === "video" ? STANDS_S : 0;
}

/** What is heard: the element's sound, sound played beside it, or nothing, with or without a sound track. */
export type Hearing = "element" | "beside" | "silenced" | "nothing";

/** How to behave while steering. */
export function mannersOf(engine: Engine, hearing: Hearing): Manners {
  if (engine === "webkit") return UNHURRIED;
  if (hearing === "element") return HEARD;
  if (hearing === "silenced" || engine !== "chromium") return SILENT;
  return hearing === "beside" ? ACCOMPANIED : PICTURES;
}
