/**
 * The shapes that `/api/…` answers with (contract §9), for the relay that writes them and the app that
 * reads them. Types only.
 *
 * @module
 */

import type { TrackDescription } from "./control.ts";

/** What a stream is doing. */
export type StreamState =
  /** The source runs, no picture has come yet. */
  | { readonly kind: "starting" }
  /** Media flows. */
  | { readonly kind: "live" }
  /** Nothing comes; `reason` is a sentence; another try is made at `retryAt` (ISO 8601) if it will be. */
  | { readonly kind: "offline"; readonly reason: string; readonly retryAt?: string }
  /** A source that ends by itself has ended. */
  | { readonly kind: "ended" }
  /** Nobody watches or records, so the camera rests; it wakes for whoever does. */
  | { readonly kind: "asleep" };

/** Losses and repairs of a stream since the relay started, by cause. All are counts. */
export interface StreamCounters {
  /** Bytes the source brought. */
  readonly bytesIn: number;
  readonly datagramsLost: number;
  /** Bytes passed over while looking for a packet boundary. */
  readonly resyncBytes: number;
  /** Places where packets of a stream that is read are missing. */
  readonly continuityGaps: number;
  /** Packets missing there, as far as a counter of 4 bits tells. */
  readonly packetsLost: number;
  readonly duplicatePackets: number;
  readonly transportErrors: number;
  readonly scrambledPackets: number;
  readonly sectionErrors: number;
  readonly pesErrors: number;
  /** Access units thrown away because part of them was lost. */
  readonly damagedAccessUnits: number;
  /** Access units held back after damage until the next key picture. */
  readonly heldAccessUnits: number;
  /** Bytes that arrived for an access unit already sent on its end-of-packet hint. */
  readonly lateTailBytes: number;
  /** Access units or audio frames that could not be understood. */
  readonly unreadable: number;
  readonly clockRestarts: number;
  readonly generations: number;
  readonly videoSamples: number;
  readonly audioSamples: number;
  /** Samples of silence in the place of sound that is missing. */
  readonly silentSamples: number;
  /** Times the source was started again. */
  readonly restarts: number;
  /** Times that pictures (or sound, alone) ceased for some seconds although the source sent on. */
  readonly freezes: number;
}

/** What a camera says of itself, each field only where the camera knows it. */
export interface CameraStatus {
  readonly model?: string;
  readonly firmware?: string;
  /** Percent. */
  readonly battery?: number;
  readonly charging?: boolean;
  readonly recording?: boolean;
  /** The card's state in words, for example `full`; absent when it is well. */
  readonly card?: string;
  readonly busy?: boolean;
  readonly hot?: boolean;
  /** Its own recording, on its card, can be begun and ended from here. */
  readonly shutter?: boolean;
}

/** What a control can be set to: a number, a switch, or an entry of a menu by its label. */
export type ControlValue = number | boolean | string;

/** One control of a camera, as its driver tells it. */
export interface CameraControl {
  readonly name: string;
  readonly kind: "integer" | "boolean" | "menu" | "button";
  /** As it is now; absent for a button, and for a number of 64 bits that JSON would round. */
  readonly value?: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly default?: number;
  /** Of a menu. */
  readonly options?: readonly { readonly value: number; readonly label: string }[];
  /** It cannot be set now: another control decides (an exposure that is automatic). */
  readonly inactive?: boolean;
}

/** A camera of this machine. */
export interface FoundCamera {
  /** As it is written on the command line and in the configuration. */
  readonly source: string;
  readonly name: string;
  readonly modes: readonly {
    readonly format: "h264" | "mjpeg" | "yuyv" | "uyvy" | "nv12" | "yuv420";
    readonly width: number;
    readonly height: number;
    /** Pictures a second, highest first; empty where the driver does not say. */
    readonly rates: readonly number[];
  }[];
  readonly controls: readonly CameraControl[];
}

/** `GET /api/devices`, and `--list --json`. */
export interface DeviceList {
  readonly cameras: readonly FoundCamera[];
  /** `source` as it is written for `audio`. */
  readonly microphones: readonly { readonly source: string; readonly name: string }[];
  /** What could not be asked, in words. */
  readonly notes: readonly string[];
}

/** `GET /api/streams/{name}/controls`. */
export interface ControlList {
  readonly controls: readonly CameraControl[];
  /** Whether who asks may set them. */
  readonly allowed: boolean;
}

/** One stream in `/api/streams`. */
export interface StreamInfo {
  readonly name: string;
  /** The source as written, without credentials. */
  readonly source: string;
  readonly state: StreamState;
  /** Absent until the first init segment. */
  readonly mime?: string;
  readonly generation: number;
  readonly tracks: readonly TrackDescription[];
  readonly viewers: number;
  /** Bits a second over the last seconds. */
  readonly bitrate: number;
  /** Pictures a second over the last seconds. */
  readonly fps: number;
  /** Milliseconds since the picture last began to flow; 0 when it does not. */
  readonly uptimeMs: number;
  readonly counters: StreamCounters;
  /** What is amiss while the stream goes on, a sentence each; gone when it is over. */
  readonly warnings: readonly string[];
  /** What the camera says of itself. */
  readonly camera?: CameraStatus;
}

