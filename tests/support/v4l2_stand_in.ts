/**
 * A program that behaves as `v4l2-ctl` does, as far as the relay can see: for tests on machines without a camera. It knows
 * one, `/dev/video0` until it is plugged in anew, which makes H.264, and remembers its controls.
 *
 * @module
 */

import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CameraFrame, writeRecording } from "./v4l2_recording.ts";

/** How it behaves. */
export interface V4l2StandInOptions {
  readonly fps?: number;
  /** Frames after which it ends; 0: none. */
  readonly frames?: number;
  /** It does not end after them, and gives no more: it sleeps for so many seconds. */
  readonly hangs?: string;
  /** What it does when it is first to stream, in a shell's words; from the second time on it behaves. */
  readonly first?: string;
  /** Parameter sets come in buffers of their own. */
  readonly setsApart?: boolean;
  /** Streaming ends so: a line on standard error. */
  readonly fails?: string;
  /** It does not begin to stream, says why to nobody who wants the pictures on standard output, and calls that success. */
  readonly begins?: { readonly not: string };
  readonly formats?: string;
  /** Its driver gives so many pictures a second, whatever is asked for. */
  readonly rate?: number;
  /** Its driver knows no rate. */
  readonly takesNoRate?: boolean;
  /** What its driver refuses, as a shell's pattern of the arguments: `-c\\ gain=*`; and in which words. */
  readonly refuses?: readonly [call: string, words: string];
  /** It gives these pictures, at their times, and ends. */
  readonly recording?: readonly CameraFrame[];
  /** When the first of them is taken, ms since the Unix epoch; as soon as it is asked for if not given. */
  readonly startsAt?: number;
}

/** Of a camera that makes H.264. */
export const H264_FORMATS = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
	[1]: 'H264' (H.264, compressed)
		Size: Discrete 320x240
			Interval: Discrete 0.011s (90.000 fps)
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.067s (15.000 fps)
`;

/** As a webcam's driver prints them. */
export const CONTROLS = `
User Controls

                     brightness 0x00980900 (int)    : min=0 max=255 step=5 default=128 value=128 flags=slider
                           mute 0x00980909 (bool)   : default=0 value=0
                           gain 0x00980913 (int)    : min=0 max=255 step=1 default=100 value=16 flags=inactive, volatile
                         string 0x0098f905 (str)    : min=2 max=4 step=1 value='  ' flags=has-payload
      read_only_integer_32_bits 0x0098f90c (int)    : min=0 max=255 step=1 default=0 value=0 flags=read-only

Codec Controls

                   h264_profile 0x00990a6b (menu)   : min=0 max=4 default=4 value=4 (High)
				0: Baseline
				1: Constrained Baseline
				2: Main
				4: High
                force_key_frame 0x00990ae5 (button) : value=0 flags=write-only, execute-on-write
                   integer_menu 0x0098f907 (intmenu): min=1 max=8 default=4 value=4 (5 0x5)
				3: 3 (0x3)
				4: 5 (0x5)
`;

/** The camera's own name, whichever number it has. */
export const STABLE_NAME = "/dev/v4l/by-id/usb-Rill_Camera_01-video-index0";

/** A file beside this one. */
function besides(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}

/** The program, in a folder of its own, until it is disposed of. */
export class V4l2StandIn implements AsyncDisposable {
  /** Where the program is. */
  readonly program: string;
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.program = join(folder, "v4l2-ctl");
  }

  /** What a program has in its environment to find it before any other. */
  get environment(): { readonly PATH: string } {
    return { PATH: `${this.folder}${delimiter}${Deno.env.get("PATH") ?? ""}` };
  }

  static async make(options: V4l2StandInOptions = {}): Promise<V4l2StandIn> {
    const { fps = 90, frames = 0, setsApart = false, fails, formats = H264_FORMATS } = options;
    const { recording, startsAt, rate, takesNoRate, hangs, first, begins } = options;
    const [refused = "", words = ""] = options.refuses ?? [];
    const noRate = `echo "VIDIOC_S_PARM: failed: Inappropriate ioctl for device"; exit 255`;
    const standIn = new V4l2StandIn(await Deno.makeTempDir({ prefix: "rill-v4l2-" }));
    const { folder, program } = standIn;
    await Deno.mkdir(join(folder, "dev"));
    await standIn.plugIn(0);
    await Deno.writeTextFile(join(folder, "formats"), formats);
    await Deno.writeTextFile(join(folder, "controls"), CONTROLS);
    if (recording) await writeRecording(folder, recording, { setsApart });
    const played = recording
      ? [besides("v4l2_playback.ts"), folder, ...(startsAt === undefined ? [] : [startsAt])]
      : [besides("v4l2_stream.ts"), fps, frames, setsApart ? "apart" : "within"];
    const leave = `--allow-read='${folder}'`;
    const playing = played.map((word) => `'${word}'`).join(" ");
    const player = `'${Deno.execPath()}' run --no-check --no-config --no-lock ${leave} ${playing}`;
    const play = hangs === undefined ? `exec ${player}` : `${player}; exec sleep ${hangs}`;
    const script = `#!/bin/sh
