/**
 * The command line of `deno task record`: one parse, typed. Contract §1. Touches nothing.
 *
 * @module
 */

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "./usage_error.ts";
import type { Limits } from "./recordings/limits.ts";
import { parseSource } from "./sources/mod.ts";
import { SourceError, type SourceSpec } from "./sources/source.ts";

/** What is to be recorded, and until when. */
export interface RecordConfig {
  readonly spec: SourceSpec;
  /** As written. */
  readonly path: string;
  /** What is there already may go. */
  readonly overwrite: boolean;
  readonly limits: Limits;
}

/** What the command line asks for. */
export type RecordRequest = { kind: "run"; config: RecordConfig } | { kind: "help" };

const OPTIONS = {
  seconds: { type: "string" },
  frames: { type: "string" },
  bytes: { type: "string" },
  overwrite: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Text of `--help`. */
export const RECORD_USAGE = `Rill records a source straight to an MP4 file, without a relay.

deno task record [options] SOURCE FILE

Sources
  demo                            the clip that comes with Rill
  gopro  gopro://HOST             a GoPro of any generation, HERO2 to HERO13
  udp://[HOST]:PORT               MPEG-TS in datagrams
  file:PATH[?loop&pace=fast]      a file; pace=fast: as fast as it can be read
  v4l2:DEVICE  rpicam  rtsp://…  rtp:SDP_FILE  exec:COMMAND  http(s)://…  ws(s)://…
                                  as deno task relay has them

Options
  --seconds N            the recording ends by itself after so much media
  --frames N             after so many pictures
  --bytes N              after so many bytes, index included
  --overwrite            a FILE that is there already is replaced
  -h, --help             this text
Ctrl-C ends it too. A stream that changes its form goes on in FILE-2, FILE-3 …
`;

/**
 * Reads the command line.
 * @throws {UsageError} with a sentence.
 */
export function readRecordCommand(args: readonly string[]): RecordRequest {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: "help" };
  const [source, path, ...more] = positionals;
  if (source === undefined || path === undefined) {
    throw new UsageError(
      `${source === undefined ? "no SOURCE and no FILE" : `no FILE to record ${source} to`}: ` +
        "write deno task record SOURCE FILE",
    );
  }
  if (more.length > 0) {
    throw new UsageError(`one SOURCE and one FILE are expected; ${more.join(" ")} is too much`);
  }
  const spec = readSource(source);
  if (spec.permissions.read?.includes(resolve(path))) {
    throw new UsageError(`${path} is the source itself: name another file to record to`);
  }
  const seconds = readAmount("seconds", values.seconds);
  const frames = readCount("frames", values.frames);
  const bytes = readCount("bytes", values.bytes);
  return {
    kind: "run",
    config: {
      spec,
      path,
      overwrite: values.overwrite === true,
      limits: {
        ...(seconds === undefined ? {} : { seconds }),
        ...(frames === undefined ? {} : { frames }),
        ...(bytes === undefined ? {} : { bytes }),
      },
    },
  };
}

function parse(args: readonly string[]): {
  values: Partial<Record<"seconds" | "frames" | "bytes", string>> & {
    overwrite?: boolean;
    help?: boolean;
  };
  positionals: string[];
} {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [, option] = /'([^' ]+)[^']*' argument is ambiguous/.exec(error.message) ?? [];
    if (option !== undefined) {
      throw new UsageError(`${option}: expected a number above 0; --help lists the options`);
    }
    const [first = error.message] = error.message.split(/\.\s|\n/);
    throw new UsageError(`${first[0]?.toLowerCase()}${first.slice(1)}; --help lists the options`);
  }
}

function readSource(text: string): SourceSpec {
  try {
    return parseSource(text);
  } catch (error) {
    if (error instanceof SourceError) throw new UsageError(error.message);
    throw error;
  }
}

/** A number above zero, fractions allowed. */
function readAmount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new UsageError(`--${option} ${text}: expected a number above 0, for example 60`);
}

function readCount(option: string, text: string | undefined): number | undefined {
  const value = readAmount(option, text);
  if (value === undefined || Number.isSafeInteger(value)) return value;
  throw new UsageError(`--${option} ${text}: expected a whole number above 0, for example 1000`);
}
