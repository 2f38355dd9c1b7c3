/**
 * Files beside which a manifest stands, recorded: what comes out is the original by compare.py's rules, ffprobe has
 * nothing to say of it, and mp4box.js finds the samples. Test files share them out, so as to run side by side.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { boxesIn } from "../../shared/mp4/box_reader.ts";
import { findCaptures } from "../run/captures.ts";
import { assertFfprobeIsSilent, assertSame } from "../support/judges.ts";
import { readMovie } from "../support/mp4box.ts";
import { record } from "../support/record_process.ts";

/** The captures, where there are any. */
export const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
/** The same; empty where there are none. */
export const media = folder ?? "";

/** Files of which no player could show anything, and why. */
const UNPLAYABLE: readonly (readonly [files: RegExp, reason: string])[] = [
  [/^\(gen\.sh big\)/, "not stored: made on demand for benches"],
  [/^hls\/.*\.m3u8$/, "a playlist: it names media and holds none"],
  [
    /^(wav\/|synth\/.*\.wav$)/,
    "PCM in WAV: raw sound for the seed systems' protocols, not a camera's stream",
  ],
  [
    /^(jpeg\/|synth\/synth-mjpeg\/)/,
    "JPEG pictures: for the sources that transcode, not a stream by themselves",
  ],
  [/^mp4\/.*init\.mp4$/, "an index without media"],
  [/^mp4\/.*(-segment\.mp4|_1\.m4s)$/, "media without its index: nobody knows the codec"],
];

/** Files of which ffprobe has something to say for a reason of their own. */
const PROBED_WITH_WARNINGS: readonly (readonly [file: string, reason: string])[] = [
  [
    "annexb/openh264_Cisco_Men_whisper_640x320_CABAC_Bframe_9.264",
    "its second IDR picture is shown after pictures that follow it, which no stream may",
  ],
];

/** Compared with another file: ffprobe reads GoPro's datagram headers as damage. */
const ORIGINALS: Readonly<Record<string, string>> = {
  "gopro/hero4_video_input_mpegts.ts": "gopro/derived-hero4_188.ts",
};

/** First column of the manifest: what each line is about. */
export function manifest(): string[] {
  if (folder === undefined) return [];
  return Deno.readTextFileSync(join(folder, "MANIFEST.tsv")).trim().split("\n").slice(1)
    .map((line) => line.split("\t")[0] ?? "");
}

/** Why nobody plays what is at `path`, if so. */
export function reasonFor(path: string): string | undefined {
  return UNPLAYABLE.find(([files]) => files.test(path))?.[1];
}

/** Where a recording is tested, gone afterwards. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const out = await Deno.makeTempDir({ prefix: "rill-record-media-" });
  try {
    await test(out);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

/** Registers a test for each of the files that can be played, of those that are asked for. */
export function testRecorded(asked: (path: string) => boolean): void {
  for (const path of manifest().filter((path) => asked(path) && reasonFor(path) === undefined)) {
    Deno.test(`recorded: ${path}`, () =>
      inFolder(async (out) => {
        const remuxed = join(out, "a.mp4");
        await record([`file:${join(media, path)}?pace=fast`, remuxed]);
        const original = join(media, ORIGINALS[path] ?? path);
        await assertSame(media, { original, remuxed });
        if (!PROBED_WITH_WARNINGS.some(([file]) => file === path)) {
          await assertFfprobeIsSilent(remuxed);
        }
        const bytes = await Deno.readFile(remuxed);
        assert.deepEqual([...boxesIn(bytes)].map(({ type }) => type), ["ftyp", "mdat", "moov"]);
        for (const samples of readMovie(bytes).samples.values()) assert.ok(samples.length > 0);
        assert.deepEqual([...Deno.readDirSync(out)].length, 1, "one file");
      }));
  }
}

/** What MPEG-TS is in; about half of all. */
export function isTransportStream(path: string): boolean {
  return path.endsWith(".ts");
}
