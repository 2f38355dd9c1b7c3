/**
 * The shapes of the API for recordings (contract §9, §12), for the relay that writes them and the app that reads them.
 * Types only.
 *
 * @module
 */

import type { TrackDescription } from "./control.ts";

/** A recording under way. */
export interface RecordingUnderWay {
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of media that was taken. */
  readonly seconds: number;
  readonly bytes: number;
  /** Batches left out because the disk was too slow. */
  readonly left: number;
  /** Why nothing comes now, a sentence. */
  readonly waiting?: string;
}

/** `GET`, `POST` and `DELETE /api/streams/{name}/record`. */
export interface RecordingState {
  /** Absent when none is under way. */
  readonly recording?: RecordingUnderWay;
  /** How the last one ended, since the relay started. */
  readonly ended?: {
    /** Identifiers, in the order they were begun. */
    readonly recordings: readonly string[];
    /** What went wrong, a sentence without its full stop. */
    readonly problem?: string;
  };
  /** In the answer to a `GET`: whether who asks may begin and end it. */
  readonly allowed?: boolean;
}

/** One recording in `/api/recordings`. */
export interface RecordingInfo {
  /** `<stream>/<ms>`; its file is at `/api/recordings/{id}/media.mp4`. */
  readonly id: string;
  readonly stream: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** `finishing`: its sound is being made AAC; it can be fetched all the same. */
  readonly state: "recording" | "finishing" | "done";
  readonly bytes: number;
  /** Of media; absent while it is recorded. */
  readonly seconds?: number;
  /** `codec` is the sample entry's name alone: `avc1`. */
  readonly tracks: readonly TrackDescription[];
  /** Where it does not play, a sentence. */
  readonly note?: string;
}

/** `GET /api/recordings`, newest first. */
export interface RecordingList {
  readonly recordings: readonly RecordingInfo[];
}
