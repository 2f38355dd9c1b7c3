/**
 * A recording of a camera that makes H.264, in the bytes of `v4l2-ctl --verbose --stream-to-hdr=-`: what it writes to its
 * standard output in one file, the lines beside it in another. Made of a capture's own pictures and times. Played by
 * v4l2_playback.ts.
 *
 * @module
 */

import { join } from "node:path";
import { concatBytes } from "../../shared/bytes.ts";
import { findStartCode } from "../../relay/codecs/start_codes.ts";
import { run } from "./run.ts";

/** A picture as a camera's driver has it. */
export interface CameraFrame {
  /** Annex B. */
  readonly bytes: Uint8Array;
  /** When it was taken, µs from the first. */
  readonly at: number;
}

/** The magic of v4l-utils, v4l2-ctl-streaming.cpp. */
const MAGIC = [0x72, 0x64, 0x68, 0x56] as const;
/** When the first was taken, µs of a clock that nobody else has. */
const START = 1_234_000_000;
/** Access unit delimiter, and parameter sets (ISO/IEC 14496-10 table 7-1). */
const BEFORE_PICTURE = [7, 8, 9];

/** The pictures of a capture, in the order they are decoded, by ffmpeg. */
export async function framesOf(path: string): Promise<CameraFrame[]> {
  const listed = await run("ffprobe", [
    ...["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time,size"],
    ...["-of", "csv=p=0", path],
  ]);
  const { stdout } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-i", path, "-map", "0:v:0", "-c", "copy", "-f", "h264", "-"],
  }).output();
  let offset = 0;
  const frames = listed.stdout.split("\n").filter((line) => /^[\d.]+,\d/.test(line)).map((line) => {
    const [time = 0, size = 0] = line.split(",").map(Number);
    return { bytes: stdout.subarray(offset, offset += size), time };
  });
  const [first] = frames;
  return frames.map(({ bytes, time }) => ({
    bytes,
    at: Math.round((time - (first?.time ?? 0)) * 1e6),
  }));
}

/**
 * Writes the recording into `folder`.
 * @param setsApart parameter sets have buffers of their own, as a Raspberry Pi's old driver gives them.
 */
export async function writeRecording(
  folder: string,
  frames: readonly CameraFrame[],
  { setsApart }: { readonly setsApart: boolean },
): Promise<void> {
  const buffers = frames.flatMap(({ bytes, at }) =>
    (setsApart ? apart(bytes) : [bytes]).map((part) => ({ bytes: part, at }))
  );
  const lines = buffers.map(({ bytes, at }, sequence) => {
    const time = START + at;
    const seconds = `${Math.floor(time / 1e6)}.${String(time % 1e6).padStart(6, "0")}`;
    return `cap dqbuf: ${
      sequence % 4
    } seq: ${sequence} bytesused: ${bytes.length} ts: ${seconds} (ts-monotonic, ts-src-eof)\n`;
  });
  await Deno.writeTextFile(join(folder, "recording.lines"), lines.join(""));
  await Deno.writeFile(
    join(folder, "recording.hdr"),
    concatBytes(buffers.flatMap(({ bytes }) => {
      const head = new Uint8Array(8);
      head.set(MAGIC);
      new DataView(head.buffer).setUint32(4, bytes.length);
      return [head, bytes];
    })),
  );
}

/** What stands before the picture, and the picture. */
function apart(bytes: Uint8Array): Uint8Array[] {
  let code = findStartCode(bytes, 0);
  while (code >= 0 && BEFORE_PICTURE.includes((bytes[code + 3] ?? 0) & 0x1f)) {
    code = findStartCode(bytes, code + 3);
  }
  // A start code of four bytes begins one earlier.
  const cut = code > 0 && bytes[code - 1] === 0 ? code - 1 : code;
  return cut > 0 ? [bytes.subarray(0, cut), bytes.subarray(cut)] : [bytes];
}
