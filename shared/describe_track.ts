/**
 * A track as messages and API describe it: what a player needs to know, without its set-up bytes.
 *
 * @module
 */

import type { TrackDescription } from "./control.ts";
import type { Track } from "./media.ts";

/** Describes a track. */
export function describeTrack(track: Track): TrackDescription {
  const { id, kind, codec } = track;
  return kind === "video"
    ? { id, kind, codec, width: track.width, height: track.height }
    : { id, kind, codec, sampleRate: track.sampleRate, channels: track.channels };
}
