/**
 * A camera's microphone, through ffmpeg: AAC or Opus on the wall clock, for as long as the camera is on. What ends the sound
 * does not end the picture: it is said, and the microphone is tried again.
 *
 * @module
 */

import { explainBy } from "../explain.ts";
import { FFMPEG, NO_REASON } from "../ffmpeg_copy.ts";
import type { JointOutput } from "../joint.ts";
import { type ProcessOptions, runProcess } from "../process.ts";
import { sleep } from "../../../shared/sleep.ts";
import { SourceError, type SourceOutput } from "../source.ts";
import { LateSound, leaveOutLate, tellsOfLateSound } from "./late_sound.ts";
import { type Microphone, microphoneInput, microphoneMeanings, nameOf } from "../microphone.ts";

/** What sound is made, the one that plays everywhere first. */
export const SOUND_CODECS = ["aac", "opus"] as const;
export type SoundCodec = (typeof SOUND_CODECS)[number];

/** A microphone that is not there may be plugged in: tried again after so long, and up to half as long again. */
const RETRY_MS = 3_000;

const ENCODINGS: Readonly<Record<SoundCodec, readonly string[]>> = {
  aac: ["-c:a", "aac", "-b:a", "96k"],
  opus: ["-c:a", "libopus", "-b:a", "64k", "-application", "lowdelay", "-frame_duration", "20"],
};

/** Samples that an encoder takes at a time; of Opus, at its highest rate (at a lower one they are several times as many). */
const FRAMES: Readonly<Record<SoundCodec, number>> = { aac: 1024, opus: 960 };

/** Evenly, though its times are those at which it was heard; read from a pipe, it was heard a packet's length earlier. */
const EVENLY = "aresample=async=1000";
const TIMES: Readonly<Record<Microphone["kind"], string>> = {
  alsa: EVENLY,
  pulse: EVENLY,
  exec: `asetpts=PTS-NB_SAMPLES/SR/TB,${EVENLY}`,
};

/** What is listened to. */
export interface SoundSource {
  readonly microphone: Microphone;
  readonly codec: SoundCodec;
  /** Tests bring their own. */
  readonly program?: string;
  readonly retryMs?: number;
}

/** Where it goes. */
export interface SoundTaker {
  readonly joint: JointOutput;
  readonly out: Pick<SourceOutput, "note" | "warn">;
}

/** Listens until `signal` aborts. Never rejects for what befalls the microphone. */
export async function keepListening(
  source: SoundSource,
  { joint, out }: SoundTaker,
  signal: AbortSignal,
): Promise<void> {
  let isAmiss = false;
  const began = (): void => {
    if (!isAmiss) return;
    isAmiss = false;
    out.warn("sound", undefined);
    out.note("The sound is back");
  };
  while (!signal.aborted) {
    let came = false;
    try {
      using late = new LateSound(out);
      await runProcess(processOf(source), {
        data: (bytes) => {
          if (!came) began();
          came = true;
          joint.sound(bytes);
        },
        line: (line) => late.line(line),
      }, signal);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      isAmiss = true;
      out.warn("sound", `The picture goes on without sound: ${error.message}`);
    }
    if (came) joint.soundEnd();
    await sleep((source.retryMs ?? RETRY_MS) * (1 + Math.random() / 2), signal);
  }
}

/** ffmpeg's arguments. Exported for tests. */
export function soundArguments({ microphone, codec }: SoundSource): string[] {
  return [
    ...["-hide_banner", "-loglevel", "warning", "-fflags", "nobuffer"],
    ...(microphone.kind === "exec" ? [] : ["-nostdin"]),
    "-copyts", // the wall clock's times stay what they are
    ...microphoneInput(microphone),
    ...["-map", "0:a:0", "-af", `${TIMES[microphone.kind]},${leaveOutLate(FRAMES[codec])}`],
    ...[...ENCODINGS[codec], "-ac", "1"],
    // One frame a packet, each written at once; without ffmpeg's 1.4 s of presumed buffering.
    ...["-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1", "-f", "mpegts", "pipe:1"],
  ];
}

function processOf(source: SoundSource): ProcessOptions {
  const { microphone, program = FFMPEG } = source;
  const ffmpeg: [string, ...string[]] = [program, ...soundArguments(source)];
  return {
    command: microphone.kind === "exec" ? piped(microphone.command, ffmpeg) : ffmpeg,
    group: true,
    endless: true,
    install: "install the package ffmpeg, which makes the sound what browsers play",
    explain: ({ code, lines, wasSilent }) => {
      const known = explainBy(microphoneMeanings(microphone), lines);
      if (known !== undefined) return known;
      if (code === 0 && !wasSilent) return `${nameOf(microphone)} has ended`;
      const last = wasSilent
        ? undefined
        : lines.filter((line) => !NO_REASON.test(line) && !tellsOfLateSound(line)).at(-1);
      if (last === undefined) {
        return lines.some(tellsOfLateSound)
          ? `this machine is too slow for ${nameOf(microphone)}`
          : `${nameOf(microphone)} gives no sound`;
      }
      return `${nameOf(microphone)}: ${last.replace(/^\[[^\]]*\] /, "").replace(/[.\s]+$/, "")}`;
    },
  };
}

/** One end of a pipe is the program's, and both end together. */
function piped(
  command: readonly string[],
  ffmpeg: readonly string[],
): [string, ...string[]] {
  const quote = (words: readonly string[]): string =>
    words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return ["sh", "-c", `${quote(command)} | ${quote(ffmpeg)}`];
}
