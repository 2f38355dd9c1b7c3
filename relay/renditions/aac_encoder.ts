/**
 * One run of ffmpeg that turns fragments of sound into AAC frames, as they come. Knows no pictures and no clock: frames
 * follow each other without a gap, as what is given must.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { AudioTrack } from "../../shared/media.ts";
import { type Micros, micros } from "../../shared/units.ts";
import { aac, type AacSetUp, aacTrack } from "../codecs/aac.ts";
import { opusTrack } from "../codecs/opus.ts";
import { type Ffmpeg, startFfmpeg } from "../ffmpeg.ts";
import { writeInitSegment } from "../fmp4/init_segment.ts";

/** Sound in a frame, and as much of it before the first: the encoder's own start (14496-3 §4.B.2.2). */
export const FRAME_SAMPLES = 1024;
/** ffmpeg takes sound many times faster than it comes: more that waits means that it hangs. */
const MAX_WAITING_BYTES = 1 << 20;
const BITS_PER_SECOND = 128_000;
const MAX_CHANNELS = 2;

/** AAC-LC at 48 kHz, as Opus is counted. */
function setUp({ channels }: AudioTrack): AacSetUp {
  return { objectType: 2, rateIndex: 3, channelConfiguration: Math.min(channels, MAX_CHANNELS) };
}

/** The track that sound of `track` becomes. */
export function inAac(track: AudioTrack): AudioTrack {
  return { ...aacTrack(setUp(track)), id: track.id };
}

/** Where frames go. */
export interface EncoderOutput {
  /** A raw frame, lent for the call. */
  frame(frame: Uint8Array): void;
  /** It has ended by itself; `reason` is a sentence without its full stop. */
  ended(reason: string): void;
}

/** One run. */
export class AacEncoder implements Disposable {
  readonly #stop = new AbortController();
  readonly #ffmpeg: Ffmpeg;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #out: EncoderOutput;
  #waiting = 0;

  /** Starts it. @throws {NoFfmpegError} */
  constructor(track: AudioTrack, out: EncoderOutput) {
    this.#out = out;
    this.#ffmpeg = startFfmpeg({
      args: [
        // Not `-fflags nobuffer`: what ffmpeg reads to learn of the stream would be missing in it.
        ...["-f", "mp4", "-i", "pipe:0"],
        ...["-c:a", "aac", "-b:a", String(BITS_PER_SECOND)],
        ...["-ac", String(Math.min(track.channels, MAX_CHANNELS)), "-ar", "48000"],
        ...["-flush_packets", "1", "-f", "adts", "pipe:1"],
      ],
      stdin: "piped",
      stdout: "piped",
      live: true,
      signal: this.#stop.signal,
    });
    this.#input = this.#ffmpeg.child.stdin.getWriter();
    // Entered in the middle, nothing of it is to be skipped.
    const { config } = opusTrack(track.channels);
    this.write(writeInitSegment([{ ...track, config }]));
    void this.#read();
  }

  /** The next fragment, which is not changed. */
  write(fragment: Bytes): void {
    if (this.#stop.signal.aborted) return;
    this.#waiting += fragment.length;
    if (this.#waiting > MAX_WAITING_BYTES) return this.#end("ffmpeg takes no more sound");
    this.#input.write(fragment).then(
      () => void (this.#waiting -= fragment.length),
      () => undefined, // it has ended: #read tells why
    );
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #read(): Promise<void> {
    const { child, ended } = this.#ffmpeg;
    const reader = aac.open({
      config: () => undefined,
      sample: ({ units: [frame] }) => {
        if (frame && !this.#stop.signal.aborted) this.#out.frame(frame);
      },
      unreadable: () => undefined,
      undecodable: () => undefined,
      refused: () => undefined,
    });
    let time: number | undefined = 0; // frames without one are none to the reader
    for await (const bytes of child.stdout) {
      reader.packet(bytes, time, undefined, NO_TIME);
      time = undefined;
    }
    this.#end(await ended ?? "ffmpeg has ended");
  }

  #end(reason: string): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#out.ended(reason);
  }
}

const NO_TIME: Micros = micros(0);
