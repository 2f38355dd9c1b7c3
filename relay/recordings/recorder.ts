/**
 * A stream into files: begins at a key picture, with the sound that belongs to it, and goes on in a new
 * file when a new generation begins (contract §5, §12). What a file looks like is ./writer.ts's affair.
 *
 * @module
 */

import { extname } from "node:path";
import type { Batch, Fragment, InitSegment, Track } from "../../shared/media.ts";
import { fitBatch, type Limits, type Recorded, secondsOf } from "./limits.ts";
import type { RecordingOutput } from "./output.ts";
import { RecordingWriter, type WriterTotals } from "./writer.ts";

/** Sound older than the first picture by more is left out. Only the stream's own start has any. */
export const MAX_LEADING_SOUND_SECONDS = 1;
/** Batches that may wait for the first key picture; the oldest go. */
const MAX_WAITING_BATCHES = 1000;

/** How a stream is recorded. */
export interface RecorderOptions {
  /** Of the first file; the others get `-2`, `-3` … before the extension. */
  readonly path: string;
  /** Makes or empties a file; throws a `RecordingError` when it cannot. */
  readonly open: (path: string) => RecordingOutput;
  /** Whether something has that name, which is not to be lost: a later file takes another number. */
  readonly isTaken?: (path: string) => boolean;
  /** See {@link WriterOptions.durable}. */
  readonly durable: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** When it ends by itself; never if not given. */
  readonly limits?: Limits;
  /** A file has been begun. */
  readonly onFile?: (path: string) => void;
}

/** A file that has been begun. */
export interface RecordedFile {
  readonly path: string;
  readonly totals: WriterTotals;
}

interface OpenFile {
  readonly path: string;
  readonly writer: RecordingWriter;
  /** When its first picture, or sound alone, is decoded, on the stream's clock in seconds. */
  readonly zero: number;
}

/** Records one stream from where it is joined. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #finished: RecordedFile[] = [];
  #segment: InitSegment | undefined;
  #open: OpenFile | undefined;
  #waiting: Batch[] = [];
  /** Whether the first batch of this generation was seen: then no sound is missing before it. */
  #fromStart = false;
  #full = false;
  /** Of the newest file. */
  #number = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** The files so far, the open one last. */
  get files(): readonly RecordedFile[] {
    const open = this.#open;
    if (open === undefined) return this.#finished;
    return [...this.#finished, { path: open.path, totals: open.writer.totals }];
  }

  /**
   * Tracks as they are from here on. A new generation ends the file at hand.
   * @throws {RecordingError} when that cannot be written; nothing more may follow.
   */
  init(segment: InitSegment): void {
    if (segment.generation === this.#segment?.generation) return;
    this.close();
    this.#segment = segment;
    this.#fromStart = false;
  }

  /**
   * A batch of the generation that was last announced; any other is passed over. What is taken is copied.
   * @returns whether there is room for more; `false` when a limit is reached.
   * @throws {RecordingError} when it cannot be written; the file then holds what came before.
   */
  batch(batch: Batch): boolean {
    const segment = this.#segment;
    if (this.#full) return false;
    if (segment === undefined || batch.generation !== segment.generation) return true;
    if (this.#open === undefined) {
      if (batch.sequence === 0) this.#fromStart = true;
      if (!batch.key) {
        this.#waiting.push({ ...batch, bytes: batch.bytes.slice() }); // it may be lent
        if (this.#waiting.length > MAX_WAITING_BATCHES) this.#waiting.shift();
        return true;
      }
      this.#begin(segment, batch);
      return true;
    }
    const { writer } = this.#open;
    const { limits } = this.#options;
    if (limits === undefined) {
      for (const fragment of batch.fragments) writer.add(fragment, batch);
      return true;
    }
    const { tracks } = segment;
    const fit = fitBatch(batch, { tracks, limits, recorded: this.#recorded(this.#open) });
    for (const fragment of fit.fragments) writer.add(fragment, batch);
    this.#full = fit.last;
    return !this.#full;
  }

  /** Writes what waits to be: for streams that pause. */
  flush(): void {
    this.#open?.writer.flush();
  }

  /**
   * Ends the file at hand, if there is one.
   * @throws {RecordingError} when not all of it could be written; it is playable all the same.
   */
  close(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#waiting = [];
    if (open === undefined) return;
    try {
      open.writer.close();
    } finally {
      this.#finished.push({ path: open.path, totals: open.writer.totals });
    }
  }

  /** Opens the next file at a key batch; what it needs of the sound before it goes first. */
  #begin(segment: InitSegment, batch: Batch): void {
    const { tracks } = segment;
    const path = this.#nextPath();
    const writer = this.#openWriter(path, tracks);
    const main = batch.fragments.find((each) => kindOf(tracks, each) === "video") ??
      batch.fragments[0];
    this.#open = { path, writer, zero: main === undefined ? 0 : secondsOf(tracks, main) };
    this.#options.onFile?.(path);
    const from = this.#soundBegins(segment, batch);
    for (const each of [...this.#waiting, batch]) {
      for (const fragment of each.fragments) {
        const track = tracks.find(({ id }) => id === fragment.track);
        if (track === undefined) continue;
        const wanted = track.kind === "video"
          ? each === batch
          : (fragment.dts + fragment.duration) / track.timescale > from;
        if (wanted) writer.add(fragment, each);
      }
    }
    this.#waiting = [];
  }

  /** A first file has the name that was asked for, whatever comes of it. */
  #nextPath(): string {
    const { path, isTaken } = this.#options;
    let next = numbered(path, ++this.#number);
    while (this.#number > 1 && isTaken?.(next)) next = numbered(path, ++this.#number);
    return next;
  }

  #openWriter(path: string, tracks: readonly Track[]): RecordingWriter {
    const output = this.#options.open(path);
    try {
      const { durable, now } = this.#options;
      return new RecordingWriter(output, { tracks, createdMs: now(), durable });
    } catch (error) {
      output.close();
      throw error;
    }
  }

  #recorded({ zero }: OpenFile): Recorded {
    let frames = 0;
    let bytes = 0;
    let secondsBefore = 0;
    for (const { totals } of this.files) {
      frames += totals.pictures > 0 ? totals.pictures : totals.sounds;
      bytes += totals.closedBytes;
    }
    for (const { totals } of this.#finished) secondsBefore += totals.seconds;
    return { zero, frames, bytes, secondsBefore };
  }

  /** The time, in seconds, up to which sound is too old to stand before the first picture. */
  #soundBegins({ tracks }: InitSegment, batch: Batch): number {
    for (const { track: id, pts } of batch.fragments) {
      const track = tracks.find((each) => each.id === id);
      if (track?.kind !== "video") continue;
      return pts / track.timescale - (this.#fromStart ? MAX_LEADING_SOUND_SECONDS : 0);
    }
    return -Infinity;
  }
}

function kindOf(tracks: readonly Track[], { track: id }: Fragment): Track["kind"] | undefined {
  return tracks.find((track) => track.id === id)?.kind;
}

/** `gate.mp4`, `gate-2.mp4`, `gate-3.mp4` … */
function numbered(path: string, number: number): string {
  if (number === 1) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${number}${extension}`;
}
