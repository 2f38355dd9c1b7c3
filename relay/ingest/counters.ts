/**
 * What one ingest counts since it began, by cause. Plain numbers, added up by whoever runs several in turn.
 *
 * @module
 */

import type { StreamCounters } from "../../shared/api.ts";

/** Those that are the supervisor's. */
export type SupervisorCounter = "restarts" | "freezes";

/** The counters an ingest keeps. */
export type IngestCounters = {
  -readonly [K in Exclude<keyof StreamCounters, SupervisorCounter>]: number;
};

/** All at zero. */
export function newCounters(): IngestCounters {
  return {
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
    lateTailBytes: 0,
    unreadable: 0,
    clockRestarts: 0,
    generations: 0,
    videoSamples: 0,
    audioSamples: 0,
    silentSamples: 0,
  };
}
