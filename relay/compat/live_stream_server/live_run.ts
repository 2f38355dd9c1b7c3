/**
 * One run of the encoder behind a client's live stream: pictures and sound in with their times, MPEG-TS out to the
 * stream's publication. What does not fit in time is left out; the recording has it all.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { Publication } from "../../streams/publication.ts";
import { type Ffmpeg, startFfmpeg } from "../../ffmpeg.ts";
import { matroskaBlock, matroskaHeader, type MatroskaTracks, TRACK } from "./matroska.ts";

/** Bytes that may wait for the encoder. */
const MAX_UNDER_WAY = 4 * 1024 * 1024;
/** At its end the encoder has so long to write what it holds. */
const FAREWELL_MS = 2_000;

/** A picture or some sound. */
export interface LiveItem {
  readonly track: keyof typeof TRACK;
  /** Since the run's beginning. */
  readonly timeMs: number;
  readonly bytes: Bytes;
}

/** What one run is. */
export interface LiveRunOptions {
  readonly tracks: MatroskaTracks;
  readonly publication: Publication;
}

/** The encoder, running. */
export class LiveRun {
  readonly tracks: MatroskaTracks;
  /** Resolves when it is over: with ffmpeg's words, if it failed. Never rejects. */
  readonly ended: Promise<string | undefined>;
  readonly #stop = new AbortController();
  readonly #ffmpeg: Ffmpeg;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #underWay = 0;
  #closed = false;

  /** @throws {NoFfmpegError} */
  constructor({ tracks, publication }: LiveRunOptions) {
    this.tracks = tracks;
    this.#ffmpeg = startFfmpeg({
      args: encoderArguments(tracks),
      stdin: "piped",
      stdout: "piped",
      signal: this.#stop.signal,
    });
    this.#writer = this.#ffmpeg.child.stdin.getWriter();
    this.#write(matroskaHeader(tracks));
    this.ended = this.#pump(publication);
    void publication.ended.then(() => this.#stop.abort());
  }

  /** Hands one on, unless the encoder is behind. */
  add({ track, timeMs, bytes }: LiveItem): void {
    if (this.#closed || this.#underWay > MAX_UNDER_WAY) return;
    this.#write(matroskaBlock(TRACK[track], timeMs, bytes));
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#writer.close().catch(() => undefined); // it has ended itself, and says why
    const patience = setTimeout(() => this.#stop.abort(), FAREWELL_MS);
    void this.ended.then(() => clearTimeout(patience));
  }

  #write(bytes: Bytes): void {
    this.#underWay += bytes.length;
    this.#writer.write(bytes).then(
      () => this.#underWay -= bytes.length,
      () => this.#closed = true, // as above
    );
  }

  async #pump(publication: Publication): Promise<string | undefined> {
    for await (const bytes of this.#ffmpeg.child.stdout) await publication.write(bytes);
    this.#closed = true;
    const problem = await this.#ffmpeg.ended;
    const failed = !this.#stop.signal.aborted && problem !== undefined;
    if (failed) publication.close(`its encoder failed: ${problem}`);
    else publication.end();
    return failed ? problem : undefined;
  }
}

function encoderArguments({ picture, sound }: MatroskaTracks): string[] {
  return [
    // Pictures are known at once: the first is looked at, none waited for.
    ...["-fflags", "nobuffer", "-probesize", "500000", "-analyzeduration", "0"],
    ...["-fpsprobesize", "0", "-f", "matroska", "-i", "pipe:0"],
    ...(picture
      ? [
        // 4:2:0 has no odd sizes.
        ...["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p", "-fps_mode", "vfr"],
        ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
        ...["-threads", "2", "-force_key_frames", "expr:gte(t,n_forced*2)"],
      ]
      : []),
    ...(sound ? ["-c:a", "aac", "-b:a", "96k"] : []),
    // Neither waits for the other: one of them may pause.
    ...["-f", "mpegts", "-max_interleave_delta", "200000", "-muxdelay", "0", "-muxpreload", "0"],
    ...["-flush_packets", "1", "pipe:1"],
  ];
}
