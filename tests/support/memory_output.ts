/** A recording's output in memory, which can be made to fail like a full disk. */

import type { Bytes } from "../../shared/bytes.ts";
import { RecordingError, type RecordingOutput } from "../../relay/recordings/output.ts";

/** Keeps what is written. */
export class MemoryOutput implements RecordingOutput {
  readonly path: string;
  /** What was done to it, in order. */
  readonly calls: string[] = [];
  /** Bytes it takes before it is full. */
  room = Infinity;
  /** Like a device: what is written cannot be taken back. */
  fixed = false;
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  constructor(path = "memory.mp4") {
    this.path = path;
  }

  get length(): number {
    return this.#length;
  }

  /** A copy of what was written. */
  get bytes(): Bytes {
    return this.#bytes.slice(0, this.#length);
  }

  append(bytes: Uint8Array): void {
    this.calls.push("append");
    const fits = Math.min(bytes.length, this.room - this.#length);
    while (this.#length + fits > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(0, fits), this.#length);
    this.#length += fits;
    if (fits < bytes.length) throw new RecordingError(`cannot write ${this.path}: it is full`);
  }

  overwrite(at: number, bytes: Uint8Array): void {
    this.calls.push("overwrite");
    this.#bytes.set(bytes, at);
  }

  truncate(length: number): void {
    this.calls.push("truncate");
    if (this.fixed) throw new RecordingError(`cannot write ${this.path}: it cannot be cut`);
    this.#length = length;
  }

  sync(): void {
    this.calls.push("sync");
  }

  close(): void {
    this.calls.push("close");
  }
}
