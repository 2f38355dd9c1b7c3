/**
 * The figures of a player in good health, for the tests of what is made of them.
 *
 * @module
 */

import type { PlayerStats } from "../../../web/src/player/player_types.ts";

const HEALTHY: PlayerStats = {
  transport: "websocket",
  state: "playing",
  latencyMs: 142,
  arrivalMs: 17,
  clockErrorMs: 3,
  roundTripMs: 1.4,
  fps: 29.97,
  framesShown: 18_234,
  framesDropped: 12,
  bufferedMs: 118,
  targetMs: 110,
  bufferedRanges: 1,
  generation: 1,
  bytes: 48_312_000,
  bitrate: 8_140_000,
  playbackRate: 1,
  seeks: 1,
  stalls: 0,
  skips: 0,
  skippedMs: 0,
  reconnects: 0,
  ends: [],
  rebuilds: 0,
  lastPictureAt: 59_990,
  codec: "avc1.4d4028,mp4a.40.2",
  width: 1920,
  height: 1080,
  hasAudio: true,
  soundPath: "beside",
  soundLateMs: 24.4,
  soundGaps: 0,
};

/** Healthy but for `changes`. */
export function playerStats(changes: Partial<PlayerStats>): PlayerStats {
  return { ...HEALTHY, ...changes };
}
