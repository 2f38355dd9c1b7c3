/**
 * Where something stands in a configuration file, for sentences: the file's name and a line. Reads no values.
 *
 * @module
 */

import { type Document, isCollection, isScalar, type LineCounter } from "yaml";

/** Where keys of one file stand. */
export class Place {
  readonly #name: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(
    name: string,
    { document, lines }: { readonly document: Document; readonly lines: LineCounter },
  ) {
    this.#name = name;
    this.#document = document;
    this.#lines = lines;
  }

  /** The line of the node at `path`, or of what is nearest above it. */
  line(path: readonly PropertyKey[]): number {
    for (let depth = path.length; depth > 0; depth--) {
      const start = this.#start(path.slice(0, depth));
      if (start !== undefined) return this.#lines.linePos(start).line;
    }
    return 1;
  }

  key(path: readonly PropertyKey[]): string {
    return `${this.where(path)}, ${path.join(".")}`;
  }

  /** @param offset in the file's text. */
  at(offset: number): string {
    return `${this.#name} line ${this.#lines.linePos(offset).line}`;
  }

  where(path: readonly PropertyKey[]): string {
    return `${this.#name} line ${this.line(path)}`;
  }

  /** Of the key if there is one: what is missing a value has no place of its own. */
  #start(path: readonly PropertyKey[]): number | undefined {
    const parent: unknown = path.length === 1
      ? this.#document.contents
      : this.#document.getIn(path.slice(0, -1), true);
    if (!isCollection(parent)) return undefined;
    const last = path.at(-1);
    for (const item of parent.items) {
      if (typeof item !== "object" || item === null || !("key" in item)) continue;
      const { key } = item;
      if (isScalar(key) && String(key.value) === String(last)) return key.range?.[0];
    }
    return undefined;
  }
}
