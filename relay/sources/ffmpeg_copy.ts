/**
 * An input that `ffmpeg` reads and passes on as it is, in MPEG-TS: for protocols that Rill does not speak itself. Which
 * input, and what its failures mean, is the driver's to say.
 *
 * @module
 */

import { explainBy, type Meaning } from "./explain.ts";
import { runProcess } from "./process.ts";
import { GUARD_PROGRAM } from "./process_group.ts";
import type { SourceOutput } from "./source.ts";

/** The program. */
export const FFMPEG = "ffmpeg";
/** One that waits for a camera writes nothing, and would outlast a relay that is killed; Windows has no guard against that. */
const isGuarded = Deno.build.os !== "windows";
/** What a source needs leave to run. */
export const COPY_PROGRAMS: readonly string[] = isGuarded ? [FFMPEG, GUARD_PROGRAM] : [FFMPEG];

/** What ffmpeg says of its own haste, of what it has said, and when it is ended before anything came: no reason of anything. */
export const NO_REASON =
  /^Finishing stream \d|^Exiting normally|Thread message queue blocking|Last message repeated|frame size not set|Guessed Channel Layout|Non-monotonous DTS|deprecated pixel format used|Output file is empty|Nothing was written into output file/;

/** What becomes of the sound: passed on, made AAC (where it is what no browser plays), or left out. */
export const SOUNDS = ["copy", "aac", "none"] as const;
/** One of {@link SOUNDS}. */
export type Sound = (typeof SOUNDS)[number];

/** What is known of the streams is enough to pass them on: little is held back to learn more, and nothing by this flag. */
export const ANALYZE_MICROS = 200_000;
export const HOLD_NOTHING = "nobuffer";

/** What is copied. */
export interface FfmpegInput {
  /** Options and `-i INPUT`. */
  readonly input: readonly string[];
  /** What ffmpeg reads as `pipe:0`. */
  readonly stdin?: string;
  readonly sound: Sound;
  /** As ffmpeg is told it: not to be repeated to anybody. */
  readonly address: string;
  /** What stands for it in sentences. */
  readonly place: string;
  readonly meanings: readonly Meaning[];
  /** Is told each line that ffmpeg writes. */
  line?(line: string): void;
}

/** Runs until the input ends or `signal` aborts; @throws {SourceError} as `runProcess` does. */
export function copyByFfmpeg(
  what: FfmpegInput,
  { out, signal }: { readonly out: SourceOutput; readonly signal: AbortSignal },
): Promise<void> {
  const line = (text: string): void => {
    what.line?.(text);
    const codec = what.sound === "copy" && /\b(pcm_\w+|adpcm_\w+|g72\w+)\b/.exec(text)?.[1];
    if (codec) out.warn("sound", `The sound is ${codec}, which no browser plays: add #audio=aac`);
  };
  return runProcess(
    {
      command: [FFMPEG, ...commandLine(what)],
      group: isGuarded,
      ...(what.stdin === undefined ? {} : { stdin: what.stdin }),
      install: "install the package ffmpeg",
      explain: ({ lines, wasSilent }) => {
        const shown = lines.map((line) =>
          line.replaceAll(what.address, what.place).replaceAll("pipe:0", what.place)
        );
        const known = explainBy(what.meanings, shown);
        if (known !== undefined || wasSilent) return known;
        const last = shown.filter((line) => !NO_REASON.test(line)).at(-1)?.replace(
          /^\[[^\]]*\] /,
          "",
        ).replace(/[.\s]+$/, "");
        return last && `the program ffmpeg cannot read ${what.place}: ${last}`;
      },
    },
    { data: (bytes) => out.data(bytes, out.now()), line },
    signal,
  );
}

function commandLine({ input, sound }: FfmpegInput): string[] {
  return [
    ...["-hide_banner", "-nostdin", "-loglevel", "warning"],
    ...["-analyzeduration", String(ANALYZE_MICROS)],
    ...input,
    ...["-map", "0:v:0?", "-c:v", "copy"],
    ...(sound === "none" ? [] : ["-map", "0:a:0?", "-c:a", sound]),
    // One frame of sound a packet, each written at once; without ffmpeg's 1.4 s of presumed buffering.
    ...["-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1", "-f", "mpegts", "pipe:1"],
  ];
}
