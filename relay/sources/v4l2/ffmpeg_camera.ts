/**
 * A camera's pictures through ffmpeg, which makes H.264 of them. Sets nothing up; format and controls are `v4l2.ts`'s, sound
 * is another program's.
 *
 * @module
 */

import { explainBy } from "../explain.ts";
import { FFMPEG, NO_REASON } from "../ffmpeg_copy.ts";
import type { PictureOutput } from "../joint.ts";
import { type Ended, runProcess } from "../process.ts";
import { SourceError } from "../source.ts";
import { meaningsFor, silent, stopped } from "./ctl.ts";
import { type Encoder, encoderDevice, encoderOptions, isEncoderFault } from "./encoder.ts";
import type { CameraFormat, ChosenMode } from "./format_list.ts";

const USUAL_FPS = 30;
/** ffmpeg's names of the formats. */
const INPUT_FORMATS: Readonly<Record<CameraFormat, string>> = {
  h264: "h264",
  mjpeg: "mjpeg",
  yuyv: "yuyv422",
  uyvy: "uyvy422",
  nv12: "nv12",
  yuv420: "yuv420p",
};

/** What runs. */
export interface FfmpegCamera {
  readonly device: string;
  readonly mode: ChosenMode;
  readonly encoder: Encoder;
  readonly bitrate: number;
  /** Pictures are stamped with the time of day: their sound comes another way. */
  readonly onWallClock: boolean;
}

/** The encoder cannot be had: another may do. */
export class EncoderMissing extends SourceError {}

/** Captures until `signal` aborts. @throws {SourceError}, {@link EncoderMissing} before anything came. */
export async function captureByFfmpeg(
  camera: FfmpegCamera,
  { out, signal }: { readonly out: PictureOutput; readonly signal: AbortSignal },
): Promise<void> {
  let came = false;
  let encoderFailed = false;
  const { device, encoder } = camera;
  try {
    await runProcess(
      {
        command: [FFMPEG, ...ffmpegArguments(camera)],
        group: true,
        endless: true, // ffmpeg takes an unplugged camera for the end of a film
        install: "install the package ffmpeg, which makes H.264 of this camera's pictures",
        explain: (ended) => {
          encoderFailed = !came && isEncoderFault(ended.lines);
          return whyEnded(device, ended);
        },
      },
      {
        data: (bytes) => {
          came = true;
          out.data(bytes, out.now());
        },
        line: (line) => {
          const changed = /driver changed the (.*)/.exec(line)?.[1];
          if (changed !== undefined) out.note(`The camera's driver changed the ${changed}`);
        },
      },
      signal,
    );
  } catch (error) {
    if (!(error instanceof SourceError) || !encoderFailed || encoder === "x264") throw error;
    throw new EncoderMissing(error.message);
  }
}

/** ffmpeg's arguments. Exported for tests. */
export function ffmpegArguments(camera: FfmpegCamera): string[] {
  const { device, mode: { format, width, height, fps }, encoder, bitrate, onWallClock } = camera;
  return [
    ...["-hide_banner", "-loglevel", "warning", "-fflags", "nobuffer", "-flags", "low_delay"],
    ...["-nostdin", ...encoderDevice(encoder)],
    // The time of day stays what it is: ffmpeg would begin at 0 by itself.
    ...(onWallClock ? ["-copyts", "-use_wallclock_as_timestamps", "1"] : []),
    ...["-f", "v4l2", "-thread_queue_size", "64", "-input_format", INPUT_FORMATS[format]],
    ...["-video_size", `${width}x${height}`, ...(fps ? ["-framerate", String(fps)] : [])],
    ...["-i", device],
    ...["-map", "0:v:0", ...encoderOptions(encoder, { fps: fps ?? USUAL_FPS, bitrate })],
    // Each written at once; without ffmpeg's 1.4 s of presumed buffering.
    ...["-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1", "-f", "mpegts", "pipe:1"],
  ];
}

/** Why ffmpeg ended, as far as it says. Exported for tests. */
export function whyEnded(device: string, { code, lines, wasSilent }: Ended): string | undefined {
  const known = explainBy(meaningsFor(device), lines);
  if (known !== undefined) return known;
  if (wasSilent) return silent(device);
  if (code === 0) return stopped(device);
  const last = lines.filter((line) => !NO_REASON.test(line)).at(-1)?.replace(/^\[[^\]]*\] /, "")
    .replace(/[.\s]+$/, "");
  return last && `${device}: ${last}`;
}
