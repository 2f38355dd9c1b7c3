/**
 * The thread that, when the relay starts, gives recordings that a crash left open the index they lack, and takes away
 * those that hold nothing. Asked once, with the paths; answers with a sentence for each that needed something.
 *
 * @module
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { RecordingError } from "../recordings/output.ts";
import { EmptyRecording, repairRecording } from "../recordings/repair.ts";

/** What became of the files. */
export interface Repaired {
  readonly notes: readonly string[];
}

function repair(path: string): string | undefined {
  try {
    const found = repairRecording(path);
    return found.kind === "whole"
      ? undefined
      : `${path}, which was never closed, is a whole recording now`;
  } catch (error) {
    if (error instanceof EmptyRecording) return takeAway(path);
    if (!(error instanceof RecordingError)) throw error;
    return `${path} cannot be repaired: ${error.message}`;
  }
}

function takeAway(path: string): string {
  try {
    Deno.removeSync(path);
    return `${path}, in which nothing had been recorded yet, was taken away`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `${path}, in which nothing was recorded, cannot be taken away: ${error.message}`;
  }
}

self.onmessage = ({ data }: MessageEvent<readonly string[]>): void => {
  const notes = data.map(repair).filter((note) => note !== undefined);
  self.postMessage({ notes } satisfies Repaired);
  self.close();
};
