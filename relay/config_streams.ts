/**
 * The streams that the configuration names, from its file and from the command line: each text read by its source's
 * driver. Opens none.
 *
 * @module
 */

import { isStreamName } from "../shared/stream_name.ts";
import type { FileStream } from "./config_file/read.ts";
import type { RecordPlan } from "./library/plan.ts";
import { equipSource, parseSource } from "./sources/mod.ts";
import { SourceError, type SourceSpec } from "./sources/source.ts";
import { MAX_STREAMS } from "./streams/streams.ts";
import { UsageError } from "./usage_error.ts";

/** A stream to be run. */
export interface ConfiguredStream {
  readonly name: string;
  readonly spec: SourceSpec;
  /** Where paths in its source are meant from, where that is not the folder that the relay was started in. */
  readonly folder?: string;
  /** Recorded always, and what is kept of it. */
  readonly record?: RecordPlan;
}

/** What is kept of those that are always recorded, by name. */
export function recordPlans(streams: readonly ConfiguredStream[]): Map<string, RecordPlan> {
  return new Map(streams.flatMap(({ name, record }) => record ? [[name, record]] : []));
}

/**
 * Reads all of them; names of the command line's that are left out are made from the source.
 * @throws {UsageError} with a sentence that names the stream, and its line in the file.
 */
export function readStreams(
  { file, command }: { readonly file: readonly FileStream[]; readonly command: readonly string[] },
): ConfiguredStream[] {
  const count = file.length + command.length;
  if (count > MAX_STREAMS) {
    const where = file[MAX_STREAMS]?.key;
    throw new UsageError(
      `${
        where === undefined ? "" : `${where}: `
      }${count} streams are more than one relay takes, ${MAX_STREAMS}`,
    );
  }
  const streams = file.map(readFileStream);
  for (const text of command) {
    const { name, source } = splitName(text);
    if (source === "") throw new UsageError(`no source in "${text}": write NAME=SOURCE`);
    if (name === undefined) refuseName(text);
    const spec = inWords("", () => parseSource(source));
    const free = name ?? freeName(spec.scheme, streams);
    if (streams.some((stream) => stream.name === free)) {
      throw new UsageError(
        `${spec.label}: there are two streams named ${free}; write NAME=SOURCE`,
      );
    }
    streams.push({ name: free, spec });
  }
  return streams;
}

/** What precedes the first `=` is a name only if it can be one: `file:a=b` has none. */
function splitName(text: string): { name?: string; source: string } {
  const equals = text.indexOf("=");
  const name = text.slice(0, Math.max(0, equals));
  return isStreamName(name) ? { name, source: text.slice(equals + 1) } : { source: text };
}

/** What cannot be a name, and stands before what can be a source, was meant as one. */
function refuseName(text: string): void {
  const equals = text.indexOf("=");
  if (equals < 1 || isSource(text) || !isSource(text.slice(equals + 1))) return;
  throw new UsageError(
    `"${text.slice(0, equals)}" ${NO_NAME}`,
  );
}

function isSource(text: string): boolean {
  try {
    parseSource(text);
    return true;
  } catch (error) {
    if (error instanceof SourceError) return false;
    throw error;
  }
}

function freeName(scheme: string, taken: readonly { name: string }[]): string {
  for (let n = 1;; n++) {
    const name = n === 1 ? scheme : `${scheme}-${n}`;
    // ws: is a scheme, and a word of ours.
    if (isStreamName(name) && !taken.some((stream) => stream.name === name)) return name;
  }
}

function readFileStream(
  { name, source, folder, equipment, record, key }: FileStream,
): ConfiguredStream {
  if (!isStreamName(name)) throw new UsageError(`${key}: "${name}" ${NO_NAME}`);
  const spec = inWords(`${key}: `, () => parseSource(source, folder));
  return {
    name,
    spec: inWords(`${key}: `, () => equipSource(spec, equipment)),
    folder,
    ...(record === undefined ? {} : { record }),
  };
}

/** @param where stands before what is wrong. */
function inWords<Result>(where: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof SourceError) throw new UsageError(`${where}${error.message}`);
    throw error;
  }
}

const NO_NAME = "cannot be a camera's name: it is made of letters, digits and . _ -, with / " +
  "between its parts, and ends in none of Rill's own words, for example ws";
