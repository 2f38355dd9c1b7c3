/**
 * A taker that keeps what it gets, by reference, and whose backlog the test sets.
 *
 * @module
 */

import type { Batch, InitSegment } from "../../shared/media.ts";
import type { Sink, Skipped } from "../../relay/hub/sink.ts";

/** One call, in order. */
export type SinkCall =
  | { readonly kind: "init"; readonly segment: InitSegment }
  | { readonly kind: "push"; readonly batch: Batch }
  | { readonly kind: "skipped"; readonly what: Skipped }
  | { readonly kind: "offline"; readonly reason: string }
  | { readonly kind: "given up" }
  | { readonly kind: "close"; readonly why: "stuck" | "gone"; readonly reason: string };

/** Remembers every call. */
export class RecordingSink implements Sink {
  readonly calls: SinkCall[] = [];
  /** What {@link Sink.backlog} answers. */
  backlog = 0;
  /** Grows the backlog with what is pushed, as one that reads nothing does. */
  readsNothing = false;
  /** What {@link Sink.tells} answers. */
  tells = false;

  init(segment: InitSegment): void {
    this.calls.push({ kind: "init", segment });
    if (this.readsNothing) this.backlog += segment.bytes.length;
  }

  push(batch: Batch): void {
    this.calls.push({ kind: "push", batch });
    if (this.readsNothing) this.backlog += batch.bytes.length;
  }

  skipped(what: Skipped): void {
    this.calls.push({ kind: "skipped", what });
  }

  offline(reason: string): void {
    this.calls.push({ kind: "offline", reason });
  }

  close(why: "stuck" | "gone", reason: string): void {
    this.calls.push({ kind: "close", why, reason });
  }

  /** The batches it was given. */
  get batches(): Batch[] {
    return this.calls.flatMap((call) => call.kind === "push" ? [call.batch] : []);
  }

  /** The calls in short: `init 1`, `push 3`, `push 4 key`, `skipped 2`, `offline`, `close stuck`. */
  get story(): string[] {
    return this.calls.map((call) => {
      switch (call.kind) {
        case "init":
          return `init ${call.segment.generation}`;
        case "push":
          return `push ${call.batch.sequence}${call.batch.key ? " key" : ""}`;
        case "skipped":
          return `skipped ${call.what.fragments}`;
        case "offline":
        case "given up":
          return call.kind;
        case "close":
          return `close ${call.why}`;
      }
    });
  }
}
