/**
 * Between a source and its pipeline: copies of the bytes as they come, while somebody wants them (`stream.ts`). Nothing
 * is kept and nothing costs until then. The pipeline is served first.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { CameraControl, CameraStatus } from "../../shared/api.ts";
import type { Micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import type { Aspect, OriginEstimate, SourceOutput } from "../sources/source.ts";

/** Bytes that cross together … */
const CHUNK_BYTES = 16 * 1024;
/** … or have waited so long, ms. */
const CHUNK_MS = 5;
/** A source may read more at once; it crosses alone. */
const MAX_HELD_BYTES = 2 * CHUNK_BYTES;

/** A source's output that can be listened to. */
export class RawTap implements SourceOutput {
  readonly #to: SourceOutput;
  readonly #post: (bytes: Bytes) => void;
  readonly #held = new Growable(0, MAX_HELD_BYTES);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #on = false;

  /** @param post takes a copy of its own. */
  constructor(to: SourceOutput, post: (bytes: Bytes) => void) {
    this.#to = to;
    this.#post = post;
  }

  /** Whether copies are wanted. */
  set on(on: boolean) {
    this.#on = on;
    if (!on) this.#flush();
  }

  data(bytes: Uint8Array, arrival: Micros): void {
    this.#to.data(bytes, arrival);
    if (this.#on) this.#take(bytes);
  }

  endOfFrame(): void {
    this.#to.endOfFrame();
    if (this.#on) this.#flush();
  }

  endOfShortDatagram(): void {
    this.#to.endOfShortDatagram();
  }

  lost(datagrams: number, orMore = false): void {
    this.#to.lost(datagrams, orMore);
  }

  discontinuity(kind: "loop" | "restart"): void {
    this.#to.discontinuity(kind);
  }

  status(status: CameraStatus): void {
    this.#to.status(status);
  }

  originClock(estimate: OriginEstimate): void {
    this.#to.originClock(estimate);
  }

  idle(reason: string): void {
    this.#to.idle(reason);
  }

  controls(controls: readonly CameraControl[]): void {
    this.#to.controls?.(controls);
  }

  warn(about: Aspect, sentence: string | undefined): void {
    this.#to.warn(about, sentence);
  }

  note(sentence: string): void {
    this.#to.note(sentence);
  }

  now(): Micros {
    return this.#to.now();
  }

  mediaTime(): Micros | undefined {
    return this.#to.mediaTime();
  }

  #take(bytes: Uint8Array): void {
    if (bytes.length >= CHUNK_BYTES) {
      this.#flush();
      this.#post(bytes.slice());
      return;
    }
    this.#held.append(bytes, 0, bytes.length);
    if (this.#held.length >= CHUNK_BYTES) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), CHUNK_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#held.length === 0) return;
    this.#post(this.#held.view().slice());
    this.#held.clear();
  }
}
