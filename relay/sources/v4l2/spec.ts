/**
 * What is written of a camera of Linux's, read: `v4l2:` with its options. Opens nothing.
 *
 * @module
 */

import type { ControlValue } from "../../../shared/api.ts";
import { hideSecretArguments } from "../../../shared/credentials.ts";
import { FFMPEG } from "../ffmpeg_copy.ts";
import { choose, parseNumber, parseSize, splitSource } from "../options.ts";
import { GUARD_PROGRAM } from "../process_group.ts";
import { SourceError, type SourceSpec } from "../source.ts";
import { V4L2_CTL } from "./ctl.ts";
import { type Encoder, ENCODER_DEVICES, ENCODERS } from "./encoder.ts";
import { CAMERA_FORMATS, type CameraFormat } from "./format_list.ts";
import { UNBUFFER } from "./h264_camera.ts";
import { type Microphone, parseMicrophone } from "../microphone.ts";
import { SOUND_CODECS, type SoundCodec } from "./sound.ts";

const MAX_FPS = 1000;
const USUAL_BITRATE = 4_000_000;
const MAX_BITRATE = 100_000_000;
/** A camera's own name has whatever its maker wrote into it, `Microsoft®` for one, but for blanks (udev's are `_`). */
const DEVICE = /^\/dev\/[^\s\p{Cc}?]+$/u;
/** What `openV4l2` needs to know. */
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
  readonly sound: SoundCodec;
  readonly controls: Readonly<Record<string, ControlValue>>;
}

/** Reads the text; @throws {SourceError} */
export function parseV4l2(text: string): V4l2Spec {
  const label = hideSecretArguments(text); // sound may come from a command
  const keys = ["size", "fps", "format", "encoder", "bitrate", "audio", "sound"];
  const { body, options } = splitSource(text, keys);
  if (!DEVICE.test(body) || body.split("/").includes("..")) {
    throw new SourceError(`no camera in "${label}": write v4l2:/dev/video0, and see --list`);
  }
  const size = parseSize(label, options.get("size"));
  const audio = options.get("audio");
  const format = choose(label, {
    key: "format",
    value: options.get("format"),
    choices: ["auto", ...CAMERA_FORMATS],
  });
  const encoder = choose(label, {
    key: "encoder",
    value: options.get("encoder"),
    choices: ["auto", ...ENCODERS],
  });
  return withMicrophone({
    scheme: "v4l2",
    label,
    finite: false,
    makesKeyPictures: true,
    permissions: {},
    device: body,
    width: size?.width,
    height: size?.height,
    fps: parseNumber(label, { key: "fps", value: options.get("fps"), max: MAX_FPS }),
    format: format === "auto" ? undefined : format,
    encoder: encoder === "auto" ? undefined : encoder,
    bitrate:
      parseNumber(label, { key: "bitrate", value: options.get("bitrate"), max: MAX_BITRATE }) ??
        USUAL_BITRATE,
    microphone: undefined,
    sound: choose(label, { key: "sound", value: options.get("sound"), choices: SOUND_CODECS }),
    controls: {},
  }, audio);
}

/** With the microphone that the configuration names, or the text. @throws {SourceError} */
export function withMicrophone(spec: V4l2Spec, audio: string | undefined): V4l2Spec {
  const microphone = audio === undefined ? spec.microphone : parseMicrophone(audio);
  return {
    ...spec,
    microphone,
    ownFormat: microphone !== undefined,
    permissions: {
      run: [V4L2_CTL, UNBUFFER, FFMPEG, GUARD_PROGRAM],
      read: Object.values(ENCODER_DEVICES), // whether they are there
    },
  };
}
