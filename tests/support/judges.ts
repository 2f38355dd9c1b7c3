/**
 * Independent readers as judges of our files: ffmpeg's decoded hashes, and the comparison script that lies
 * beside the captures.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { run, runAnyhow } from "./run.ts";

/** What the comparison script says of a remuxed file. */
interface Verdict {
  readonly verdict: "pass" | "fail" | "error";
  readonly reasons: readonly string[];
  readonly [track: string]: unknown;
}

/**
 * Asks `compare.py`, which stands in `../tools` beside the captures, whether `remuxed` is `original`:
 * payloads, time stamps up to one constant, key flags, decoded pictures.
 */
export async function assertSame(
  captures: string,
  { original, remuxed, options = [] }: {
    readonly original: string;
    readonly remuxed: string;
    readonly options?: readonly string[];
  },
): Promise<void> {
  const script = join(captures, "..", "tools", "compare.py");
  const { stdout, stderr } = await runAnyhow("python3", [script, original, remuxed, ...options]);
  assert.notEqual(stdout.trim(), "", `compare.py said nothing: ${stderr}`);
  const said = JSON.parse(stdout) as Verdict;
  assert.equal(said.verdict, "pass", `${original}: ${said.reasons.join("; ")}`);
}

/** Hashes of the decoded pictures, as ffmpeg's framemd5 gives them. */
export async function decodedHashes(file: string): Promise<string[]> {
  const { stdout } = await run("ffmpeg", [
    ...["-v", "error", "-threads", "1", "-i", file, "-map", "0:v:0"],
    ...["-vsync", "0", "-f", "framemd5", "-"],
  ]);
  return hashColumn(stdout);
}

/** The hashes of stream `index` in a framemd5 file. */
export function hashColumn(framemd5: string, index = 0): string[] {
  return framemd5.split("\n")
    .map((line) => line.split(",").map((field) => field.trim()))
    .filter(([stream, ...fields]) => stream === String(index) && fields.length === 5)
    .map((fields) => fields[5] ?? "");
}

/** ffprobe finds nothing to say at warning level. */
export async function assertFfprobeIsSilent(file: string): Promise<void> {
  const { stderr } = await run("ffprobe", ["-v", "warning", "-show_packets", "-of", "csv", file]);
  assert.equal(stderr, "", file);
}
