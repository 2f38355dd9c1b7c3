/**
 * What takes a stream's media: a viewer's socket, a response body, a recorder. The hub knows nothing else of
 * them.
 *
 * @module
 */

import type { Batch, InitSegment } from "../../shared/media.ts";

/** Media left out for a taker that fell behind. */
export interface Skipped {
  readonly fragments: number;
  /** Milliseconds of media. */
  readonly ms: number;
}

/** One taker. No call may block, throw or keep the hub waiting. */
export interface Sink {
  /** How the media travels on, as the metrics name it: `websocket`. Not set by what is no viewer. */
  readonly transport?: string;
  /** `false` for what records or hands on: nobody watches by it. */
  readonly watched?: false;
  /** Who watches by it, where it stands for more or fewer than one. */
  readonly viewers?: number;
  /** Bytes that have gone out by it, where that is not what was pushed to it. */
  readonly sentBytes?: number;
  /** Bytes accepted and not yet handed to the network: polled, never awaited. */
  readonly backlog: number;
  /** Its viewer is late and tells what it has taken: the backlog holds what waits in the network too. */
  readonly tells?: boolean;
  /**
   * Gives up what it owes, where what comes next need not wait behind that. `false` while its viewer has not even taken
   * the picture that the newest group begins with: that is still owed then, so that something is seen.
   */
  giveUp?(): boolean;
  /** A generation begins. */
  init(segment: InitSegment): void;
  /** One batch, by reference: never changed, never copied for this taker's sake. */
  push(batch: Batch): void;
  /** Media was left out; the batch that follows begins at a key picture. */
  skipped(what: Skipped): void;
  /** The stream does not run; `reason` is a sentence for the user. It may come back. */
  offline(reason: string): void;
  /** The hub lets go of this taker: it has taken nothing for too long, or the stream is no more. */
  close(why: "stuck" | "gone", reason: string): void;
}
