/**
 * `v4l2-ctl`, asked something: its answer, or why there is none in a sentence. Streams nothing.
 *
 * @module
 */

import { explainBy, type Meaning } from "../explain.ts";
import { SourceError } from "../source.ts";

/** The program; also the permission that a source needs. */
export const V4L2_CTL = "v4l2-ctl";
/** What to do where it is missing. */
export const INSTALL = "install the package v4l-utils";
/** A camera that answers nothing for so long hangs. */
const LIMIT_MS = 8_000;

/** What a driver's refusal means. `device` is as it was written. */
export function meaningsFor(device: string): readonly Meaning[] {
  return [
    [
      /Cannot open device|No such file or directory|No such device/i,
      `no such device: ${device} is not there; plug the camera in, and see --list`,
    ],
    [
      /Operation not permitted/i, // of a device that systemd keeps from the service: DeviceAllow=
      `the service may not open ${device}: sudo /opt/rill/install.sh --devices allows what the configuration names`,
    ],
    [
      /Permission denied/i,
      `permission denied: add the user that the relay runs as to the group video, for ${device}`,
    ],
    [
      /Device or resource busy/i,
      `busy: another program, or another stream of this relay, has ${device}; end it`,
    ],
    [
      /No space left on device/i,
      `the USB has no room for this: take MJPEG or a smaller size, or plug ${device} into another port`,
    ],
    [
      /Unable to detect what device|Inappropriate ioctl|Not a video capture device|not support (video )?capture/i,
      `${device} gives no pictures: one camera has several devices, and --list tells which is the right one`,
    ],
    [
      /Input\/output error|Protocol error|Connection timed out/i,
      `${device} has failed: plug it in anew`,
    ],
  ];
}

/** What is said of a camera that ended without a word. */
export function stopped(device: string): string {
  return `${device} has stopped giving pictures: is it still plugged in?`;
}

/** What is said of one that is there and gives nothing: a stalled webcam, a capture card without a signal. */
export function silent(device: string): string {
  return `${device} gives no pictures: plug it in anew, or see to it that something comes in at its input`;
}

/** How {@link ctl} asks. */
export interface CtlOptions {
  /** Tests bring their own. */
  readonly program?: string;
  /** Nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** What a refusal of this means, before what it means of any. */
  readonly meanings?: readonly Meaning[];
  /** Tests wait less. */
  readonly limitMs?: number;
}

/**
 * Runs `v4l2-ctl -d DEVICE …`.
 * @returns what it printed.
 * @throws {SourceError} also when `signal` aborts.
 */
export async function ctl(
  device: string,
  args: readonly string[],
  { program = V4L2_CTL, signal, meanings = [], limitMs = LIMIT_MS }: CtlOptions = {},
): Promise<string> {
  const limit = AbortSignal.timeout(limitMs);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  const answer = await output(program, ["-d", device, ...args], either);
  if (signal?.aborted) throw new SourceError(`${device} is not asked any more`);
  if (!answer || limit.aborted) {
    const seconds = Math.round(limitMs / 1000);
    throw new SourceError(`${device} did not answer within ${seconds} s: plug it in anew`);
  }
  const [text, errors] = [answer.stdout, answer.stderr].map((each) =>
    new TextDecoder().decode(each)
  ) as [string, string];
  const { code } = answer;
  if (code === 0 && !/failed|Cannot open|returned -1/.test(errors)) return text;
  // What the driver refuses stands in its standard output.
  const refused = text.split("\n").filter((line) => / failed: | returned -1 /.test(line));
  const lines = [...refused, ...errors.split("\n").filter((line) => line.trim() !== "")];
  const known = explainBy([...meanings, ...meaningsFor(device)], lines);
  throw new SourceError(
    known ?? `${device}: ${lines.at(-1)?.trim() ?? `${program} ended with ${code}`}`,
  );
}

/** @returns `undefined` when `signal` aborts: a program that waits for a driver may not end then. */
async function output(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Deno.CommandOutput | undefined> {
  if (signal.aborted) return undefined;
  const given = Promise.withResolvers<undefined>();
  signal.addEventListener("abort", () => given.resolve(undefined));
  try {
    const command = new Deno.Command(program, { args: [...args], stdin: "null", signal });
    return await Promise.race([command.output(), given.promise]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new SourceError(`there is no program ${program} on this machine: ${INSTALL}`);
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw new SourceError(
        `the relay was started without leave to run ${program}: start it again`,
      );
    }
    throw error;
  }
}
