/**
 * The streams that the API adds, changes and removes (contract §9): run at once where the relay was started with leave for
 * it, kept for the next start in any case. What the configuration names is the configuration's alone.
 *
 * @module
 */

import { isStreamName } from "../shared/stream_name.ts";
import type { ConfiguredStream } from "./config_streams.ts";
import type { StreamChange, StreamChanges } from "./http/stream_routes.ts";
import { mayRun, readApiSource } from "./kept_file.ts";
import type { KeptStore } from "./kept_store.ts";
import type { Log } from "./log.ts";
import { missingPermissions } from "./missing_permissions.ts";
import { SourceError, type SourceSpec } from "./sources/source.ts";
import { MAX_STREAMS, type Streams } from "./streams/streams.ts";

/** What the API works with. */
export interface KeptStreamsOptions {
  readonly streams: Streams;
  readonly log: Log;
  readonly store: KeptStore;
  /** The configuration's streams, as they are in force. */
  readonly configured: () => readonly ConfiguredStream[];
}

/** The API's streams. */
export class KeptStreams implements StreamChanges {
  readonly #options: KeptStreamsOptions;
  /** Of those that take a new start, what they need. */
  readonly #needs = new Map<string, readonly string[]>();

  constructor(options: KeptStreamsOptions) {
    this.#options = options;
  }

  /** Runs what was kept, behind what the configuration has. */
  start(kept: readonly ConfiguredStream[]): void {
    const { streams } = this.#options;
    for (const { name, spec } of kept) {
      if (streams.names().length >= MAX_STREAMS) break;
      streams.change(name, spec); // a publisher may have been first
    }
  }

  /** What takes a new start to be in force, a few words each. */
  get restart(): string[] {
    return [...this.#needs].map(([name, needs]) => `${name}: ${needs.join(", ")}`);
  }

  put(name: string, source: string): Promise<StreamChange> {
    return this.#options.store.inTurn(() => this.#put(name, source));
  }

  remove(name: string): Promise<StreamChange> {
    return this.#options.store.inTurn(() => this.#remove(name));
  }

  /** The configuration has these streams now: they are the API's no more. */
  yield(names: Iterable<string>): Promise<void> {
    const { store, log } = this.#options;
    return store.inTurn(async () => {
      const left = new Map(store.kept.sources);
      for (const name of names) {
        if (!left.delete(name)) continue;
        this.#needs.delete(name);
        log.info("the configuration has this stream now", { stream: name });
      }
      if (left.size === store.kept.sources.size) return;
      const problem = await store.save({ sources: left });
      if (problem !== undefined) log.warn(problem);
    });
  }

  async #put(name: string, source: string): Promise<StreamChange> {
    const { streams, configured, store } = this.#options;
    if (!isStreamName(name)) return { kind: "misnamed" };
    if (this.#isConfigured(name)) return { kind: "configured" };
    let spec: SourceSpec;
    try {
      spec = readApiSource(source, configured());
    } catch (error) {
      if (error instanceof SourceError) return { kind: "unreadable", sentence: error.message };
      throw error;
    }
    if (!mayRun(spec, configured())) return { kind: "local", label: spec.label };
    const known = streams.get(name) !== undefined;
    const { sources } = store.kept;
    const names = new Set([...streams.names(), ...sources.keys(), name]);
    if (names.size > MAX_STREAMS) return { kind: "full" };
    const sentence = await store.save({ sources: new Map([...sources, [name, source]]) });
    if (sentence !== undefined) return { kind: "unsaved", sentence };
    const needs = missingPermissions(spec.permissions);
    if (needs.length > 0) {
      this.#needs.set(name, needs);
      return { kind: "restart", needs };
    }
    this.#needs.delete(name);
    const { info } = streams.change(name, spec);
    return { kind: known ? "changed" : "added", info };
  }

  async #remove(name: string): Promise<StreamChange> {
    const { streams, store } = this.#options;
    if (this.#isConfigured(name)) return { kind: "configured" };
    const left = new Map(store.kept.sources);
    const kept = left.delete(name);
    if (!kept && !streams.get(name)) return { kind: "unknown" };
    const sentence = kept ? await store.save({ sources: left }) : undefined;
    if (sentence !== undefined) return { kind: "unsaved", sentence };
    this.#needs.delete(name);
    await streams.remove(name);
    return { kind: "removed" };
  }

  #isConfigured(name: string): boolean {
    return this.#options.configured().some((stream) => stream.name === name);
  }
}
