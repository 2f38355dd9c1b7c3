/**
 * Clips for benches that go on for a while: ten seconds made by ffmpeg, and those behind themselves on one clock.
 *
 * @module
 */

import { join } from "node:path";
import { type ClipOptions, makeTransportStream } from "../support/clips.ts";
import { run } from "../support/run.ts";

const MADE_SECONDS = 10;

/** Makes an MPEG-TS file of at least `seconds` in `folder` and returns its path. */
export async function makeLongClip(folder: string, options: ClipOptions): Promise<string> {
  const short = join(folder, "short.ts");
  const long = join(folder, "long.ts");
  await makeTransportStream(short, { ...options, seconds: MADE_SECONDS });
  const again = Math.ceil(options.seconds / MADE_SECONDS) - 1;
  await run("ffmpeg", [
    ...["-v", "error", "-y", "-stream_loop", `${again}`, "-i", short],
    ...["-c", "copy", "-f", "mpegts", long],
  ], { timeoutMs: 120_000 });
  return long;
}
