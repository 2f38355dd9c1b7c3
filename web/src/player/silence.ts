/**
 * Silence beside pictures that have no sound in their MediaSource. Chromium's clock follows the sound where there is
 * any, and runs on for seconds where a picture is late but the sound is there (`RendererImpl`, its underflow of video);
 * without sound it stops for a picture that is a few milliseconds late. So there is always silence around the pictures.
 *
 * It is MPEG audio, which a SourceBuffer takes without a container and puts where its offset says, one frame after the
 * other (W3C MPEG Audio Byte Stream Format; "sequence" in Media Source Extensions). Knows nothing of what it lies beside but where
 * that is.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { type AppendTarget, rangesOf } from "./media_buffer.ts";

/** What the silence is, for `addSourceBuffer`. */
export const SILENCE_TYPE = "audio/mpeg";

/** A SourceBuffer whose media stands where this says. */
export interface OffsetTarget extends AppendTarget {
  timestampOffset: number;
  abort(): void;
}

/** MPEG-2 layer III, no checksum, 8 kb/s at 16 kHz, one channel (ISO/IEC 13818-3:1998 §2.4.2.3). */
const HEADER = [0xff, 0xf3, 0x18, 0xc0] as const;
/** Bytes and length (s) of one frame; nothing but zeros after the header is silence: no spectrum is coded. */
const FRAME_BYTES = 36;
const FRAME_S = 576 / 16_000;

/** Browsers round places in a buffer by less than this, s. */
const ROUNDED_S = 0.05;
/** There is silence from this far behind the end of the pictures, s, … */
const BEHIND_S = 3;
/** … to this far beyond it, longer than a browser waits for a picture, … */
const BEYOND_S = 5;
/** … appended in pieces of this length; … */
const PIECE_S = 6;
/** … and what is this much older is removed. */
const KEEP_S = 30;
/** More pieces than this are not needed at once. */
const MOST_APPENDS = 4;

/** Silence, `seconds` of it in whole frames. */
export function silence(seconds: number): Bytes {
  const bytes = new Uint8Array(Math.ceil(seconds / FRAME_S) * FRAME_BYTES);
  for (let at = 0; at < bytes.length; at += FRAME_BYTES) bytes.set(HEADER, at);
  return bytes;
}

/** What it is made of. */
export interface SilenceOptions {
  /** There is to be more and cannot be, so that playing will end; `reason` is a sentence. */
  readonly broke: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** Silence in one SourceBuffer of {@link SILENCE_TYPE}, until the signal ends. */
export class Silence {
  readonly #target: OffsetTarget;
  readonly #options: SilenceOptions;
  readonly #piece = silence(PIECE_S);
  /** Where the newest pictures end, s. */
  #end: number | undefined;
  /** Where the browser puts what is appended next, s; nowhere before it was told. */
  #next = Number.NEGATIVE_INFINITY;
  /** Pieces appended since the pictures' end was last told. */
  #appends = 0;

  constructor(target: OffsetTarget, options: SilenceOptions) {
    this.#target = target;
    this.#options = options;
    target.addEventListener("updateend", () => this.#pump(), { signal: options.signal });
    // The element knows its tracks when each of them has begun.
    target.appendBuffer(silence(FRAME_S));
  }

  /** The newest pictures end here, s. */
  follow(end: number): void {
    this.#end = end;
    this.#appends = 0;
    this.#pump();
  }

  /** Does the next thing that is to be done, if the SourceBuffer is free for it. */
  #pump(): void {
    const end = this.#end;
    if (end === undefined || this.#options.signal.aborted || this.#target.updating) return;
    try {
      this.#keepAround(Math.max(0, end - BEHIND_S), end + BEYOND_S);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      // A source that has broken, or is closed, takes nothing of anything, which its element tells.
      if (error.name === "InvalidStateError") return;
      this.#options.broke(`The browser took no more silence (${error.message}).`);
    }
  }

  #keepAround(from: number, to: number): void {
    const target = this.#target;
    const ranges = rangesOf(target.buffered);
    const here = ranges.find(({ start, end }) => start <= from + ROUNDED_S && end >= from);
    const [first] = ranges;
    const last = ranges.at(-1);
    if (here === undefined || here.end < to) {
      // Where there is none: the beginning, pictures of another timeline, or behind a gap.
      this.#append(here?.end ?? from);
    } else if (first !== undefined && first.start < from - KEEP_S) {
      target.remove(0, from - KEEP_S / 2);
    } else if (last !== undefined && last !== here) {
      target.remove(last.start, Infinity);
    }
  }

  #append(at: number): void {
    // A browser that keeps nothing of it is asked again with the next pictures, not for ever.
    if (this.#appends++ > MOST_APPENDS) return;
    const target = this.#target;
    if (Math.abs(this.#next - at) > ROUNDED_S) {
      target.abort();
      target.timestampOffset = at;
      this.#next = at;
    }
    target.appendBuffer(this.#piece);
    this.#next += (this.#piece.length / FRAME_BYTES) * FRAME_S;
  }
}
