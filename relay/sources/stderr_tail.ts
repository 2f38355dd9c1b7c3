/**
 * The last lines a program wrote to its standard error: bounded, whatever it writes. What they mean is its driver's to
 * say.
 *
 * @module
 */

import { hideCredentials } from "../../shared/credentials.ts";

/** Lines kept; what explains an end stands among the last. */
const MAX_LINES = 40;
/** Longer lines are cut. */
const MAX_LINE_CHARS = 400;
/** An address that was cut may have lost the sign behind its password, by which that is known. */
const CUT_ADDRESS = /\S*:\/\/\S*$/;

/** Collects one program's. */
export class StderrTail {
  readonly #lines: string[] = [];
  readonly #take: ((line: string) => void) | undefined;
  #open = "";
  #cut = false;

  /** @param take is given each line as it is complete. */
  constructor(take?: (line: string) => void) {
    this.#take = take;
  }

  /** Newest last; without empty ones. */
  get lines(): readonly string[] {
    const open = hideCredentials(this.#open.replace(this.#cut ? CUT_ADDRESS : "", "").trim());
    return open === "" ? this.#lines : [...this.#lines, open];
  }

  /** Reads until the stream ends or breaks. */
  async read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#add(text);
  }

  #add(text: string): void {
    // Progress that is rewritten in place ends with a carriage return.
    const parts = text.split(/[\r\n]/);
    parts.forEach((part, at) => {
      if (at > 0) this.#end();
      const room = MAX_LINE_CHARS - this.#open.length;
      this.#cut ||= part.length > room;
      this.#open += part.slice(0, room);
    });
  }

  #end(): void {
    const line = this.#cut
      ? `${hideCredentials(this.#open.replace(CUT_ADDRESS, "").trim())} …`
      : hideCredentials(this.#open.trim());
    this.#open = "";
    this.#cut = false;
    if (line === "") return;
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.#take?.(line);
  }
}
