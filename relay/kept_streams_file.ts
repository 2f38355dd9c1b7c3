/**
 * The file below `--data` in which the streams that the API added outlast the relay. Reads it for the launcher and the
 * relay, by the same rules as a request: what names a command, a file or a device is not run for being written there.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { isStreamName } from "../shared/stream_name.ts";
import type { Config } from "./config.ts";
import type { ConfiguredStream } from "./config_streams.ts";
import { isForApi, parseSource } from "./sources/mod.ts";
import { SourceError, type SourceSpec } from "./sources/source.ts";
import { MAX_STREAMS } from "./streams/streams.ts";

const FILE_NAME = "streams.json";
/** Readable for its user alone: sources may hold passwords. */
const MODE = 0o600;

/** What the file says. */
export interface KeptFile {
  /** Every source, as it was written, by the stream's name. */
  readonly sources: ReadonlyMap<string, string>;
  /** Those that are to be run. */
  readonly streams: readonly ConfiguredStream[];
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

/** Reads it; a file that is not there is an empty one. */
export function readKeptFile({ data, streams: configured }: Config): KeptFile {
  const path = keptFilePath(data);
  let sources: Map<string, string>;
  try {
    sources = parse(readIfThere(path));
  } catch (error) {
    const reason = error instanceof SyntaxError
      ? `${path} is not as this relay wrote it: mend it, or take it away`
      : `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { sources: new Map(), streams: [], problems: [reason], broken: reason };
  }
  const streams: ConfiguredStream[] = [];
  const problems: string[] = [];
  for (const [name, source] of sources) {
    if (configured.some((each) => each.name === name)) continue; // the configuration's word counts
    try {
      const spec = parseSource(source);
      if (mayRun(spec, configured)) streams.push({ name, spec });
      else problems.push(`${name}: ${spec.label} is not in the configuration any more`);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      problems.push(`${name}: ${error.message}`);
    }
  }
  return { sources, streams, problems };
}

/** A configuration with the streams that the API added: for what they need permissions for. */
export function withKept(config: Config): Config {
  return { ...config, streams: [...config.streams, ...readKeptFile(config).streams] };
}

/** Writes it whole, or leaves the old one. @throws what the file system says. */
export async function writeKeptFile(
  data: string,
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  const path = keptFilePath(data);
  const streams = Object.fromEntries([...sources].map(([name, source]) => [name, { source }]));
  await Deno.mkdir(dirname(path), { recursive: true });
  const next = `${path}.new`;
  const text = new TextEncoder().encode(`${JSON.stringify({ streams }, undefined, 2)}\n`);
  {
    using file = await Deno.open(next, { write: true, create: true, truncate: true, mode: MODE });
    for (let written = 0; written < text.length;) {
      written += await file.write(text.subarray(written));
    }
    await file.sync(); // a power cut leaves the old one or the new one, not an empty one
  }
  await Deno.rename(next, path);
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return '{"streams":{}}';
    throw error;
  }
}

/** @throws {SyntaxError} for what this file does not write. */
function parse(text: string): Map<string, string> {
  const json: unknown = JSON.parse(text);
  const streams = typeof json === "object" && json !== null && "streams" in json
    ? json.streams
    : undefined;
  if (typeof streams !== "object" || streams === null) throw new SyntaxError("no streams");
  const sources = new Map<string, string>();
  for (const [name, entry] of Object.entries(streams)) {
    const source: unknown = Reflect.get(Object(entry), "source");
    if (typeof source !== "string" || !isStreamName(name)) throw new SyntaxError(name);
    sources.set(name, source);
  }
  if (sources.size > MAX_STREAMS) throw new SyntaxError("too many streams");
  return sources;
}
