/**
 * The front of a pipeline: holds a stream's first bytes until they tell its format, then gives everything to that
 * format's reader. What is nothing that is played is refused in words, once, and not looked at again.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import type { ContributionFormat } from "../sources/source.ts";
import { explainForeign } from "./foreign.ts";
import { type KnownFormat, MAX_SNIFFED_BYTES, type Reader, sniff } from "./formats.ts";

/** What an intake asks of its pipeline. */
export interface IntakeOptions {
  readonly format: ContributionFormat;
  open(format: KnownFormat): Reader;
  /** Nothing of this stream can be played: why. */
  refuse(sentence: string): void;
}

/** One stream's. Hot: {@link Intake.push} runs once per datagram. */
export class Intake {
  /** Once the format is known. */
  reader: Reader | undefined;
  readonly #options: IntakeOptions;
  readonly #head = new Growable(0, 2 * MAX_SNIFFED_BYTES);
  #isRefused = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    if (options.format !== "sniff") this.reader = options.open(options.format);
  }

  /** Bytes as they came, lent. */
  push(bytes: Uint8Array, arrival: Micros): void {
    if (this.reader) this.reader.push(bytes, arrival);
    else if (!this.#isRefused) this.#sniff(bytes, arrival);
  }

  /** The stream is at its end, or at a seam: what little came must tell. */
  settle(arrival: Micros): void {
    if (this.#head.length > 0) this.#decide(this.#head.view(), { arrival, ended: true });
    this.#head.clear();
  }

  #sniff(bytes: Uint8Array, arrival: Micros): void {
    if (this.#head.length === 0 && this.#decide(bytes, { arrival, ended: false })) return;
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(at + MAX_SNIFFED_BYTES, bytes.length);
      this.#head.append(bytes, at, end);
      at = end;
      if (!this.#decide(this.#head.view(), { arrival, ended: false })) continue;
      this.#head.clear();
      this.reader?.push(bytes.subarray(at), arrival);
      return;
    }
  }

  /** Whether it is known now what the stream is; then `head` has been given on. */
  #decide(
    head: Uint8Array,
    { arrival, ended }: { readonly arrival: Micros; readonly ended: boolean },
  ): boolean {
    const format = sniff(head, { ended });
    if (format === undefined) return false;
    const sentence = explainForeign(head);
    if (sentence === undefined) {
      this.reader = this.#options.open(format);
      this.reader.push(head, arrival);
    } else {
      this.#isRefused = true;
      this.#options.refuse(sentence);
    }
    return true;
  }
}
