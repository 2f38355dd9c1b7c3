/**
 * `v4l2:DEVICE[?size=WxH&fps=N&format=auto|h264|mjpeg|yuyv&encoder=auto|v4l2m2m|vaapi|x264&bitrate=N&audio=…]`: a camera
 * of Linux's. One that makes H.264 itself needs `v4l2-ctl` and no more; others, and sound, need ffmpeg.
 *
 * @module
 */

import type { ControlValue } from "../../../shared/api.ts";
import { FFMPEG } from "../ffmpeg_copy.ts";
import { choose, parseNumber, parseSize, splitSource } from "../options.ts";
import { GUARD_PROGRAM } from "../process_group.ts";
import {
  type Scheme,
  type Source,
  type SourceCommand,
  SourceError,
  type SourceOutput,
  type SourceSpec,
} from "../source.ts";
import { parseControls } from "./control_list.ts";
import { resolveControl } from "./control_values.ts";
import { ctl, V4L2_CTL } from "./ctl.ts";
import { type Encoder, ENCODER_DEVICES, ENCODERS } from "./encoder.ts";
import { captureByFfmpeg, EncoderMissing } from "./ffmpeg_camera.ts";
import {
  CAMERA_FORMATS,
  type CameraFormat,
  chooseMode,
  type ChosenMode,
  parseFormats,
} from "./format_list.ts";
import { captureH264, UNBUFFER } from "./h264_camera.ts";
import { type Microphone, parseMicrophone } from "./microphone.ts";

const MAX_FPS = 1000;
const USUAL_BITRATE = 4_000_000;
const MAX_BITRATE = 100_000_000;
/** As V4L2 spells the formats. */
const FOUR_CC = { h264: "H264", mjpeg: "MJPG", yuyv: "YUYV" } as const;

/** What {@link openV4l2} needs to know. */
export interface V4l2Spec extends SourceSpec {
  readonly device: string;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly fps: number | undefined;
  readonly format: CameraFormat | undefined;
  readonly encoder: Encoder | undefined;
  /** Bit/s, of what is encoded. */
  readonly bitrate: number;
  readonly microphone: Microphone | undefined;
  readonly controls: Readonly<Record<string, ControlValue>>;
}

function parse(text: string): V4l2Spec {
  const keys = ["size", "fps", "format", "encoder", "bitrate", "audio"];
  const { body, options } = splitSource(text, keys);
  if (!/^\/dev\/[\w./:@+-]+$/.test(body) || body.split("/").includes("..")) {
    throw new SourceError(`no camera in "${text}": write v4l2:/dev/video0, and see --list`);
  }
  const size = parseSize(text, options.get("size"));
  const audio = options.get("audio");
  const format = choose(text, {
    key: "format",
    value: options.get("format"),
    choices: ["auto", ...CAMERA_FORMATS],
  });
  const encoder = choose(text, {
    key: "encoder",
    value: options.get("encoder"),
    choices: ["auto", ...ENCODERS],
  });
  return withMicrophone({
    scheme: "v4l2",
    label: text,
    finite: false,
    makesKeyPictures: true,
    permissions: {},
    device: body,
    width: size?.width,
    height: size?.height,
    fps: parseNumber(text, { key: "fps", value: options.get("fps"), max: MAX_FPS }),
    format: format === "auto" ? undefined : format,
    encoder: encoder === "auto" ? undefined : encoder,
    bitrate:
      parseNumber(text, { key: "bitrate", value: options.get("bitrate"), max: MAX_BITRATE }) ??
        USUAL_BITRATE,
    microphone: undefined,
    controls: {},
  }, audio);
}

function withMicrophone(spec: V4l2Spec, audio: string | undefined): V4l2Spec {
  const microphone = audio === undefined ? spec.microphone : parseMicrophone(audio);
  const guard = microphone?.kind === "exec" ? [GUARD_PROGRAM] : [];
  return {
    ...spec,
    microphone,
    permissions: {
      run: [V4L2_CTL, UNBUFFER, FFMPEG, ...guard],
      read: Object.values(ENCODER_DEVICES), // whether they are there
    },
  };
}

