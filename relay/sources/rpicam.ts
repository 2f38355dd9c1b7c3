/**
 * `rpicam[:CAMERA][?size=WxH&fps=N&bitrate=N&rotation=0|180]`: a Raspberry Pi's camera, through `rpicam-vid` (which
 * older systems call `libcamera-vid`). Picture only.
 *
 * @module
 */

import { explainBy, type Meaning } from "./explain.ts";
import { choose, parseNumber, parseSize, splitSource } from "./options.ts";
import { ProgramMissing, runProcess } from "./process.ts";
import {
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
}

function parse(text: string): RpicamSpec {
  const { body, options } = splitSource(text, ["size", "fps", "bitrate", "rotation"]);
  const camera = body === "" || body === "rpicam" ? "0" : body;
  if (!/^\d$/.test(camera)) {
    throw new SourceError(
      `no camera "${camera}" in "${text}": rpicam:N is a number from 0 to ${MAX_CAMERA}, ` +
        "as rpicam-hello --list-cameras counts them",
    );
  }
  const size = parseSize(text, options.get("size")) ?? USUAL_SIZE;
  return {
    scheme: "rpicam",
    label: text,
    finite: false,
    permissions: { run: [...PROGRAMS] },
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

/** Opens the camera; nothing is started until it runs. */
export function openRpicam(spec: RpicamSpec): Source {
  return {
    format: "h264",
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

async function capture(spec: RpicamSpec, { program, out, signal }: Running): Promise<void> {
  for (const options of [FOR_SOFTWARE, []]) {
    let unknown = false;
    try {
      return await runProcess(
        {
          command: [program, ...commandLine(spec), ...options, "-o", "-"],
          install: "it comes with Raspberry Pi OS, in the package rpicam-apps-lite",
          explain: ({ lines }) => {
            unknown = lines.some((line) => /unrecognised option/.test(line));
            return explainBy(MEANINGS, lines);
          },
        },
        {
          data: (bytes) => out.data(bytes, out.now()),
          line: (line) => {
            if (/Device timeout detected/.test(line)) {
              out.note("The camera has stopped answering and is set up anew: check its cable");
            }
          },
        },
        signal,
      );
    } catch (error) {
      if (!unknown || options.length === 0) throw error;
      // An older one, which knows nothing but the hardware's encoder.
    }
  }
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
    ...["--codec", "h264", "--bitrate", String(bitrate), "--rotation", rotation],
    // A key picture a second, each with its parameter sets; every picture written at once.
    ...["--intra", String(Math.max(1, Math.round(fps))), "--inline", "--flush"],
  ];
}

const MEANINGS: readonly Meaning[] = [
  [
    /no cameras available|selected camera is not available/i,
    "no such camera: push its ribbon cable home, and see what rpicam-hello --list-cameras says",
  ],
  [
    /failed to acquire camera|in use by another process|Device or resource busy/i,
    "busy: another program has the camera; end it",
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
export const rpicam: Scheme<RpicamSpec> = { parse, open: openRpicam };
