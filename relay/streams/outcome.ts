/**
 * What a run of a source came to, in a sentence: by what was seen while it lasted, and how it ended. Ends nothing itself.
 *
 * @module
 */

import type { SourceSpec } from "../sources/source.ts";
import type { History } from "./history.ts";
import type { RunEnd } from "./run.ts";

const FORMATS = "MPEG-TS, H.264, H.265, ADTS or MP4";
const UNREADABLE = `nothing in what comes can be played: it must be ${FORMATS}`;

const KEYLESS =
  "pictures come, but none that a viewer could begin with: have the camera send a key picture (IDR) every second or two";

/** Of one run. */
export class Outcome {
  readonly #spec: SourceSpec;
  readonly #history: History;
  #givenUp: string | undefined;
  #unplayed: string | undefined;

  constructor(spec: SourceSpec, history: History) {
    this.#spec = spec;
    this.#history = history;
  }

  /** What comes is of a kind that is not played: which. */
  unplayed(sentence: string): void {
    this.#unplayed = sentence;
  }

  /** It is ended as a failure, for the first reason that is given. */
  giveUp(reason: string): void {
    this.#givenUp ??= reason;
  }

  /** Why nothing could be read of what came, which ought to be pictures; `undefined` where something could. */
  get unreadable(): string | undefined {
    return this.#history.isBarren && !this.#spec.finite ? this.#unplayed ?? UNREADABLE : undefined;
  }

  /** Why nothing is seen though pictures come; `undefined` where something is. */
  get keyless(): string | undefined {
    return this.#history.isKeyless && !this.#spec.finite ? KEYLESS : undefined;
  }

  /** Why it failed; `undefined` where it only ended. */
  problemOf(end: RunEnd): string | undefined {
    return this.#givenUp ?? this.#inItself(end);
  }

  /** Why a run that only ended is begun again. */
  get nothingMore(): string {
    if (!this.#spec.finite) return "the source ended; it is started again";
    return this.#unplayed ?? `nothing in ${this.#spec.label} can be played: is it ${FORMATS}?`;
  }

  #inItself(end: RunEnd): string | undefined {
    switch (end.type) {
      case "failed":
        return end.reason;
      case "broke":
        return "Rill failed while reading this camera; it starts again.";
      case "ended":
        return this.unreadable;
      case "stuck":
        return undefined; // it was told to end
    }
  }
}
