/**
 * `v4l2:DEVICE[?size=WxH&fps=N&format=auto|h264|mjpeg|yuyv|uyvy|nv12|yuv420&encoder=auto|v4l2m2m|vaapi|x264&bitrate=N&audio=…&sound=aac|opus]`:
 * a camera of Linux's. One that makes H.264 itself needs `v4l2-ctl` and no more; others, and sound, need ffmpeg.
 *
 * @module
 */

import type { CameraControl, ControlValue } from "../../../shared/api.ts";
import { FFMPEG } from "../ffmpeg_copy.ts";
import { JointOutput, type PictureOutput } from "../joint.ts";
import {
  type Scheme,
  type Source,
  type SourceCommand,
  SourceError,
  type SourceOutput,
} from "../source.ts";
import { together } from "../together.ts";
import { parseControls } from "./control_list.ts";
import { refusalsOf, settingsOf } from "./control_values.ts";
import { ctl, type CtlOptions, V4L2_CTL } from "./ctl.ts";
import { type Encoder, ENCODER_DEVICES, ENCODERS } from "./encoder.ts";
import { captureByFfmpeg, EncoderMissing } from "./ffmpeg_camera.ts";
import { chooseMode, type ChosenMode, FOUR_CC, isNear, parseFormats } from "./format_list.ts";
import { captureH264 } from "./h264_camera.ts";
import { keepListening } from "./sound.ts";
import { parseV4l2, type V4l2Spec, withMicrophone } from "./spec.ts";

/** What a camera runs through. */
export interface CameraPrograms {
  readonly camera: string;
  readonly sound: string;
  /** A microphone that failed is tried again after so long. */
  readonly soundRetryMs?: number;
}

/** Asks `v4l2-ctl` about one camera. */
type Ask = (
  args: readonly string[],
  options?: Pick<CtlOptions, "signal" | "meanings">,
) => Promise<string>;

