/**
 * MPEG-TS clips that tests need and ffmpeg makes: long groups, a changing size, a high bit rate. Frames are
 * numbered by ffmpeg's own test picture only; nothing here looks at pixels.
 *
 * @module
 */

import { run } from "./run.ts";

/** What a clip is like. */
export interface ClipOptions {
  readonly seconds: number;
  /** Pictures a second. */
  readonly rate?: number;
  /** Pictures from key picture to key picture. */
  readonly group?: number;
  /** `WxH`. */
  readonly size?: string;
  /** A tone, in AAC unless it is said to be in Opus. */
  readonly sound?: boolean | "opus";
  /** `h264` if not given. */
  readonly codec?: "h264" | "h265";
  /** Noise at this constant rate, bits a second, instead of a picture that compresses well. */
  readonly bitrate?: number;
  /** Time stamps begin so many seconds late. */
  readonly offset?: number;
}

/** Makes a clip at `path`, H.264 or H.265 without B-pictures, AAC or Opus if there is sound. */
export async function makeTransportStream(path: string, options: ClipOptions): Promise<void> {
  const { seconds, rate = 25, group = rate, size = "320x180", sound = false, bitrate, offset = 0 } =
    options;
  const noise = bitrate === undefined ? [] : ["-vf", "noise=alls=100:allf=t"];
  const quality = bitrate === undefined ? ["-crf", "30"] : [
    "-b:v",
    `${bitrate}`,
    "-minrate",
    `${bitrate}`,
    "-maxrate",
    `${bitrate}`,
    "-bufsize",
    `${bitrate / 4}`,
  ];
  await run("ffmpeg", [
    ...["-v", "error", "-y", "-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${rate}`],
    ...(sound ? ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"] : []),
    ...["-t", `${seconds}`, ...noise],
    ...(options.codec === "h265"
      ? ["-c:v", "libx265", "-x265-params", "log-level=error:bframes=0"]
      : ["-c:v", "libx264"]),
    ...["-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
    ...[...quality, "-g", `${group}`, "-keyint_min", `${group}`, "-sc_threshold", "0"],
    ...(sound ? ["-c:a", sound === "opus" ? "libopus" : "aac", "-b:a", "64k"] : []),
    ...["-output_ts_offset", `${offset}`, "-f", "mpegts", path],
  ]);
}

/** Puts what is in a clip into another container, which the new name's end tells. */
export async function rewrap(from: string, to: string): Promise<void> {
  await run("ffmpeg", ["-v", "error", "-y", "-i", from, "-c", "copy", to]);
}

/** Puts MPEG-TS files one behind the other: one stream whose parameters change where they meet. */
export async function joinTransportStreams(
  path: string,
  parts: readonly string[],
): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (const part of parts) {
    const bytes = await Deno.readFile(part);
    for (let written = 0; written < bytes.length;) {
      written += await file.write(bytes.subarray(written));
    }
  }
}
