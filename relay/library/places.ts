/**
 * Where recordings lie, and what they are called: `<stream>/<ms>.mp4` below one folder; without its extension that is a
 * recording's identifier. Pure.
 *
 * @module
 */

import { join, relative, sep } from "node:path";
import { isStreamName } from "../../shared/stream_name.ts";

const MS_DIGITS = 13;
/** Milliseconds since the Unix epoch; `-2`, `-3` … where a recording goes on in another file. */
const FILE_NAME = /^\d{13}(-\d{1,6})?$/;

/** An identifier, taken apart. */
export interface RecordingId {
  readonly id: string;
  readonly stream: string;
  readonly startedAt: Date;
}

/** Takes an identifier apart; `undefined` when it is none, and so leads nowhere. */
export function readRecordingId(id: string): RecordingId | undefined {
  const slash = id.lastIndexOf("/");
  const stream = id.slice(0, Math.max(0, slash));
  const name = id.slice(slash + 1);
  if (!FILE_NAME.test(name) || !isStreamName(stream)) return undefined;
  return { id, stream, startedAt: new Date(Number(name.slice(0, MS_DIGITS))) };
}

/** The recording that `id` is, or goes on with in another file: without `-2`, `-3` …. */
export function baseOf(id: string): string {
  return id.replace(/-\d+$/, "");
}

/** What a recording is called that begins at `ms` since the Unix epoch; boards without a battery wake in 1970. */
export function newId(stream: string, ms: number): string {
  return `${stream}/${String(ms).padStart(MS_DIGITS, "0")}`;
}

/** A recording's file. @param id one that {@link readRecordingId} understands. */
export function pathOf(folder: string, id: string): string {
  return join(folder, ...`${id}.mp4`.split("/"));
}

/** The identifier of the file at `path`; `undefined` when it is no recording's. */
export function idOf(folder: string, path: string): string | undefined {
  if (!path.endsWith(".mp4")) return undefined;
  const id = relative(folder, path).split(sep).join("/").slice(0, -".mp4".length);
  return readRecordingId(id) && id;
}