/** Opens a camera; nothing is asked of it until it runs. @param programs tests bring their own. */
export function openV4l2(spec: V4l2Spec, programs: Partial<CameraPrograms> = {}): Source {
  const { device, microphone, sound: codec } = spec;
  const { camera: program = V4L2_CTL, sound = FFMPEG, soundRetryMs: retryMs } = programs;
  let told: SourceOutput | undefined;
  /** As they were told last. */
  let controls: readonly CameraControl[] = [];

  const ask: Ask = (args, options) => ctl(device, args, { ...options, program });

  async function readControls(signal?: AbortSignal): Promise<readonly CameraControl[]> {
    return parseControls(await ask(["--list-ctrls-menus"], { signal }));
  }

  async function tellControls(signal?: AbortSignal): Promise<void> {
    controls = await readControls(signal);
    told?.controls?.(controls);
  }

  async function set(
    values: Readonly<Record<string, ControlValue>>,
    signal?: AbortSignal,
  ): Promise<void> {
    if (Object.keys(values).length === 0) return;
    for (const settings of settingsOf(await readControls(signal), values)) {
      await ask(["-c", settings], { signal, meanings: refusalsOf(settings) });
    }
  }

  /** Ready to give pictures. */
  async function setUp(out: SourceOutput, signal: AbortSignal): Promise<ChosenMode> {
    const modes = parseFormats(await ask(["--list-formats-ext"], { signal }));
    const mode = chooseMode(modes, spec);
    await set(spec.controls, signal);
    await tellControls(signal);
    await setMode(mode, { out, ask: (args) => ask(args, { signal }) });
    return mode;
  }

  return {
    // Cameras of H.264 are read as they are; ffmpeg writes MPEG-TS: told by the first bytes.
    format: microphone ? "joint" : "sniff",
    clock: "capture",
    reliable: true,
    async run(out, signal): Promise<void> {
      told = out;
      let mode: ChosenMode;
      try {
        mode = await setUp(out, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      if (!microphone) return await pictures(mode, { frames: out, transport: out }, signal);
      const joint = new JointOutput(out);
      await together(signal, [
        (either) => pictures(mode, joint, either),
        (either) =>
          keepListening(
            { microphone, codec, program: sound, ...(retryMs === undefined ? {} : { retryMs }) },
            { joint, out },
            either,
          ),
      ]);
    },
    async command(command: SourceCommand): Promise<void> {
      switch (command.kind) {
        case "controls":
          await set(command.values);
          return await tellControls();
        case "keyPicture":
          return await askForKeyPicture();
        case "shutter":
          throw new SourceError("this camera has no recording of its own");
      }
    },
  };

  async function pictures(
    mode: ChosenMode,
    { frames, transport }: Pick<JointOutput, "frames" | "transport">,
    signal: AbortSignal,
  ): Promise<void> {
    if (mode.format === "h264" && spec.encoder === undefined) {
      await captureH264({ device, program }, { out: frames, signal });
    } else {
      await encode(spec, { mode, out: transport, signal });
    }
  }

  /** Where the driver can; a camera that cannot has key pictures of its own, and is not bothered for each that joins. */
  async function askForKeyPicture(): Promise<void> {
    if (!controls.some(({ name }) => name === "force_key_frame")) return;
    await ask(["-c", "force_key_frame=1"]);
  }
}

/** Sets size and rate, and reads back what the driver made of them. */
async function setMode(
  { width, height, format, fps }: ChosenMode,
  { out, ask }: { readonly out: SourceOutput; readonly ask: Ask },
): Promise<void> {
  await ask([`--set-fmt-video=width=${width},height=${height},pixelformat=${FOUR_CC[format]}`]);
  const takesRate = fps !== undefined && await setRate(fps, ask);
  if (fps !== undefined && !takesRate) {
    out.note(`The camera's driver takes no rate: ${fps} pictures a second cannot be asked for`);
  }
  const given = await ask(["--get-fmt-video", ...(takesRate ? ["--get-parm"] : [])]);
  const size = /Width\/Height\s*:\s*(\d+)\/(\d+)/.exec(given);
  if (size && (Number(size[1]) !== width || Number(size[2]) !== height)) {
    out.note(`The camera gives ${size[1]}x${size[2]}, not ${width}x${height}`);
  }
  const rate = Number(/Frames per second\s*:\s*([\d.]+)/.exec(given)?.[1] ?? fps);
  if (fps !== undefined && !isNear(rate, fps)) {
    out.note(`The camera gives ${rate} pictures a second, not ${fps}`);
  }
}

/** Many a capture card gives what it is given, and knows no rate: no reason to do without its pictures. */
async function setRate(fps: number, ask: Ask): Promise<boolean> {
  try {
    await ask([`--set-parm=${fps}`]);
    return true;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return false; // what else is wrong shows in what follows
  }
}

/** Tries the encoders that may be here, the best first. */
async function encode(
  spec: V4l2Spec,
  { mode, out, signal }: {
    readonly mode: ChosenMode;
    readonly out: PictureOutput;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { device, bitrate, microphone } = spec;
  const onWallClock = microphone !== undefined;
  const encoders = spec.encoder === undefined ? ENCODERS.filter(isHere) : [spec.encoder];
  for (const encoder of encoders) {
    if (encoder === "x264") {
      out.note(
        `The camera gives ${mode.format}, of which the processor makes H.264: a camera that makes it itself costs next to nothing`,
      );
    }
    try {
      return await captureByFfmpeg({ device, mode, encoder, bitrate, onWallClock }, {
        out,
        signal,
      });
    } catch (error) {
      if (!(error instanceof EncoderMissing) || encoder === encoders.at(-1)) throw error;
    }
  }
}

function isHere(encoder: Encoder): boolean {
  if (encoder === "x264") return true;
  try {
    Deno.statSync(ENCODER_DEVICES[encoder]);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return false;
    }
    throw error;
  }
}

/** The row of the scheme table. */
export const v4l2: Scheme<V4l2Spec> = {
  parse: parseV4l2,
  equip: (spec, { audio, controls }) => ({
    ...withMicrophone(spec, audio),
    controls: { ...spec.controls, ...controls },
  }),
  open: (spec) => openV4l2(spec),
};
