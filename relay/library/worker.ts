/**
 * The thread that writes one recording: a disk that is slow holds up nothing else. It may touch the recordings' folder
 * alone.
 *
 * @module
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { dirname } from "node:path";
import { FileOutput } from "../recordings/file_output.ts";
import { RecordingError } from "../recordings/output.ts";
import { Recorder } from "../recordings/recorder.ts";
import type { RecordCommand, RecordEvent, Written } from "./door.ts";

/** A stream that pauses is on the disk after so long. */
const FLUSH_MS = 1_000;

let recorder: Recorder | undefined;
/** Files that were made. */
const made: string[] = [];
let problem: string | undefined;
let flush: ReturnType<typeof setInterval> | undefined;
let fresh = false;

function post(event: RecordEvent): void {
  self.postMessage(event);
}

function written(): Written {
  const files = (recorder?.files ?? []).filter(({ path }) => made.includes(path));
  return {
    files: files.map(({ path }) => path),
    seconds: files.reduce((sum, { totals }) => sum + totals.seconds, 0),
    bytes: files.reduce((sum, { totals }) => sum + totals.bytes, 0),
  };
}

/** After the first error nothing more is written. */
function attempt(action: () => void): void {
  if (problem !== undefined) return;
  try {
    action();
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    problem = error.message;
    close();
  }
}

function begin(path: string): void {
  recorder = new Recorder({
    path,
    open: (name) => {
      makeFolder(name);
      const output = FileOutput.open(name, "createNew");
      made.push(name);
      return output;
    },
    isTaken: FileOutput.isThere,
    durable: true,
    now: Date.now,
  });
  flush = setInterval(() => {
    if (!fresh) attempt(() => recorder?.flush());
    fresh = false;
  }, FLUSH_MS);
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecordingError(`cannot make the folder ${dirname(path)}: ${reason}`);
  }
}

function close(): void {
  clearInterval(flush);
  try {
    recorder?.close();
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    problem ??= error.message;
  }
  dropEmpty();
  post({ type: "closed", written: written(), ...(problem === undefined ? {} : { problem }) });
  self.close();
}

/** A full disk leaves files that nothing came to be written to. */
function dropEmpty(): void {
  const files = recorder?.files ?? [];
  for (const path of [...made]) {
    const totals = files.find((file) => file.path === path)?.totals;
    if (totals && totals.pictures + totals.sounds > 0) continue;
    made.splice(made.indexOf(path), 1);
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      problem ??= `${path}, which is empty, cannot be taken away: ${error.message}`;
    }
  }
}

self.onmessage = ({ data }: MessageEvent<RecordCommand>): void => {
  switch (data.type) {
    case "begin":
      return begin(data.path);
    case "init":
      return attempt(() => recorder?.init(data.segment));
    case "batch":
      fresh = true;
      attempt(() => void recorder?.batch(data.batch));
      if (problem === undefined) {
        post({ type: "taken", bytes: data.batch.bytes.length, written: written() });
      }
      return;
    case "stop":
      if (problem === undefined) close();
  }
};
