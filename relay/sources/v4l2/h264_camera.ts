/**
 * A camera that makes H.264 itself, through `v4l2-ctl` alone: whole frames with the times they were taken. Sets nothing
 * up; format and controls are `v4l2.ts`'s.
 *
 * @module
 */

import { concatBytes } from "../../../shared/bytes.ts";
import type { Micros } from "../../../shared/units.ts";
import { explainBy } from "../explain.ts";
import type { PictureOutput } from "../joint.ts";
import { runProcess } from "../process.ts";
import { SourceError } from "../source.ts";
import { CaptureTimes } from "./capture_times.ts";
import { ctl, INSTALL, meaningsFor, silent, stopped, V4L2_CTL } from "./ctl.ts";
import { FramedOutput } from "./framed_output.ts";

/** Writes each frame at once: a program's own buffer would hold its tail back until the next. */
export const UNBUFFER = "stdbuf";
/** The line that tells when a frame was taken comes just after it, on another pipe: so long until none is expected, … */
const FIRST_LINE_MS = 100;
/** … and once there are lines: a busy machine may write or read one that late. */
const LINE_MS = 500;
/** Frames that wait for their lines: as many as those of {@link LINE_MS} at any rate a camera has. */
const MAX_WAITING = 64;
const BUFFERS = 4;
/** So much without a frame in it is no camera's. */
const MAX_LOST_BYTES = 64 * 1024;

/** What runs. */
export interface H264Camera {
  readonly device: string;
  readonly program: string;
}

/** Captures until `signal` aborts. @throws {SourceError} */
export async function captureH264(
  { device, program }: H264Camera,
  { out, signal }: { readonly out: PictureOutput; readonly signal: AbortSignal },
): Promise<void> {
  const times = new CaptureTimes();
  const delivery = new Delivery(out, times);
  let came = false;
  const framed = new FramedOutput((frame) => {
    came = true;
    delivery.frame(frame);
  });
  let isMute = false;
  const garbage = new AbortController();
  try {
    await runProcess(
      {
        command: [
          UNBUFFER,
          ...["-o0", program, "-d", device, "--verbose"],
          ...[`--stream-mmap=${BUFFERS}`, "--stream-count=0", "--stream-to-hdr=-"],
        ],
        name: V4L2_CTL,
        install: INSTALL,
        group: true,
        endless: true,
        explain: ({ code, lines, wasSilent }) => {
          const said = lines.filter((line) => !/cap dqbuf|^[<>KPB\s.\d]*$|\bfps\b/.test(line));
          const known = explainBy(meaningsFor(device), said);
          const last = said.at(-1)?.replace(/[.\s]+$/, "");
          if (known === undefined && wasSilent) return silent(device);
          if (known === undefined && code === 0) {
            isMute = !came;
            return stopped(device);
          }
          return known ?? (last ? `${device}: ${last}` : undefined);
        },
      },
      {
        data: (bytes) => {
          framed.push(bytes);
          if (framed.lost > MAX_LOST_BYTES) garbage.abort();
        },
        line: (line) => {
          times.line(line);
          delivery.told();
        },
      },
      AbortSignal.any([signal, garbage.signal]),
    );
  } catch (error) {
    // What writes pictures to its standard output keeps to itself why it cannot begin: asked for one without, it says so.
    if (isMute) {
      await ctl(device, [`--stream-mmap=${BUFFERS}`, "--stream-count=1"], { program, signal });
    }
    throw error;
  } finally {
    delivery.end();
  }
  if (signal.aborted || !garbage.signal.aborted) return;
  throw new SourceError(
    `${device}: what ${V4L2_CTL} writes is no video: bring the package v4l-utils up to date`,
  );
}

/** A frame, and when it came. */
interface Waiting {
  readonly bytes: Uint8Array;
  readonly now: Micros;
}

/** Frames that wait for the lines that tell their times. */
class Delivery {
  readonly #out: PictureOutput;
  readonly #times: CaptureTimes;
  readonly #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** None came when it should have: this program writes no lines, until it does. */
  #deaf = false;
  /** Parameter sets that came in a buffer of their own (bcm2835), to go before the next picture. */
  #prefix: Uint8Array<ArrayBuffer> | undefined;

  constructor(out: PictureOutput, times: CaptureTimes) {
    this.#out = out;
    this.#times = times;
  }

  frame(frame: Uint8Array): void {
    this.#waiting.push({ bytes: new Uint8Array(frame), now: this.#out.now() });
    if (this.#waiting.length > MAX_WAITING) this.#next();
    this.told();
  }

  /** A line came, or a frame that may have its line. */
  told(): void {
    if (this.#times.heard) this.#deaf = false;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      if (!this.#deaf && !this.#times.knows(first.bytes.length)) break;
      this.#next();
    }
    if (this.#waiting.length === 0) return;
    const patience = this.#times.heard ? LINE_MS : FIRST_LINE_MS;
    this.#timer ??= setTimeout(() => this.#late(), patience);
  }

  end(): void {
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0) this.#next();
  }

  #late(): void {
    this.#timer = undefined;
    this.#deaf = !this.#times.heard;
    while (this.#waiting.length > 0) this.#next();
  }

  #next(): void {
    const frame = this.#waiting.shift();
    if (!frame) return;
    clearTimeout(this.#timer); // each waits its own time
    this.#timer = undefined;
    const isPicture = holdsPicture(frame.bytes);
    const at = this.#times.of(frame.bytes.length, { now: frame.now, isPicture });
    if (!isPicture) {
      this.#prefix = new Uint8Array(frame.bytes);
      return;
    }
    const whole = this.#prefix ? concatBytes([this.#prefix, frame.bytes]) : frame.bytes;
    this.#prefix = undefined;
    this.#out.data(whole, at);
    this.#out.endOfFrame();
  }
}

/** Whether there is a slice in it (ISO/IEC 14496-10 table 7-1); its beginning tells. */
function holdsPicture(frame: Uint8Array): boolean {
  for (let at = 0; at + 3 < frame.length; at++) {
    if (frame[at] !== 0 || frame[at + 1] !== 0 || frame[at + 2] !== 1) continue;
    const type = (frame[at + 3] ?? 0) & 0x1f;
    if (type >= 1 && type <= 5) return true;
    at += 3;
  }
  return false;
}
