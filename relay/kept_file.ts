/**
 * The file below `--data` in which the streams and destinations that the API added outlast the relay. Reads it for the
 * launcher and the relay, by the same rules as a request: what names a command, a file or a device is not run for being
 * written there.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { isStreamName } from "../shared/stream_name.ts";
import type { Config } from "./config.ts";
import type { ConfiguredStream } from "./config_streams.ts";
import {
  type Destination,
  DestinationError,
  parseDestination,
  type WrittenDestination,
} from "./forwarding/destination.ts";
import { MAX_DESTINATIONS } from "./forwarding/destinations.ts";
import { isForApi, parseSource } from "./sources/mod.ts";
import { SourceError, type SourceSpec } from "./sources/source.ts";
import { MAX_STREAMS } from "./streams/streams.ts";

const FILE_NAME = "state.json";
/** Readable for its user alone: sources may hold passwords, destinations have tokens. */
const MODE = 0o600;

/** A destination as it was written, but for its id. */
export type KeptDestination = Omit<WrittenDestination, "id">;

/** What is kept. */
export interface Kept {
  /** Every source, as it was written, by the stream's name. */
  readonly sources: ReadonlyMap<string, string>;
  /** Every destination by its id. */
  readonly written: ReadonlyMap<string, KeptDestination>;
}

/** What the file says. */
export interface KeptFile extends Kept {
  /** Those that are to be run. */
  readonly streams: readonly ConfiguredStream[];
  readonly destinations: readonly Destination[];
  /** What is wrong with others, a sentence each. */
  readonly problems: readonly string[];
  /** It cannot be read, for this reason: it must not be written over. */
  readonly broken?: string;
}

/** Where it is. */
export function keptFilePath(data: string): string {
  return join(data, FILE_NAME);
}

/** Whether the API may have this run: sources that the configuration has too, and those that name nothing local. */
export function mayRun(spec: SourceSpec, configured: readonly ConfiguredStream[]): boolean {
  const text = JSON.stringify(spec);
  return isForApi(spec) || configured.some((each) => JSON.stringify(each.spec) === text);
}

/**
 * Reads a source of the API's: as the configuration has it, if it does, with paths meant from where they are meant there.
 * @throws {SourceError}
 */
export function readApiSource(source: string, configured: readonly ConfiguredStream[]): SourceSpec {
  for (const folder of new Set(configured.map((each) => each.folder))) {
    const spec = parseSource(source, folder);
    if (mayRun(spec, configured)) return spec;
  }
  return parseSource(source);
}

/** Reads it; a file that is not there is an empty one. */
export function readKeptFile(config: Config): KeptFile {
  const path = keptFilePath(config.data);
  let kept: Kept;
  try {
    kept = parse(readIfThere(path));
  } catch (error) {
    const reason = error instanceof SyntaxError
      ? `${path} is not as this relay wrote it: mend it, or take it away`
      : `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    const none = { sources: new Map(), written: new Map(), streams: [], destinations: [] };
    return { ...none, problems: [reason], broken: reason };
  }
  const problems: string[] = [];
  const streams = readStreams(kept, { configured: config.streams, problems });
  const ids = new Set(config.destinations.map(({ id }) => id));
  const destinations = readDestinations(kept, { configured: ids, problems });
  return { ...kept, streams, destinations, problems };
}

function readStreams(
  { sources }: Kept,
  { configured, problems }: {
    readonly configured: readonly ConfiguredStream[];
    readonly problems: string[];
  },
): ConfiguredStream[] {
  const streams: ConfiguredStream[] = [];
  for (const [name, source] of sources) {
    if (configured.some((each) => each.name === name)) continue; // the configuration's word counts
    try {
      const spec = readApiSource(source, configured);
      if (mayRun(spec, configured)) streams.push({ name, spec });
      else problems.push(`${name}: ${spec.label} is not in the configuration any more`);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      problems.push(`${name}: ${error.message}`);
    }
  }
  return streams;
}

function readDestinations(
  { written }: Kept,
  { configured, problems }: {
    readonly configured: ReadonlySet<string>;
    readonly problems: string[];
  },
): Destination[] {
  const destinations: Destination[] = [];
  for (const [id, each] of written) {
    if (configured.has(id)) continue;
    try {
      destinations.push(parseDestination({ id, ...each }));
    } catch (error) {
      if (!(error instanceof DestinationError)) throw error;
      problems.push(`${id}: ${error.message}`);
    }
  }
  return destinations;
}

/** A configuration with what the API added: for what that needs permissions for. */
export function withKept(config: Config): Config {
  const { streams, destinations } = readKeptFile(config);
  return {
    ...config,
    streams: [...config.streams, ...streams],
    destinations: [...config.destinations, ...destinations],
  };
}

/** Writes it whole, or leaves the old one. @throws what the file system says. */
export async function writeKeptFile(data: string, { sources, written }: Kept): Promise<void> {
  const path = keptFilePath(data);
  const streams = Object.fromEntries([...sources].map(([name, source]) => [name, { source }]));
  await Deno.mkdir(dirname(path), { recursive: true });
  const next = `${path}.new`;
  const json = JSON.stringify({ streams, destinations: Object.fromEntries(written) }, undefined, 2);
  const text = new TextEncoder().encode(`${json}\n`);
  {
    using file = await Deno.open(next, { write: true, create: true, truncate: true, mode: MODE });
    for (let done = 0; done < text.length;) done += await file.write(text.subarray(done));
    await file.sync(); // a power cut leaves the old one or the new one, not an empty one
  }
  await Deno.rename(next, path);
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "{}";
    throw error;
  }
}

/** @throws {SyntaxError} for what this file does not write. */
function parse(text: string): Kept {
  const json: unknown = JSON.parse(text);
  const sources = new Map<string, string>();
  for (const [name, { source }] of entriesOf(json, "streams")) {
    if (source === undefined || !isStreamName(name)) throw new SyntaxError(name);
    sources.set(name, source);
  }
  const written = new Map<string, KeptDestination>();
  for (const [id, { stream, url, token, format }] of entriesOf(json, "destinations")) {
    if (stream === undefined || url === undefined) throw new SyntaxError(id);
    written.set(id, { stream, url, token, format });
  }
  if (sources.size > MAX_STREAMS || written.size > MAX_DESTINATIONS) throw new SyntaxError("many");
  return { sources, written };
}

/** The texts below each name below a key. */
function entriesOf(json: unknown, key: string): [string, Readonly<Record<string, string>>][] {
  if (!isObject(json)) throw new SyntaxError("no object");
  const entries = json[key] ?? {};
  if (!isObject(entries)) throw new SyntaxError(key);
  return Object.entries(entries).map(([name, entry]) => {
    if (!isObject(entry)) throw new SyntaxError(name);
    const texts = Object.entries(entry).map(([field, text]) => {
      if (typeof text !== "string") throw new SyntaxError(`${name}.${field}`);
      return [field, text] as const;
    });
    return [name, Object.fromEntries(texts)];
  });
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
