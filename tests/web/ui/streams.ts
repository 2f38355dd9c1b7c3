/**
 * A stream as `/api/streams` tells of it, for the tests of what is made of it.
 *
 * @module
 */

import type { StreamInfo } from "../../../shared/api.ts";

const STREAM: StreamInfo = {
  name: "porch",
  source: "v4l2:/dev/video0",
  state: { kind: "live" },
  generation: 1,
  tracks: [],
  viewers: 0,
  bitrate: 0,
  fps: 0,
  uptimeMs: 0,
  counters: {
    bytesIn: 0,
    datagramsLost: 0,
    resyncBytes: 0,
    continuityGaps: 0,
    packetsLost: 0,
    duplicatePackets: 0,
    transportErrors: 0,
    scrambledPackets: 0,
    sectionErrors: 0,
    pesErrors: 0,
    damagedAccessUnits: 0,
    heldAccessUnits: 0,
    freezes: 0,
    lateTailBytes: 0,
    unreadable: 0,
    clockRestarts: 0,
    generations: 1,
    videoSamples: 0,
    audioSamples: 0,
    silentSamples: 0,
    restarts: 0,
  },
  warnings: [],
};

/** A healthy live stream but for `changes`. */
export function stream(changes: Partial<StreamInfo>): StreamInfo {
  return { ...STREAM, ...changes };
}
