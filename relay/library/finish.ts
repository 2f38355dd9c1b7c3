/**
 * The last touch for recordings whose sound is Opus, which not every player knows in MP4: AAC instead, and the index in
 * front, by ffmpeg where that is installed. The picture stays as it came; without ffmpeg the file does too.
 *
 * @module
 */

import { NoFfmpegError, startFfmpeg } from "../ffmpeg.ts";
import { unlessAbsent } from "./folder.ts";
import { readRecordingFile } from "./recording_file.ts";

/** ffmpeg has so long … */
const BASE_LIMIT_MS = 60_000;
/** … and so much more for each second of media. */
const LIMIT_PER_SECOND_MS = 500;

/**
 * Sees to one file.
 * @returns why it could not be done, a sentence without its full stop; the file is as it was then.
 */
export async function finishSound(path: string, signal: AbortSignal): Promise<string | undefined> {
  const file = await readRecordingFile(path);
  if (!file?.tracks.some(({ sampleEntry }) => sampleEntry === "Opus")) return undefined;
  const partial = `${path}.part`;
  const limit = AbortSignal.timeout(BASE_LIMIT_MS + (file.seconds ?? 0) * LIMIT_PER_SECOND_MS);
  const problem = await convert(path, partial, AbortSignal.any([signal, limit]));
  if (problem === undefined) await Deno.rename(partial, path);
  else await Deno.remove(partial).catch(unlessAbsent);
  return problem;
}

async function convert(
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { ended } = startFfmpeg({
      args: [
        ...["-nostdin", "-y", "-i", `file:${from}`, "-map", "0", "-c", "copy", "-c:a", "aac"],
        ...["-b:a", "128k", "-movflags", "+faststart", "-f", "mp4", `file:${to}`],
      ],
      stdin: "null",
      stdout: "null",
      signal,
    });
    const problem = await ended;
    return problem === undefined ? undefined : `ffmpeg says: ${problem}`;
  } catch (error) {
    if (!(error instanceof NoFfmpegError)) throw error;
    return error.message;
  }
}