echo "$*" >> '${folder}/args'
if [ "$1" = --list-devices ]; then
  for node in '${folder}'/dev/video*; do printf 'Camera (usb-1):\\n\\t%s\\n\\n' "/dev/\${node##*/}"; done
  exit
fi
device=$2; shift 2
if [ ! -e "${folder}$device" ]; then echo "Cannot open device $device, exiting." >&2; exit 1; fi
case "$*" in
  ${refused || "-"}) echo "${words}"; exit 255;; # on its standard output, as the real one does
  --list-formats-ext) cat '${folder}/formats';;
  --list-ctrls-menus) cat '${folder}/controls';;
  --get-fmt-video*) printf 'Format Video Capture:\\n\\tWidth/Height      : %s\\n' "$(cat '${folder}/size')"
    case "$*" in *--get-parm)
      printf 'Streaming Parameters Video Capture:\\n\\tFrames per second: %s.000 (%s/1)\\n' \\
        "$(cat '${folder}/rate')" "$(cat '${folder}/rate')";;
    esac;;
  --set-fmt-video*) echo "$*" | sed 's/.*width=\\([0-9]*\\),height=\\([0-9]*\\).*/\\1\\/\\2/' > '${folder}/size';;
  --set-parm=*) ${
      takesNoRate ? noRate : `echo "${rate ?? "$*"}" | sed 's/.*parm=//' > '${folder}/rate'`
    };;
  -c\\ *) for each in $(echo "$2" | tr , ' '); do
      name=\${each%=*}; value=\${each#*=}
      sed -i "s/^\\( *$name .* value=\\)-\\{0,1\\}[0-9]*/\\1$value/" '${folder}/controls'
    done;;
  ${begins ? "*--stream-to-hdr=-*" : "-"}) ;;
  ${begins ? "--stream-mmap=*" : "-"}) printf '\\t\\t%s\\n' "${begins?.not}" >&2;;
  *stream*)
    if [ -n "${first === undefined ? "" : 1}" ] && [ ! -e '${folder}/streamed' ]; then
      : > '${folder}/streamed'; ${first ?? ":"}
    else ${fails === undefined ? play : `echo "${fails}" >&2; exit 255`}; fi;;
esac
`;
    await Deno.writeTextFile(program, script, { mode: 0o755 });
    return standIn;
  }

  /** The camera is plugged in, as `/dev/videoN` and by its own name. */
  async plugIn(number: number): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/dev/video${number}`, "");
    await Deno.mkdir(`${this.folder}/dev/v4l/by-id`, { recursive: true });
    await Deno.symlink(`../../video${number}`, `${this.folder}${STABLE_NAME}`);
  }

  /** The camera is gone, with all its names. */
  async unplug(number: number): Promise<void> {
    await Deno.remove(`${this.folder}${STABLE_NAME}`);
    await Deno.remove(`${this.folder}/dev/video${number}`);
  }

  /** What it was called with, a line each. */
  async calls(): Promise<string[]> {
    return (await Deno.readTextFile(join(this.folder, "args"))).trim().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
