/**
 * `rpicam[:CAMERA][?size=WxH&fps=N&bitrate=N&rotation=0|180]`: a Raspberry Pi's camera, through `rpicam-vid` (which
 * older systems call `libcamera-vid`); with a microphone (`audio:` beside it) that program makes picture and sound of
 * one clock. A microphone that cannot be had takes no picture along.
 *
 * @module
 */

import { withoutLogin } from "../../shared/credentials.ts";
import { explainBy, type Meaning } from "./explain.ts";
import { type Microphone, microphoneMeanings, parseMicrophone } from "./microphone.ts";
import { choose, parseNumber, parseSize, splitSource } from "./options.ts";
import { ProgramMissing, runProcess } from "./process.ts";
import { GUARD_PROGRAM } from "./process_group.ts";
import {
  type Equipment,
  type Scheme,
  type Source,
  SourceError,
  type SourceOutput,
  type SourceSpec,
} from "./source.ts";

/** By age, newest first. */
const PROGRAMS = ["rpicam-vid", "libcamera-vid"] as const;
const MAX_FPS = 240;
const MAX_CAMERA = 9;
const MAX_BITRATE = 50_000_000;
/** Where nothing is said. */
const USUAL_SIZE = { width: 1280, height: 720 };
const USUAL_FPS = 30;
const USUAL_BITRATE = 2_000_000;

/** What {@link openRpicam} needs to know. */
export interface RpicamSpec extends SourceSpec {
  /** As `rpicam-hello --list-cameras` counts them. */
  readonly camera: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Bit/s. */
  readonly bitrate: number;
  readonly rotation: "0" | "180";
  /** The program reads it by itself. */
  readonly microphone?: Exclude<Microphone, { kind: "exec" }>;
}

function parse(text: string): RpicamSpec {
  const { body, options } = splitSource(text, ["size", "fps", "bitrate", "rotation"]);
  const camera = body === "" || body === "rpicam" ? "0" : body;
  if (!/^\d$/.test(camera)) {
    throw new SourceError(
      `no camera in "${withoutLogin(text)}": rpicam:N is a number from 0 to ${MAX_CAMERA}, ` +
        "as rpicam-hello --list-cameras counts them",
    );
  }
  const size = parseSize(text, options.get("size")) ?? USUAL_SIZE;
  return {
    scheme: "rpicam",
    label: text,
    finite: false,
    permissions: { run: [...PROGRAMS, GUARD_PROGRAM] },
    camera: Number(camera),
    ...size,
    fps: parseNumber(text, { key: "fps", value: options.get("fps"), max: MAX_FPS }) ?? USUAL_FPS,
    bitrate:
      parseNumber(text, { key: "bitrate", value: options.get("bitrate"), max: MAX_BITRATE }) ??
        USUAL_BITRATE,
    rotation: choose(text, {
      key: "rotation",
      value: options.get("rotation"),
      choices: ["0", "180"],
    }),
  };
}

function equip(spec: RpicamSpec, { audio, controls }: Equipment): RpicamSpec {
  if (controls !== undefined) throw new SourceError("a source rpicam takes no controls");
  if (audio === undefined) return spec;
  const microphone = parseMicrophone(audio);
  if (microphone.kind === "exec") {
    throw new SourceError(
      "a source rpicam takes its sound from alsa:DEVICE or pulse:SOURCE, not from a command",
    );
  }
  return { ...spec, microphone };
}

/** Opens the camera; nothing is started until it runs. */
export function openRpicam(spec: RpicamSpec): Source {
  return {
    format: spec.microphone ? "sniff" : "h264", // MPEG-TS, or pictures alone
    reliable: true,
    run: async (out, signal) => {
      let missing: unknown;
      for (const program of PROGRAMS) {
        try {
          return await capture(spec, { program, out, signal });
        } catch (error) {
          if (!(error instanceof ProgramMissing)) throw error;
          missing ??= error;
        }
      }
      throw missing;
    },
  };
}

interface Running {
  readonly program: string;
  readonly out: SourceOutput;
  readonly signal: AbortSignal;
}

async function capture(spec: RpicamSpec, running: Running): Promise<void> {
  if (spec.microphone) {
    try {
      return await captureBoth(spec, spec.microphone, running);
    } catch (error) {
      if (!(error instanceof Deaf)) throw error;
      running.out.warn("sound", `The picture goes on without sound: ${error.message}`);
    }
  }
  await captureBy([[...PICTURES, ...FOR_SOFTWARE], PICTURES], { spec, ...running });
}

/** The microphone is what failed, before anything came. */
class Deaf extends SourceError {}

