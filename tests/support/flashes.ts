/**
 * When a film flashes, and when it beeps, as ffmpeg decodes it: an independent judge of whether sound and picture fit.
 *
 * @module
 */

import { run } from "./run.ts";

/** White is far above, black far below. */
const BRIGHT = 100;
const LOUD_DB = -30;
/** Sound is looked at in pieces of 5 ms. */
const PIECE_HZ = 200;
const RATE = 48_000;

/** When each flash begins, s on the film's own clock. */
export async function flashesOf(path: string): Promise<number[]> {
  const { stdout } = await run("ffmpeg", [
    ...["-v", "error", "-copyts", "-i", path, "-map", "0:v:0", "-vf"],
    "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-",
    ...["-vsync", "0", "-f", "null", "-"],
  ]);
  return onsets(stdout, (value) => value > BRIGHT);
}

/** When each beep begins, s on the film's own clock. */
export async function beepsOf(path: string): Promise<number[]> {
  const { stdout } = await run("ffmpeg", [
    ...["-v", "error", "-copyts", "-i", path, "-map", "0:a:0", "-af"],
    `aresample=${RATE},asetnsamples=n=${RATE / PIECE_HZ},astats=metadata=1:reset=1,` +
    "ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-",
    ...["-f", "null", "-"],
  ]);
  return onsets(stdout, (value) => value > LOUD_DB);
}

/** Where a value that holds follows one that does not. */
function onsets(text: string, holds: (value: number) => boolean): number[] {
  const found: number[] = [];
  let before = true; // the first may have begun earlier
  let time = 0;
  for (const line of text.split("\n")) {
    time = Number(/pts_time:([-\d.]+)/.exec(line)?.[1] ?? time);
    const value = /=(-?[\d.]+|-inf)$/.exec(line)?.[1];
    if (value === undefined) continue;
    const now = value !== "-inf" && holds(Number(value));
    if (now && !before) found.push(time);
    before = now;
  }
  return found;
}
