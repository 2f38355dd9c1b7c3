/**
 * What passes between the main thread and an ingest worker: plain data, and one buffer a batch, by a ring
 * that both share or transferred.
 * Types only.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Batch, InitSegment } from "../../shared/media.ts";
import type { CameraControl, CameraStatus } from "../../shared/api.ts";
import type { Aspect, OriginEstimate, SourceCommand, SourceSpec } from "../sources/source.ts";
import type { Ring } from "./batch_ring.ts";
import type { IngestCounters } from "./counters.ts";
import type { Continuation } from "./placing.ts";

/** To the worker. */
export type IngestCommand =
  | {
    readonly type: "run";
    readonly spec: SourceSpec;
    readonly from?: Continuation;
    /** Without it batches come as messages. */
    readonly ring?: Ring;
  }
  | { readonly type: "stop" }
  /** The camera is to do something; answered by `told`. */
  | { readonly type: "tell"; readonly id: number; readonly command: SourceCommand }
  /** Its pictures have ceased although it sends on. */
  | { readonly type: "frozen" }
  /** What a publisher brings, transferred; each is owed a share of a `fed`. */
  | { readonly type: "feed"; readonly bytes: Bytes }
  /** How the clock stands that capture times in what follows are of. */
  | { readonly type: "originClock"; readonly estimate: OriginEstimate }
  /** The publisher has ended. */
  | { readonly type: "feedEnd" }
  /** Copies of the source's bytes are wanted, or not any more. */
  | { readonly type: "raw"; readonly on: boolean };

/** How far a run has come. */
export interface IngestReport {
  readonly counters: IngestCounters;
  readonly continuation: Continuation;
}

/** From the worker. */
export type IngestEvent =
  | { readonly type: "ready" }
  | { readonly type: "init"; readonly segment: InitSegment }
  /** Where there is no ring, or no room in it. */
  | { readonly type: "batch"; readonly batch: Batch }
  | { readonly type: "raw"; readonly bytes: Bytes }
  | { readonly type: "controls"; readonly controls: readonly CameraControl[] }
  | { readonly type: "status"; readonly status: CameraStatus }
  /** How the origin's clock stands, of the generation in force. */
  | { readonly type: "clock"; readonly estimate: OriginEstimate }
  /** Nothing of what comes can be played: why. */
  | { readonly type: "refused"; readonly sentence: string }
  /** What comes is of no kind that is played, in a sentence that was noted too. */
  | { readonly type: "unplayed"; readonly sentence: string }
  /** Nothing comes for now: why. */
  | { readonly type: "idle"; readonly reason: string }
  | { readonly type: "note"; readonly sentence: string }
  /** Something is amiss while the rest goes on; without a sentence it is over. */
  | { readonly type: "warning"; readonly about: Aspect; readonly sentence: string | undefined }
  /** The answer to `tell`; `problem` is a sentence, absent when it was done. */
  | { readonly type: "told"; readonly id: number; readonly problem?: string }
  /** So much of a publisher's has been read, as `feedCost` counts. */
  | { readonly type: "fed"; readonly bytes: number }
  | { readonly type: "report"; readonly report: IngestReport }
  /** The source came to its end or was stopped. */
  | { readonly type: "ended"; readonly report: IngestReport }
  /** The source broke; `reason` is a sentence for the user. */
  | { readonly type: "failed"; readonly reason: string; readonly report: IngestReport };
