/**
 * Batches from an ingest worker to the main thread through memory that both see: waking a thread by a number costs half
 * of what a message costs it, and comes sooner. One writer, one reader; what finds no room goes as a message.
 *
 * Every record says how many messages were posted before it, so that the reader can keep the order of both ways: before
 * it takes a message it takes the records that came before that message.
 *
 * A ring goes from one worker to the next. Nobody can end a worker that hangs at once, so each holds it by a number of its
 * own: when the ring is taken back, that number is void, and what wakes up late writes nothing.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { type Batch, type Fragment, HEADROOM_BYTES } from "../../shared/media.ts";
import type { Micros, Ticks } from "../../shared/units.ts";

/** Two seconds of a usual camera; what is larger, or comes while the reader is held up for longer, goes as a message. */
export const RING_BYTES = 1024 * 1024;

/**
 * Words of 32 bits at the beginning: how often it was written, where the next record goes, where the reader is, and whose
 * it is: a {@link Ring.holder}, below 0 while that writes, 0 while it is nobody's.
 */
const BELL = 0;
const WRITE = 1;
const READ = 2;
const HOLDER = 3;
const CONTROL_BYTES = 16;

/** Numbers of 64 bits: a record's own length in bytes, the messages before it, the batch's six, its fragments' count. */
const HEAD_NUMBERS = 9;
const FRAGMENT_NUMBERS = 8;
const NUMBER_BYTES = Float64Array.BYTES_PER_ELEMENT;
/** In place of a length: the next record is at the beginning. */
const WRAP = -1;

/** A ring as one worker has it. Plain data. */
export interface Ring {
  readonly memory: SharedArrayBuffer;
  /** By this number that worker writes, and no other. */
  readonly holder: number;
}

/** Rings of workers that have ended, for those to come: more than so many are not kept. */
const MAX_SPARE = 16;
const spare: SharedArrayBuffer[] = [];
/** The newest number given. */
let holders = 0;

/** For one worker, in new memory. @param bytes room for records. */
export function newRing(bytes: number = RING_BYTES): Ring {
  return hold(new SharedArrayBuffer(CONTROL_BYTES + align(bytes)));
}

/**
 * For one worker, in the memory of one before it where there is some. V8 does not count what threads share, so that it sees
 * no need to collect it: a camera that fails again and again would fill the machine with rings that nobody holds.
 */
export function takeRing(): Ring {
  const memory = spare.pop();
  return memory ? hold(memory) : newRing();
}

/** Takes a ring of {@link takeRing} back, whatever became of its worker. */
export function returnRing({ memory, holder }: Ring): void {
  const control = controlOf(memory);
  // Whoever stopped in the middle of a record may still go on with it: that memory is nobody else's.
  if (Atomics.compareExchange(control, HOLDER, holder, 0) !== holder) return;
  if (spare.length < MAX_SPARE) spare.push(memory);
}

function hold(memory: SharedArrayBuffer): Ring {
  const control = controlOf(memory);
  const holder = ++holders;
  Atomics.store(control, WRITE, 0);
  Atomics.store(control, READ, 0);
  Atomics.store(control, HOLDER, holder);
  return { memory, holder };
}

function controlOf(memory: SharedArrayBuffer): Int32Array {
  return new Int32Array(memory, 0, CONTROL_BYTES / Int32Array.BYTES_PER_ELEMENT);
}

/** The worker's end. */
export class BatchRingWriter {
  readonly #control: Int32Array;
  readonly #numbers: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #holder: number;

  constructor({ memory, holder }: Ring) {
    this.#control = controlOf(memory);
    this.#numbers = new Float64Array(memory, CONTROL_BYTES);
    this.#bytes = new Uint8Array(memory, CONTROL_BYTES);
    this.#holder = holder;
  }

