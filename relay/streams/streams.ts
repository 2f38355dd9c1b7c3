/**
 * The streams of a relay by name, which come and go while it runs. Which there should be is the configuration's to
 * say, but for those that a publisher brings.
 *
 * @module
 */

import type { Health } from "../../shared/api.ts";
import { isStreamName } from "../../shared/stream_name.ts";
import type { Log } from "../log.ts";
import { pushSpec } from "../sources/push.ts";
import type { SourceSpec } from "../sources/source.ts";
import type { Publication, PublicationOptions } from "./publication.ts";
import { Supervisor } from "./supervisor.ts";

/** Streams of one relay, those of publishers among them. */
export const MAX_STREAMS = 256;
/** A stream that only its publisher made is kept so long after it: one whose network failed comes back to its viewers. */
const GRACE_MS = 60_000;

/** What came of a wish to publish. */
export type Publishing =
  | { readonly kind: "publication"; readonly publication: Publication }
  /** Another publisher is there. */
  | { readonly kind: "taken" }
  /** The stream has a source of its own. */
  | { readonly kind: "sourced" }
  /** Not a name. */
  | { readonly kind: "misnamed" }
  | { readonly kind: "full" };

/** What {@link Streams} may be given; tests wait less. */
export interface StreamsOptions {
  readonly graceMs?: number;
}

/** All streams, running. */
export class Streams implements AsyncDisposable {
  readonly #followers = new Set<() => void>();
  readonly #streams = new Map<string, Supervisor>();
  /** Made by a publisher; of those without one, when they go. */
  readonly #transient = new Map<Supervisor, ReturnType<typeof setTimeout> | undefined>();
  readonly #log: Log;
  readonly #graceMs: number;

  constructor(log: Log, { graceMs = GRACE_MS }: StreamsOptions = {}) {
    this.#log = log;
    this.#graceMs = graceMs;
  }

  /** Calls `follow` whenever a stream was added or removed, until disposed of. */
  onChange(follow: () => void): Disposable {
    this.#followers.add(follow);
    return { [Symbol.dispose]: () => void this.#followers.delete(follow) };
  }

  /** Adds a stream and starts it. Its name must be free. */
  add(name: string, spec: SourceSpec): Supervisor {
    if (this.#streams.has(name)) throw new Error(`there is a stream ${name} already`);
    const stream = new Supervisor({ name, spec, log: this.#log });
    this.#streams.set(name, stream);
    this.#changed();
    return stream;
  }

  /**
   * Gives a stream another source: those who watch stay. One that has it already goes on as it is, one that is not there
   * is added.
   */
  change(name: string, spec: SourceSpec): Supervisor {
    const stream = this.#streams.get(name);
    if (!stream) return this.add(name, spec);
    this.#keep(stream);
    if (!isSameSource(stream.spec, spec)) stream.restart(spec);
    return stream;
  }

  /** Ends a stream and tells those who watch. */
  async remove(name: string): Promise<void> {
    const stream = this.#streams.get(name);
    if (!stream) return;
    this.#streams.delete(name);
    this.#keep(stream);
    this.#changed();
    await stream[Symbol.asyncDispose]();
  }

  /** Lets a publisher bring the stream of that name, which is made when there is none. */
  publish(name: string, options: PublicationOptions = {}): Publishing {
    if (!isStreamName(name)) return { kind: "misnamed" };
    const known = this.#streams.get(name);
    if (known && !known.waits) return { kind: "sourced" };
    if (!known && this.#streams.size >= MAX_STREAMS) return { kind: "full" };
    const stream = known ?? this.add(name, pushSpec());
    if (!known) this.#transient.set(stream, undefined);
    const publication = stream.publish(options);
    if (!publication) return { kind: "taken" };
    if (this.#transient.has(stream)) {
      clearTimeout(this.#transient.get(stream));
      void publication.ended.then(() => this.#fade(stream));
    }
    return { kind: "publication", publication };
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

  /** As `/healthz` tells them: one that waits for its publisher is not unwell. */
  health(): Health["streams"] {
    return Object.fromEntries(
      [...this.#streams.values()].map((stream) => [
        stream.name,
        stream.waits && stream.offline !== undefined ? "waiting" : stream.info.state.kind,
      ]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#transient.values()) clearTimeout(timer);
    await Promise.all([...this.#streams.values()].map((stream) => stream[Symbol.asyncDispose]()));
    this.#streams.clear();
    this.#transient.clear();
  }

  #changed(): void {
    for (const follow of this.#followers) follow();
  }

  /** It is nobody's to take away any more. */
  #keep(stream: Supervisor): void {
    clearTimeout(this.#transient.get(stream));
    this.#transient.delete(stream);
  }

  #fade(stream: Supervisor): void {
    if (this.#streams.get(stream.name) !== stream || stream.isPublished) return;
    clearTimeout(this.#transient.get(stream));
    this.#transient.set(stream, setTimeout(() => void this.remove(stream.name), this.#graceMs));
  }
}

/** Plain data, made by the same code. What a publisher brings is no part of a source that waits for one. */
function isSameSource(a: SourceSpec, b: SourceSpec): boolean {
  if (a.waits && b.waits) return true;
  return JSON.stringify(a) === JSON.stringify(b);
}
