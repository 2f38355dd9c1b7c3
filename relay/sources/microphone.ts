/**
 * Where a camera's sound comes from, as the configuration has it: `alsa:DEVICE`, `pulse:SOURCE`, or `exec:COMMAND`, a program
 * that writes sound ffmpeg knows to its standard output. Opens nothing.
 *
 * @module
 */

import { splitCommand } from "./command_line.ts";
import type { Meaning } from "./explain.ts";
import { SourceError } from "./source.ts";

/** A microphone. */
export type Microphone =
  | { readonly kind: "alsa" | "pulse"; readonly device: string }
  | { readonly kind: "exec"; readonly command: readonly [string, ...string[]] };

/** Packets that wait in ffmpeg: a machine that is too slow loses sound rather than playing it ever later. */
const QUEUED = 64;

/** Reads one. @throws {SourceError} */
export function parseMicrophone(text: string): Microphone {
  const [, kind, rest = ""] = /^(alsa|pulse|exec):(.*)$/s.exec(text) ?? [];
  if (kind === "exec") return { kind, command: splitCommand(rest) };
  if ((kind === "alsa" || kind === "pulse") && /^[\w.:,=@+-]+$/.test(rest)) {
    return { kind, device: rest };
  }
  throw new SourceError(
    `"${
      text.slice(0, 100)
    }" is no microphone: write alsa:plughw:1,0, pulse:default or exec:COMMAND`,
  );
}

/**
 * ffmpeg's input options. ALSA and PulseAudio say how much sound waits in them: ffmpeg takes that off, and stamps the moment
 * at which it was heard. Of a pipe only the moment is known at which it was read.
 */
export function microphoneInput(microphone: Microphone): string[] {
  const queue = ["-thread_queue_size", String(QUEUED)];
  return microphone.kind === "exec"
    ? [...queue, "-use_wallclock_as_timestamps", "1", "-i", "pipe:0"]
    : [...queue, "-f", microphone.kind, "-i", microphone.device];
}

/** What it is called in sentences. */
export function nameOf(microphone: Microphone): string {
  return microphone.kind === "exec"
    ? `the sound of ${microphone.command[0]}`
    : `the microphone ${microphone.kind}:${microphone.device}`;
}

/** What its failures mean. */
export function microphoneMeanings(microphone: Microphone): readonly Meaning[] {
  const name = nameOf(microphone);
  if (microphone.kind === "pulse") {
    return [
      [/Unknown input format/i, `this ffmpeg knows no PulseAudio: write alsa:DEVICE, see --list`],
      [
        /No such process|No such device or address|Connection refused|Permission denied/i,
        `${name} cannot be had: is PulseAudio running, for the user that the relay runs as?`,
      ],
      [/Input\/output error/i, `${name} is not there: see pactl list short sources`],
      [/Generic error in an external library/i, `${name} is gone: PulseAudio has ended`],
    ];
  }
  return [
    [
      /cannot open audio device .*No such (file|device)/i,
      // ALSA says the same of a card that this user may not open.
      `${name} is not there, or may not be opened: see arecord -l, and add the user that the relay runs as to the group ` +
      "audio (a service: sudo /opt/rill/install.sh --devices)",
    ],
    [
      /pipe:0.*Invalid data/i,
      `${name} is nothing that ffmpeg knows, or has ended before any came: run it by itself, it writes for example WAV`,
    ],
    [
      /cannot open audio device .*busy/i,
      `${name} is busy: another program, or another stream of this relay, has it; end it`,
    ],
    [
      /cannot open audio device .*(Permission|not permitted)/i,
      `permission denied: add the user that the relay runs as to the group audio, for ${name}`,
    ],
    [
      /cannot set (channel|sample)/i,
      `${name} does not take this rate or number of channels: write alsa:plughw:… instead of alsa:hw:…`,
    ],
    [/No such device/i, `${name} was unplugged`],
  ];
}