/** `GET /api/streams`. */
export interface StreamList {
  readonly streams: readonly StreamInfo[];
  /** Whether who asks may publish. */
  readonly publish: boolean;
}

/** What a destination is doing (contract §7). */
export type DestinationState =
  /** Its stream has no pictures yet. */
  | { readonly kind: "waiting" }
  | { readonly kind: "connecting" }
  /** `since` in ISO 8601. */
  | { readonly kind: "sending"; readonly since: string }
  /** `reason` is a sentence; another try is made at `retryAt` (ISO 8601). */
  | { readonly kind: "offline"; readonly reason: string; readonly retryAt?: string };

/** One destination in `/api/destinations`. */
export interface DestinationInfo {
  readonly id: string;
  readonly stream: string;
  /** Without credentials. */
  readonly url: string;
  readonly format: "fmp4" | "ts" | "rtp";
  readonly state: DestinationState;
  /** Bytes of media handed to the network. */
  readonly bytes: number;
  /** Media left out because the way was too slow. */
  readonly skipped: { readonly fragments: number; readonly ms: number };
  /** Times it was connected. */
  readonly connections: number;
}

/** What `POST /api/destinations` is sent. */
export interface DestinationRequest {
  readonly id: string;
  /** The first stream if not given. */
  readonly stream?: string;
  readonly url: string;
  /** Sent as `Authorization: Bearer`, and never answered. */
  readonly token?: string;
  readonly format?: "fmp4" | "ts";
}

/** `GET /api/destinations`. */
export interface DestinationList {
  readonly destinations: readonly DestinationInfo[];
}

/** `GET /healthz`: 200 when every stream that should run does, else 503. */
export interface Health {
  readonly status: "ok" | "degraded";
  readonly version: string;
  readonly uptimeMs: number;
  /** `waiting`: nobody publishes it now, which is nothing amiss. */
  readonly streams: Readonly<Record<string, StreamState["kind"] | "waiting">>;
  /** Why the newest configuration file is not in force; absent when it is. */
  readonly configuration?: string;
}

/** What `PUT /api/streams/{name}` is sent. */
export interface StreamRequest {
  /** As in the configuration. */
  readonly source: string;
}

/** 202: what was asked is kept, and in force when the relay is started again. */
export interface RestartNeeded {
  readonly restart: true;
  /** What the relay was not started with leave for, a few words each. */
  readonly needs: readonly string[];
}

/** One stream in `/api/stats`. */
export interface StreamStats extends StreamInfo {
  /** Who takes it, by transport; bytes since the relay started. */
  readonly outlets: Readonly<Record<string, { readonly viewers: number; readonly bytes: number }>>;
  /** Times a slow viewer was moved on to a later key picture. */
  readonly skips: number;
  readonly skippedFragments: number;
  /** Viewers let go because they took nothing for too long. */
  readonly evicted: number;
}

/** `GET /api/stats`. */
export interface Stats {
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly uptimeMs: number;
  readonly memory: { readonly residentBytes: number; readonly heapBytes: number };
  readonly streams: readonly StreamStats[];
  /** What takes a new start to be in force, a few words each. */
  readonly restart: readonly string[];
  /** Absent without a configuration file. */
  readonly configuration?: {
    /** As it was named. */
    readonly file: string;
    /** Why the newest file is not in force; absent when it is. */
    readonly problem?: string;
  };
}

/** What one part of the relay may touch, as Deno spells it: `true` is everything. */
export interface Sandbox {
  readonly net: true | readonly string[];
  readonly read: true | readonly string[];
  readonly write: true | readonly string[];
  readonly run: true | readonly string[];
  readonly env: true | readonly string[];
  readonly sys: true | readonly string[];
}

/** `GET /api/sandbox`. */
export interface SandboxReport extends Sandbox {
  /** What reads each stream's source may touch, of that. */
  readonly streams: Readonly<Record<string, Pick<Sandbox, "net" | "read" | "run">>>;
}

/** `POST /api/webtransport`. */
export interface WebTransportOffer {
  /** Carries a ticket for one session, good for half a minute. */
  readonly url: string;
  /** Of the certificates that the session may meet; `value` is base64. */
  readonly certificateHashes: readonly { readonly algorithm: "sha-256"; readonly value: string }[];
}

/** RFC 9457 problem details, media type `application/problem+json`. */
export interface Problem {
  /** Stable, relative to the relay's `/problems/`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** A sentence: what happened, what to do. */
  readonly detail: string;
  /** The field of the request that is wrong. */
  readonly field?: string;
}
