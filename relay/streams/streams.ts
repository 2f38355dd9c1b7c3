/**
 * The streams of a relay by name. Which there are is the configuration's to say.
 *
 * @module
 */

import type { Health, StreamList } from "../../shared/api.ts";
import type { Log } from "../log.ts";
import type { SourceSpec } from "../sources/source.ts";
import { Supervisor } from "./supervisor.ts";

/** All streams, running. */
export class Streams implements AsyncDisposable {
  readonly #streams = new Map<string, Supervisor>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Adds a stream and starts it. */
  add(name: string, spec: SourceSpec): void {
    this.#streams.set(name, new Supervisor({ name, spec, log: this.#log }));
  }

  /** The stream of that name. */
  get(name: string): Supervisor | undefined {
    return this.#streams.get(name);
  }

  /** All of them, in the order they were added. */
  all(): Supervisor[] {
    return [...this.#streams.values()];
  }

  /** Their names, in the order they were added. */
  names(): string[] {
    return [...this.#streams.keys()];
  }

  /** As `/api/streams` tells them. */
  list(): StreamList {
    return { streams: [...this.#streams.values()].map(({ info }) => info) };
  }

  /** As `/healthz` tells them. */
  health(): Health["streams"] {
    return Object.fromEntries(
      [...this.#streams.values()].map(({ name, info }) => [name, info.state.kind]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream[Symbol.asyncDispose]()));
    this.#streams.clear();
  }
}