  /**
   * Copies a batch and wakes the reader; `false` where there is no room, or the ring was taken back.
   * @param posted messages so far.
   */
  write(batch: Batch, posted: number): boolean {
    const holder = this.#holder;
    if (Atomics.compareExchange(this.#control, HOLDER, holder, -holder) !== holder) return false;
    const isWritten = this.#put(batch, posted);
    Atomics.store(this.#control, HOLDER, holder);
    return isWritten;
  }

  #put(batch: Batch, posted: number): boolean {
    const { fragments, bytes } = batch;
    let numbers = HEAD_NUMBERS;
    for (const { sizes } of fragments) numbers += FRAGMENT_NUMBERS + sizes.length;
    const length = numbers * NUMBER_BYTES + align(bytes.length);
    const at = this.#place(length);
    if (at === undefined) return false;
    const to = this.#numbers;
    let n = at / NUMBER_BYTES;
    to[n++] = length;
    to[n++] = posted;
    to[n++] = batch.generation;
    to[n++] = batch.sequence;
    to[n++] = batch.group;
    to[n++] = Number(batch.key);
    to[n++] = batch.arrival;
    to[n++] = bytes.length;
    to[n++] = fragments.length;
    for (const fragment of fragments) {
      to[n++] = fragment.track;
      to[n++] = fragment.dts;
      to[n++] = fragment.pts;
      to[n++] = fragment.duration;
      to[n++] = Number(fragment.key);
      to[n++] = fragment.offset;
      to[n++] = fragment.byteLength;
      to[n++] = fragment.sizes.length;
      for (const size of fragment.sizes) to[n++] = size;
    }
    this.#bytes.set(bytes, n * NUMBER_BYTES);
    Atomics.store(this.#control, WRITE, at + length);
    Atomics.add(this.#control, BELL, 1);
    Atomics.notify(this.#control, BELL);
    return true;
  }

  /** Where a record of `length` bytes goes. The place before the reader's stays free: full is not empty. */
  #place(length: number): number | undefined {
    const write = Atomics.load(this.#control, WRITE);
    const read = Atomics.load(this.#control, READ);
    if (write < read) return write + length < read ? write : undefined;
    // At the beginning when nothing waits, so that the same memory is used again while the processor still has it.
    const fits = write + length + NUMBER_BYTES <= this.#bytes.length; // with room for a WRAP behind it
    if (length < read && (!fits || write === read)) {
      this.#numbers[write / NUMBER_BYTES] = WRAP;
      return 0;
    }
    return fits ? write : undefined;
  }
}

/** The main thread's end. */
export class BatchRingReader {
  readonly #control: Int32Array;
  readonly #numbers: Float64Array;
  readonly #bytes: Uint8Array;
  #isOpen = true;

  constructor({ memory }: Ring) {
    this.#control = controlOf(memory);
    this.#numbers = new Float64Array(memory, CONTROL_BYTES);
    this.#bytes = new Uint8Array(memory, CONTROL_BYTES);
  }

  /** Calls back whenever something was written, until {@link BatchRingReader.close}. */
  async listen(written: () => void): Promise<void> {
    while (this.#isOpen) {
      const seen = Atomics.load(this.#control, BELL);
      written();
      const rung = Atomics.waitAsync(this.#control, BELL, seen);
      if (rung.async) await rung.value;
    }
  }

  /** Ends {@link BatchRingReader.listen}. */
  close(): void {
    this.#isOpen = false;
    Atomics.notify(this.#control, BELL);
  }

  /**
   * The next batch, in memory of its own.
   * @param received messages that were taken; a batch that was written after a later one is not given yet.
   */
  read(received: number): Batch | undefined {
    const write = Atomics.load(this.#control, WRITE);
    let at = Atomics.load(this.#control, READ);
    if (at === write) return undefined;
    const from = this.#numbers;
    if (from[at / NUMBER_BYTES] === WRAP) at = 0;
    let n = at / NUMBER_BYTES;
    const next = (): number => from[n++] ?? 0;
    const length = next();
    if (next() > received) return undefined;
    const generation = next();
    const sequence = next();
    const group = next();
    const key = next() === 1;
    const arrival = next() as Micros;
    const byteLength = next();
    const count = next();
    const fragments: Fragment[] = [];
    while (fragments.length < count) {
      const track = next();
      const dts = next() as Ticks;
      const pts = next() as Ticks;
      const duration = next() as Ticks;
      const fragmentKey = next() === 1;
      const offset = next();
      const fragmentBytes = next();
      const sizes: number[] = [];
      for (let left = next(); left > 0; left--) sizes.push(next());
      fragments.push({
        ...{ track, dts, pts, duration, key: fragmentKey, sizes, offset },
        byteLength: fragmentBytes,
      });
    }
    const start = n * NUMBER_BYTES;
    const bytes = copyOf(this.#bytes.subarray(start, start + byteLength));
    Atomics.store(this.#control, READ, at + length);
    return { generation, sequence, group, key, arrival, fragments, bytes };
  }
}

/** A batch's bytes in memory of their own, with the room before them that every batch has. */
export function copyOf(bytes: Uint8Array): Bytes {
  const own = new Uint8Array(HEADROOM_BYTES + bytes.length);
  own.set(bytes, HEADROOM_BYTES);
  return own.subarray(HEADROOM_BYTES);
}

function align(bytes: number): number {
  return Math.ceil(bytes / NUMBER_BYTES) * NUMBER_BYTES;
}
