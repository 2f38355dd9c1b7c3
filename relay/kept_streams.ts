/**
 * The streams that the API adds, changes and removes (contract §9): run at once where the relay was started with leave for
 * it, kept for the next start in any case. What the configuration names is the configuration's alone.
 *
 * @module
 */

import { isStreamName } from "../shared/stream_name.ts";
import type { Config } from "./config.ts";
import type { ConfiguredStream } from "./config_streams.ts";
import type { StreamChange, StreamChanges } from "./http/stream_routes.ts";
import { mayRun, readKeptFile, writeKeptFile } from "./kept_streams_file.ts";
import type { Log } from "./log.ts";
import { missingPermissions } from "./missing_permissions.ts";
import { parseSource } from "./sources/mod.ts";
import { SourceError, type SourceSpec } from "./sources/source.ts";
import { MAX_STREAMS, type Streams } from "./streams/streams.ts";

/** What the API works with. */
export interface KeptStreamsOptions {
  readonly streams: Streams;
  readonly log: Log;
  readonly config: Config;
  /** The configuration's streams, as they are in force. */
  readonly configured: () => readonly ConfiguredStream[];
}

/** The API's streams. */
export class KeptStreams implements StreamChanges {
  readonly #options: KeptStreamsOptions;
  #sources: ReadonlyMap<string, string> = new Map();
  /** Why nothing can be kept. */
  #broken: string | undefined;
  /** Of those that take a new start, what they need. */
  readonly #needs = new Map<string, readonly string[]>();
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: KeptStreamsOptions) {
    this.#options = options;
  }

  /** Reads what was kept and runs it, behind what the configuration has. */
  start(): void {
    const { streams, log, config } = this.#options;
    const file = readKeptFile(config);
    this.#sources = file.sources;
    this.#broken = file.broken;
    for (const sentence of file.problems) log.warn(`a stream of the API is not run: ${sentence}`);
    for (const { name, spec } of file.streams) {
      if (streams.names().length >= MAX_STREAMS) break;
      streams.add(name, spec);
    }
  }

  /** What takes a new start to be in force, a few words each. */
  get restart(): string[] {
    return [...this.#needs].map(([name, needs]) => `${name}: ${needs.join(", ")}`);
  }

  put(name: string, source: string): Promise<StreamChange> {
    return this.#inTurn(() => this.#put(name, source));
  }

  remove(name: string): Promise<StreamChange> {
    return this.#inTurn(() => this.#remove(name));
  }

  /** The configuration has these streams now: they are the API's no more. */
  yield(names: Iterable<string>): Promise<void> {
    return this.#inTurn(async () => {
      const left = new Map(this.#sources);
      for (const name of names) {
        if (!left.delete(name)) continue;
        this.#needs.delete(name);
        this.#options.log.info("the configuration has this stream now", { stream: name });
      }
      if (left.size === this.#sources.size) return;
      const problem = await this.#save(left);
      if (problem !== undefined) this.#options.log.warn(problem);
    });
  }

  async #put(name: string, source: string): Promise<StreamChange> {
    const { streams, configured } = this.#options;
    if (!isStreamName(name)) return { kind: "misnamed" };
    if (this.#isConfigured(name)) return { kind: "configured" };
    let spec: SourceSpec;
    try {
      spec = parseSource(source);
    } catch (error) {
      if (error instanceof SourceError) return { kind: "unreadable", sentence: error.message };
      throw error;
    }
    if (!mayRun(spec, configured())) return { kind: "local", label: spec.label };
    const known = streams.get(name) !== undefined;
    const names = new Set([...streams.names(), ...this.#sources.keys(), name]);
    if (names.size > MAX_STREAMS) return { kind: "full" };
    const sentence = await this.#save(new Map([...this.#sources, [name, source]]));
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
    const { streams } = this.#options;
    if (this.#isConfigured(name)) return { kind: "configured" };
    const left = new Map(this.#sources);
    const kept = left.delete(name);
    if (!kept && !streams.get(name)) return { kind: "unknown" };
    const sentence = kept ? await this.#save(left) : undefined;
    if (sentence !== undefined) return { kind: "unsaved", sentence };
    this.#needs.delete(name);
    await streams.remove(name);
    return { kind: "removed" };
  }

  #isConfigured(name: string): boolean {
    return this.#options.configured().some((stream) => stream.name === name);
  }

  /** @returns why it is not, in a sentence. */
  async #save(sources: ReadonlyMap<string, string>): Promise<string | undefined> {
    if (this.#broken !== undefined) return this.#broken;
    const { data } = this.#options.config;
    try {
      await writeKeptFile(data, sources);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return `this cannot be kept in ${data}: ${error.message}`;
    }
    this.#sources = sources;
    return undefined;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#work.then(work);
    this.#work = result.catch(() => undefined); // who asked is told
    return result;
  }
}