/** Opens a camera; nothing is asked of it until it runs. @param program tests bring their own. */
export function openV4l2(spec: V4l2Spec, program: string = V4L2_CTL): Source {
  const { device } = spec;
  let told: SourceOutput | undefined;

  async function tellControls(): Promise<void> {
    told?.controls?.(parseControls(await ctl(device, ["--list-ctrls-menus"], program)));
  }

  async function set(values: Readonly<Record<string, ControlValue>>): Promise<void> {
    const known = parseControls(await ctl(device, ["--list-ctrls-menus"], program));
    const settings = Object.entries(values).map(([name, value]) =>
      `${name}=${resolveControl(known, name, value)}`
    );
    if (settings.length > 0) await ctl(device, ["-c", settings.join(",")], program);
  }

  return {
    // Cameras of H.264 are read as they are; ffmpeg writes MPEG-TS: told by the first bytes.
    format: "sniff",
    reliable: true,
    async run(out, signal): Promise<void> {
      told = out;
      const modes = parseFormats(await ctl(device, ["--list-formats-ext"], program));
      const mode = chooseMode(modes, spec);
      await set(spec.controls);
      await tellControls();
      if (signal.aborted) return;
      if (mode.format === "h264" && !spec.microphone && spec.encoder === undefined) {
        await setMode(spec, { mode, out, program });
        return await captureH264({ device, program }, { out, signal });
      }
      await encode(spec, { mode, out, signal });
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

  /** Where the driver can; a camera that cannot has key pictures of its own. */
  async function askForKeyPicture(): Promise<void> {
    const known = parseControls(await ctl(device, ["--list-ctrls-menus"], program));
    if (!known.some(({ name }) => name === "force_key_frame")) return;
    await ctl(device, ["-c", "force_key_frame=1"], program);
  }
}

/** Sets size and rate, and reads back what the driver made of them. */
async function setMode(
  { device }: V4l2Spec,
  { mode, out, program }: {
    readonly mode: ChosenMode;
    readonly out: SourceOutput;
    readonly program: string;
  },
): Promise<void> {
  const { width, height, format, fps } = mode;
  await ctl(device, [
    `--set-fmt-video=width=${width},height=${height},pixelformat=${FOUR_CC[format]}`,
    ...(fps === undefined ? [] : [`--set-parm=${fps}`]),
  ], program);
  const given = await ctl(device, ["--get-fmt-video"], program);
  const size = /Width\/Height\s*:\s*(\d+)\/(\d+)/.exec(given);
  if (size && (Number(size[1]) !== width || Number(size[2]) !== height)) {
    out.note(`The camera gives ${size[1]}x${size[2]}, not ${width}x${height}`);
  }
}

/** Tries the encoders that may be here, the best first. */
async function encode(
  spec: V4l2Spec,
  { mode, out, signal }: {
    readonly mode: ChosenMode;
    readonly out: SourceOutput;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { device, bitrate, microphone } = spec;
  const encoders: readonly (Encoder | undefined)[] = mode.format === "h264" &&
      spec.encoder === undefined
    ? [undefined]
    : spec.encoder !== undefined
    ? [spec.encoder]
    : ENCODERS.filter(isHere);
  for (const encoder of encoders) {
    if (encoder === "x264") {
      out.note(
        `The camera gives ${mode.format}, of which the processor makes H.264: a camera that makes it itself costs next to nothing`,
      );
    }
    try {
      return await captureByFfmpeg({ device, mode, encoder, bitrate, microphone }, { out, signal });
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
  parse,
  equip: (spec, { audio, controls }) => ({
    ...withMicrophone(spec, audio),
    controls: { ...spec.controls, ...controls },
  }),
  open: (spec) => openV4l2(spec),
};
