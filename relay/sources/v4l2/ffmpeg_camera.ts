/**
 * A camera through ffmpeg: its pictures made H.264 (or passed on, where they are), its microphone beside them on one clock.
 * Sets nothing up; format and controls are `v4l2.ts`'s.
 *
 * @module
 */

import { explainBy } from "../explain.ts";
import { FFMPEG } from "../ffmpeg_copy.ts";
import { type ProcessOptions, runProcess } from "../process.ts";
import { SourceError, type SourceOutput } from "../source.ts";
import { meaningsFor, stopped } from "./ctl.ts";
import { type Encoder, encoderDevice, encoderOptions, isEncoderFault } from "./encoder.ts";
import type { ChosenMode } from "./format_list.ts";
import { explainMicrophone, type Microphone, microphoneInput } from "./microphone.ts";

/** Sound is made this of: evenly, though its times are those at which it was read. */
const SOUND = ["-af", "aresample=async=1000", "-c:a", "aac", "-b:a", "96k", "-ac", "1"];
const USUAL_FPS = 30;
/** ffmpeg's names of the formats. */
const INPUT_FORMATS = { h264: "h264", mjpeg: "mjpeg", yuyv: "yuyv422" } as const;

/** What runs. */
export interface FfmpegCamera {
  readonly device: string;
  readonly mode: ChosenMode;
  /** `undefined`: the camera makes H.264 itself. */
  readonly encoder: Encoder | undefined;
  readonly bitrate: number;
  readonly microphone: Microphone | undefined;
}

/** The encoder cannot be had: another may do. */
export class EncoderMissing extends SourceError {}

/** Captures until `signal` aborts. @throws {SourceError}, {@link EncoderMissing} before anything came. */
export async function captureByFfmpeg(
  camera: FfmpegCamera,
  { out, signal }: { readonly out: SourceOutput; readonly signal: AbortSignal },
): Promise<void> {
  let came = false;
  let encoderFailed = false;
  const { device, microphone, encoder } = camera;
  try {
    await runProcess(
      {
        ...commandOf(camera),
        endless: true, // ffmpeg takes an unplugged camera for the end of a film
        install: "install the package ffmpeg, which makes H.264 of this camera's pictures",
        explain: ({ code, lines }) => {
          encoderFailed = !came && isEncoderFault(lines);
          return explainMicrophone(microphone, lines) ?? explainBy(meaningsFor(device), lines) ??
            (code === 0 ? stopped(device) : lastWords(device, lines));
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
  const { device, mode: { format, width, height, fps }, encoder, bitrate, microphone } = camera;
  return [
    ...["-hide_banner", "-loglevel", "warning", "-fflags", "nobuffer", "-flags", "low_delay"],
    ...(microphone?.kind === "exec" ? [] : ["-nostdin"]),
    ...(encoder ? encoderDevice(encoder) : []),
    // Both clocks are the computer's, and stay so: ffmpeg would begin each input at 0 by itself, however much later the
    // microphone was opened.
    ...(microphone ? ["-copyts", "-use_wallclock_as_timestamps", "1"] : []),
    ...["-f", "v4l2", "-thread_queue_size", "64", "-input_format", INPUT_FORMATS[format]],
    ...["-video_size", `${width}x${height}`, ...(fps ? ["-framerate", String(fps)] : [])],
    ...["-i", device],
    ...(microphone ? microphoneInput(microphone) : []),
    ...["-map", "0:v:0", ...(microphone ? ["-map", "1:a:0"] : [])],
    ...(encoder ? encoderOptions(encoder, { fps: fps ?? USUAL_FPS, bitrate }) : ["-c:v", "copy"]),
    ...(microphone ? SOUND : []),
    // One frame of sound a packet, each written at once; without ffmpeg's 1.4 s of presumed buffering.
    ...["-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1", "-f", "mpegts", "pipe:1"],
  ];
}

function commandOf(camera: FfmpegCamera): Pick<ProcessOptions, "command" | "group"> {
  const { microphone } = camera;
  const args = ffmpegArguments(camera);
  if (microphone?.kind !== "exec") return { command: [FFMPEG, ...args] };
  const quote = (words: readonly string[]): string =>
    words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  // One end of a pipe is the program's, and both end together.
  const script = `${quote(microphone.command)} | ${quote([FFMPEG, ...args])}`;
  return { command: ["sh", "-c", script], group: true };
}

function lastWords(device: string, lines: readonly string[]): string | undefined {
  const last = lines.at(-1)?.replace(/^\[[^\]]*\] /, "").replace(/[.\s]+$/, "");
  return last && `${device}: ${last}`;
}