async function captureBoth(
  spec: RpicamSpec,
  microphone: NonNullable<RpicamSpec["microphone"]>,
  running: Running,
): Promise<void> {
  const sound = soundOptions(microphone);
  let came = false;
  let reason: string | undefined;
  try {
    await captureBy([[...sound, "--low-latency"], sound], {
      ...{ spec, ...running },
      came: () => void (came = true),
      explain: (lines) => {
        const heard = lines.some((line) => /audio|alsa|pulse/i.test(line));
        reason = lines.some((line) => UNKNOWN_OPTION.test(line))
          ? "rpicam-vid takes none here: install the package rpicam-apps, not the lite one"
          : heard
          ? explainBy(microphoneMeanings(microphone), lines)
          : undefined;
        return reason;
      },
    });
  } catch (error) {
    if (came || reason === undefined) throw error;
    throw new Deaf(reason, { cause: error });
  }
}

/** Tries one set of options after the other, where the program knows one of them not. */
async function captureBy(
  choices: readonly (readonly string[])[],
  { spec, program, out, signal, came, explain }: Running & {
    readonly spec: RpicamSpec;
    came?(): void;
    explain?(lines: readonly string[]): string | undefined;
  },
): Promise<void> {
  for (const options of choices) {
    let unknown = false;
    try {
      return await runProcess(
        {
          command: [program, ...commandLine(spec), ...options, "-o", "-"],
          group: true,
          install: "it comes with Raspberry Pi OS, in the package rpicam-apps-lite",
          explain: ({ lines }) => {
            unknown = lines.some((line) => UNKNOWN_OPTION.test(line));
            return explain?.(lines) ?? explainBy(MEANINGS, lines);
          },
        },
        {
          data: (bytes) => {
            came?.();
            out.data(bytes, out.now());
          },
          line: (line) => {
            if (/Device timeout detected/.test(line)) {
              out.note("The camera has stopped answering and is set up anew: check its cable");
            }
          },
        },
        signal,
      );
    } catch (error) {
      if (!unknown || options === choices.at(-1)) throw error;
      // An older one, which knows nothing but the hardware's encoder.
    }
  }
}

const UNKNOWN_OPTION = /unrecognised option/;
/** Every picture written at once. */
const PICTURES = ["--codec", "h264", "--flush"];

/** The program's own MPEG-TS, with AAC; the microphone's clock is brought onto the camera's by it. */
function soundOptions({ kind, device }: NonNullable<RpicamSpec["microphone"]>): string[] {
  return [
    ...["--codec", "libav", "--libav-format", "mpegts", "--libav-audio"],
    ...["--audio-source", kind, "--audio-device", device, "--audio-codec", "aac"],
    ...["--audio-bitrate", "96000", "--audio-samplerate", "48000", "--audio-channels", "1"],
    ...["--av-sync", "0"],
  ];
}

/**
 * A Pi 5 has no encoder: `--codec h264` quietly becomes libx264, which without these looks ahead, and does not know
 * what to write to a pipe. Where there is an encoder they change nothing.
 */
const FOR_SOFTWARE = ["--low-latency", "--libav-format", "h264"];

function commandLine({ camera, width, height, fps, bitrate, rotation }: RpicamSpec): string[] {
  return [
    ...["--nopreview", "--timeout", "0", "--camera", String(camera)],
    ...["--width", String(width), "--height", String(height), "--framerate", String(fps)],
    ...["--bitrate", String(bitrate), "--rotation", rotation],
    // A key picture a second, each with its parameter sets.
    ...["--intra", String(Math.max(1, Math.round(fps))), "--inline"],
  ];
}

const MEANINGS: readonly Meaning[] = [
  [
    /no cameras available|selected camera is not available/i,
    "no such camera: push its ribbon cable home, and see what rpicam-hello --list-cameras says",
  ],
  [
    /failed to acquire camera|in use by another process|Device or resource busy/i,
    "busy: another program, or another stream of this relay, has the camera; end it",
  ],
  [
    /Permission denied/i,
    "permission denied: add the user that the relay runs as to the group video",
  ],
  [
    /V4L2 H264 encoder|Unable to find an appropriate H\.?264 codec|cannot allocate output context/i,
    "there is no H.264 encoder here: install the package rpicam-apps, whose rpicam-vid brings one in software",
  ],
  [
    /unrecognised option/i,
    "this machine's rpicam-vid is too old: bring Raspberry Pi OS up to date",
  ],
];

/** The row of the scheme table. */
export const rpicam: Scheme<RpicamSpec> = { parse, equip, open: openRpicam };
