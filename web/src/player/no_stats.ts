/**
 * The figures of a player that has shown nothing yet.
 *
 * @module
 */

import type { PlayerStats } from "./player_types.ts";

/** See above. */
export const NO_STATS: PlayerStats = {
  transport: "none",
  state: "idle",
  latencyMs: null,
  arrivalMs: null,
  clockErrorMs: null,
  roundTripMs: null,
  fps: 0,
  framesShown: 0,
  framesDropped: 0,
  bufferedMs: 0,
  targetMs: 0,
  bufferedRanges: 0,
  generation: 0,
  bytes: 0,
  bitrate: 0,
  playbackRate: 1,
  seeks: 0,
  stalls: 0,
  skips: 0,
  skippedMs: 0,
  reconnects: 0,
  ends: [],
  rebuilds: 0,
  lastPictureAt: null,
  codec: "",
  width: 0,
  height: 0,
  hasAudio: false,
  soundPath: "none",
  soundLateMs: null,
  soundGaps: 0,
};
