/**
 * A recording {@link SourceOutput}: remembers every call, so that a source can be tested without the
 * pipeline. Copies what is lent, then overwrites nothing: a source that reuses its buffer is caught by
 * comparing what was kept.
 *
 * @module
 */

import { concatBytes } from "../../shared/bytes.ts";
import { type Micros, micros } from "../../shared/units.ts";
import type { CameraStatus } from "../../shared/api.ts";
import type { Aspect, OriginEstimate, SourceOutput } from "../../relay/sources/source.ts";

/** One call, in the order they came. */
export type Call =
  | { readonly kind: "data"; readonly bytes: Uint8Array; readonly arrival: Micros }
  | { readonly kind: "endOfFrame" }
  | { readonly kind: "endOfShortDatagram" }
  | { readonly kind: "lost"; readonly datagrams: number }
  | { readonly kind: "discontinuity"; readonly of: "loop" | "restart" }
  | { readonly kind: "status"; readonly status: CameraStatus }
  | { readonly kind: "originClock"; readonly estimate: OriginEstimate }
  | { readonly kind: "idle"; readonly reason: string }
  | { readonly kind: "warning"; readonly about: Aspect; readonly sentence: string | undefined }
  | { readonly kind: "note"; readonly sentence: string };

type CallOf<Kind extends Call["kind"]> = Extract<Call, { kind: Kind }>;

/** Remembers what a source says; `media` answers {@link SourceOutput.mediaTime}. */
export class RecordingOutput implements SourceOutput {
  readonly calls: Call[] = [];
  readonly #waiting: { readonly met: () => boolean; readonly resolve: () => void }[] = [];
  readonly #media: (output: RecordingOutput) => Micros | undefined;

  constructor(media: (output: RecordingOutput) => Micros | undefined = () => undefined) {
    this.#media = media;
  }

  data(bytes: Uint8Array, arrival: Micros): void {
    this.#keep({ kind: "data", bytes: bytes.slice(), arrival });
  }

  endOfFrame(): void {
    this.#keep({ kind: "endOfFrame" });
  }

  endOfShortDatagram(): void {
    this.#keep({ kind: "endOfShortDatagram" });
  }

  lost(datagrams: number): void {
    this.#keep({ kind: "lost", datagrams });
  }

  discontinuity(kind: "loop" | "restart"): void {
    this.#keep({ kind: "discontinuity", of: kind });
  }

  status(status: CameraStatus): void {
    this.#keep({ kind: "status", status });
  }

  originClock(estimate: OriginEstimate): void {
    this.#keep({ kind: "originClock", estimate });
  }

  idle(reason: string): void {
    this.#keep({ kind: "idle", reason });
  }

  warn(about: Aspect, sentence: string | undefined): void {
    this.#keep({ kind: "warning", about, sentence });
  }

  note(sentence: string): void {
    this.#keep({ kind: "note", sentence });
  }

  now(): Micros {
    return micros(Math.round((performance.timeOrigin + performance.now()) * 1000));
  }

  mediaTime(): Micros | undefined {
    return this.#media(this);
  }

  /** The calls of one kind. */
  all<Kind extends Call["kind"]>(kind: Kind): CallOf<Kind>[] {
    return this.calls.filter((call): call is CallOf<Kind> => call.kind === kind);
  }

  /** All data, joined. */
  bytes(): Uint8Array {
    return concatBytes(this.all("data").map((call) => call.bytes));
  }

  /** Datagrams said to be lost, in all. */
  datagramsLost(): number {
    return this.all("lost").reduce((sum, call) => sum + call.datagrams, 0);
  }

  /** Resolves as soon as `met` holds; looked at after every call. */
  until(met: (output: RecordingOutput) => boolean): Promise<void> {
    if (met(this)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ met: () => met(this), resolve }));
  }

  #keep(call: Call): void {
    this.calls.push(call);
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const waiter = this.#waiting[i];
      if (waiter?.met()) {
        this.#waiting.splice(i, 1);
        waiter.resolve();
      }
    }
  }
}
