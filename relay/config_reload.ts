/**
 * A configuration file that changes while the relay runs: read anew, and what is different applied. Streams that say the
 * same as before are not touched; a file that is broken changes nothing (contract §3, §11).
 *
 * @module
 */

import { join } from "node:path";
import { noKeysYet } from "./access/guard.ts";
import { hideCredentials } from "../shared/credentials.ts";
import type { Config } from "./config.ts";
import type { ConfiguredStream } from "./config_streams.ts";
import { FileWatch } from "./file_watch.ts";
import type { Log } from "./log.ts";
import { maySaveTo, missingPermissions } from "./missing_permissions.ts";
import type { Destination } from "./forwarding/destination.ts";
import type { Destinations } from "./forwarding/destinations.ts";
import { reachOf } from "./forwarding/reach.ts";
import type { Streams } from "./streams/streams.ts";
import { UsageError } from "./usage_error.ts";

/** What is needed to apply a file. */
export interface ReloadOptions {
  readonly streams: Streams;
  readonly destinations: Destinations;
  readonly log: Log;
  /** As the relay was started with. */
  readonly config: Config;
  /** Reads the configuration again. @throws {UsageError} */
  readonly load: () => Promise<Config>;
  /** Called with the names of the streams and the ids of the destinations in force, when a file has been taken. */
  readonly taken?: (names: readonly string[], destinations: readonly string[]) => void;
}

/** What became of a file. */
export interface ReloadReport {
  /** Why the newest file is not in force, in sentences; `undefined` when it is. */
  readonly problem?: string;
  /** What takes a new start to be in force. */
  readonly restart: readonly string[];
}

/** Settings that are read at the start alone. */
const FIXED = [
  "listen",
  "listenTls",
  "tls",
  "data",
  "url",
  "open",
  "log",
  "logFormat",
  "compat",
  "vwApi",
] as const;
const FIXED_WORDS: Readonly<Record<(typeof FIXED)[number], string>> = {
  listen: "listen",
  listenTls: "listen_tls",
  tls: "tls",
  data: "data",
  url: "url",
  open: "access",
  log: "log",
  logFormat: "log_format",
  compat: "compat",
  vwApi: "compat.vw_api",
};

/** Keeps the streams as the file has them. */
export class ConfigReload implements Disposable {
  report: ReloadReport = { restart: [] };
  readonly #options: ReloadOptions;
  readonly #watch: FileWatch | undefined;
  /** The streams of the file in force, by name. */
  #streams: ReadonlyMap<string, ConfiguredStream>;
  /** Ids of its destinations. */
  #destinations: readonly string[];
  #work: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#streams = byName(options.config.streams);
    this.#destinations = options.config.destinations.map(({ id }) => id);
    const { file } = options.config;
    if (!file) return;
    this.#watch = new FileWatch(file.path, {
      changed: () => void this.reload(),
      failed: (reason) =>
        options.log.warn(
          `the configuration file cannot be followed, send SIGHUP when it has changed: ${reason}`,
        ),
    });
  }

  /** Of the file that is followed. */
  get path(): string | undefined {
    return this.#options.config.file?.path;
  }

  /** The streams that are in force. */
  get streams(): ConfiguredStream[] {
    return [...this.#streams.values()];
  }

  /** Ids of the destinations that it names. */
  get destinations(): readonly string[] {
    return this.#destinations;
  }

  /** Reads the file again, after whatever is under way. Never rejects: what is wrong stands in the log and the report. */
  reload(): Promise<void> {
    this.#work = this.#work.then(() => this.#apply());
    return this.#work;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#watch?.[Symbol.dispose]();
  }

  async #apply(): Promise<void> {
    const { load, log, config } = this.#options;
    try {
      const next = await load();
      if (this.#stop.signal.aborted) return; // the relay stops: nothing is begun any more
      if (!next.file) {
        throw new UsageError(`${config.file?.name ?? "the file"} is not there any more`);
      }
      await this.#take(next);
    } catch (error) {
      const sentence = problemOf(error);
      if (sentence === undefined) throw error;
      this.report = { ...this.report, problem: sentence };
      const line = sentence.replaceAll("\n", "; ");
      log.error(`the configuration is not taken, what was in force goes on: ${line}`);
    }
  }

  async #take(next: Config): Promise<void> {
    const { streams, log, config } = this.#options;
    if (next.keyAskedAt !== undefined) log.warn(noKeysYet(next.keyAskedAt));
    const restart: string[] = [];
    const wanted = byName(next.streams.map((stream) => this.#recorded(stream, restart)));
    const kept = new Map(wanted);
    const leaving = [...this.#streams.keys()].filter((name) => !wanted.has(name));
    let changes = leaving.length;
    // First: the camera or the port that one lets go of may be meant for another, which has a new name perhaps.
    await Promise.all(leaving.map((name) => streams.remove(name)));
    if (this.#stop.signal.aborted) return;
    for (const [name, stream] of wanted) {
      const known = this.#streams.get(name);
      if (known && same(known.spec, stream.spec)) {
        if (!same(known.record, stream.record)) changes++;
        continue;
      }
      const missing = missingPermissions(stream.spec.permissions);
      if (missing.length > 0) {
        restart.push(`${name}: ${missing.join(", ")}`);
        if (known) kept.set(name, known);
        else kept.delete(name);
        continue;
      }
      changes++;
      streams.change(name, stream.spec);
    }
    this.#streams = kept;
    restart.push(...this.#forward(next.destinations));
    this.#options.taken?.([...kept.keys()], this.#destinations);
    for (const setting of FIXED) {
      if (!same(config[setting], next[setting])) restart.push(FIXED_WORDS[setting]);
    }
    this.report = { restart };
    log.info(
      changes === 0
        ? "the configuration was read again: no stream is different"
        : `the configuration was read again: ${changes} ${
          changes === 1 ? "stream is" : "streams are"
        } different`,
    );
    if (restart.length > 0) {
      log.warn(`start the relay again for this to be in force: ${restart.join("; ")}`);
    }
  }

  /** Without its recordings where the relay was not started with leave to make any; says so in `restart`. */
  #recorded(stream: ConfiguredStream, restart: string[]): ConfiguredStream {
    const { record, ...others } = stream;
    const folder = join(this.#options.config.data, "recordings");
    if (!record || maySaveTo(folder)) return stream;
    restart.push(`${stream.name}: leave to write to ${folder}`);
    return others;
  }

  /** Those that say the same go on sending; returns what takes a new start. */
  #forward(next: readonly Destination[]): string[] {
    const { destinations, config } = this.#options;
    const restart: string[] = [];
    for (const destination of next) {
      const missing = missingPermissions({ net: reachOf(destination.url, config.proxies) });
      if (missing.length === 0) destinations.set(destination);
      else restart.push(`${destination.id}: ${missing.join(", ")}`);
    }
    const ids = next.map(({ id }) => id);
    for (const id of this.#destinations) if (!ids.includes(id)) destinations.remove(id);
    this.#destinations = ids;
    return restart;
  }
}

function byName(streams: readonly ConfiguredStream[]): Map<string, ConfiguredStream> {
  return new Map(streams.map((stream) => [stream.name, stream]));
}

/** Plain data, made by the same code: the same text when nothing is different. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function problemOf(error: unknown): string | undefined {
  // Viewers are told, too; and what stands in the wrong place may be a camera's address with its password.
  if (error instanceof UsageError) return hideCredentials(error.message);
  // A variable that the relay was not started with leave to read.
  return error instanceof Deno.errors.NotCapable
    ? "it needs more than the relay was started with leave for; start the relay again"
    : undefined;
}
