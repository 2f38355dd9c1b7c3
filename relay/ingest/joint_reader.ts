/**
 * Pictures and sound that came by two programs, read as one program of two streams on the monotonic clock: pictures as they
 * were taken, the rest by the wall clock, which it was stamped with. What either is made of is its codec's.
 *
 * @module
 */

import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import type { StreamHandler } from "../mpegts/demux_output.ts";
import { Demuxer } from "../mpegts/demuxer.ts";
import type { StreamEntry } from "../mpegts/psi.ts";
import { type JointRecord, JointRecords } from "../sources/joint.ts";
import type { IngestCounters } from "./counters.ts";
import type { Reader, ReaderOutput } from "./formats.ts";

/** Time stamps of MPEG-TS have 33 bits. */
const WRAP = 2 ** 33;
/** The wall clock is read to the millisecond, and now and then late; a step is larger. */
const MIN_CLOCK_STEP_US = 20_000;
/** H.264 at the place where ffmpeg puts the first stream: what the pictures are, whichever program brings them. */
const PICTURES: StreamEntry = { pid: 0x100, streamType: 0x1b, descriptors: new Uint8Array(0) };
/** Beyond any PID: sound is told apart from pictures though its program counts from the same one. */
const SOUND_PIDS = 0x2000;

/** Reads one source's. */
export class JointReader implements Reader {
  readonly #out: ReaderOutput;
  readonly #counters: IngestCounters;
  readonly #records = new JointRecords((record) => this.#record(record));
  readonly #pictures: Demuxer;
  #sound: Demuxer | undefined;
  #soundStreams: readonly StreamEntry[] = [];
  /** Of {@link PICTURES}, then of the sound. */
  #handlers: readonly (StreamHandler | undefined)[] = [];
  /** How far the wall clock is ahead of the monotonic clock, µs. */
  #ahead: number | undefined;
  #arrival = 0 as Micros;

  constructor({ out, counters }: {
    readonly out: ReaderOutput;
    readonly counters: IngestCounters;
  }) {
    this.#out = out;
    this.#counters = counters;
    this.#pictures = this.#demuxer((streams) => {
      const at = streams.findIndex(({ streamType }) => streamType === PICTURES.streamType);
      return streams.map((_, index) => index === at ? this.#placed(0) : undefined);
    });
    this.#declare();
    out.declare({ video: true, audio: true }); // a microphone is there: it has its time to be heard
  }

  push(bytes: Uint8Array, arrival: Micros): void {
    this.#arrival = arrival;
    this.#records.push(bytes);
  }

  /** Nothing to do: records are whole. */
  endOfFrame(): void {}

  /** Nothing to do: pipes lose nothing. */
  lost(_datagrams: number): void {}

  flush(): void {
    this.#pictures.flush();
    this.#sound?.flush();
  }

  get waiting(): boolean {
    return this.#pictures.waiting || this.#sound?.waiting === true;
  }

  end(arrival: Micros): void {
    this.#pictures.end(arrival);
    this.#sound?.end(arrival);
  }

  restart(): void {
    this.#pictures.restart();
    this.#sound?.restart();
  }

  #record({ kind, clock, bytes }: JointRecord): void {
    if (kind === "picture") return this.#picture(bytes, clock);
    if (Math.abs(clock - (this.#ahead ?? Infinity)) > MIN_CLOCK_STEP_US) this.#ahead = clock;
    switch (kind) {
      case "pictures":
        return this.#pictures.push(bytes, this.#arrival);
      case "sound":
        this.#sound ??= this.#demuxer((streams) => this.#soundProgram(streams));
        return this.#sound.push(bytes, this.#arrival);
      case "soundEnd":
        this.#sound = undefined;
        this.#soundStreams = [];
        this.#declare();
    }
  }

  #picture(bytes: Uint8Array, taken: Micros): void {
    const [pictures] = this.#handlers;
    const time = ticksOf(taken);
    pictures?.packet(bytes, time, time, taken);
    if (pictures?.waiting) pictures.flush?.(); // however long it is, it is whole
  }

  #soundProgram(streams: readonly StreamEntry[]): (StreamHandler | undefined)[] {
    this.#soundStreams = streams.map((stream) => ({ ...stream, pid: stream.pid + SOUND_PIDS }));
    this.#declare();
    return streams.map((_, index) => this.#placed(index + 1));
  }

  /** Says anew which streams there are. */
  #declare(): void {
    this.#handlers = this.#out.program([PICTURES, ...this.#soundStreams]);
  }

  #demuxer(program: (streams: readonly StreamEntry[]) => (StreamHandler | undefined)[]): Demuxer {
    return new Demuxer({
      program,
      plays: (stream) => this.#out.plays(stream),
      note: (sentence) => this.#out.note(sentence),
    }, this.#counters);
  }

  /** The taker of a stream whose times are the wall clock's. */
  #placed(index: number): StreamHandler | undefined {
    const handler = this.#handlers[index];
    const onMonotonic = (time: number | undefined, arrival: Micros): number | undefined =>
      time === undefined ? undefined : this.#onMonotonic(time, arrival);
    return handler && {
      packet: (payload, pts, dts, arrival) =>
        handler.packet(payload, onMonotonic(pts, arrival), onMonotonic(dts, arrival), arrival),
      gap: (damaged) => handler.gap(damaged),
      flush: () => handler.flush?.(),
      get waiting(): boolean {
        return handler.waiting === true;
      },
    };
  }

  /** A time stamp of the wall clock, 33 bits of it known, on the monotonic clock: that which is nearest to its arrival. */
  #onMonotonic(time: number, arrival: Micros): number {
    const ahead = ticksOf(this.#ahead ?? 0);
    const near = ticksOf(arrival) + ahead;
    return time + Math.round((near - time) / WRAP) * WRAP - ahead;
  }
}

/** Microseconds at 90 kHz. */
function ticksOf(time: number): number {
  return (time * MPEG_TIMESCALE) / 1e6;
}
