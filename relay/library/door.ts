/**
 * What crosses between a recording on the main thread and the thread that writes it. Types only.
 *
 * @module
 */

import type { Batch, InitSegment } from "../../shared/media.ts";

/** To the writer. */
export type RecordCommand =
  /** The first of all. @property path of the first file, absolute. */
  | { readonly type: "begin"; readonly path: string }
  | { readonly type: "init"; readonly segment: InitSegment }
  | { readonly type: "batch"; readonly batch: Batch }
  | { readonly type: "stop" };

/** What has been written. */
export interface Written {
  /** Absolute paths, in the order they were begun. */
  readonly files: readonly string[];
  /** Of media. */
  readonly seconds: number;
  readonly bytes: number;
}

/** From the writer. */
export type RecordEvent =
  /** So many bytes of batches were taken. */
  | { readonly type: "taken"; readonly bytes: number; readonly written: Written }
  /** The last: all files are closed. `problem` is a sentence. */
  | { readonly type: "closed"; readonly written: Written; readonly problem?: string };
