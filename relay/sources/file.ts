/**
 * `file:PATH[?loop&pace=realtime|fast]`: a recording replayed as if it came from a camera, or as fast as
 * it can be read. A file of GoPro datagrams, headers kept, is taken apart as the camera's socket would.
 * What the bytes mean is the pipeline's to find out.
 *
 * @module
 */

import { resolve } from "node:path";
import { sleep } from "../../shared/sleep.ts";
import { micros } from "../../shared/units.ts";
import { DatagramReader, passOn } from "./datagram.ts";
import { GOPRO_DATAGRAM_BYTES, isGoProDatagram } from "./gopro_header.ts";
import { findLateIndex } from "./mp4_index.ts";
import { choose, splitSource } from "./options.ts";
import { Pacer } from "./pace.ts";
import {
  type Scheme,
  type Source,
  SourceError,
  type SourceOutput,
  type SourceSpec,
} from "./source.ts";

/** How fast a file plays. */
export type Pace = "realtime" | "fast";

/** What {@link openFile} needs to know. */
export interface FileSpec extends SourceSpec {
  /** Absolute. */
  readonly path: string;
  readonly loop: boolean;
  readonly pace: Pace;
}

/** Bytes handed on at once in real time: what a datagram of TS holds. */
const REALTIME_CHUNK_BYTES = 7 * 188;
/** A read in real time: 48 datagrams' worth, whole slots of a GoPro's. */
const REALTIME_READ_BYTES = 48 * GOPRO_DATAGRAM_BYTES;
/** A read at full speed; whole slots too, and small enough to stay in a processor's cache. */
const FAST_READ_BYTES = 96 * GOPRO_DATAGRAM_BYTES;
/** Reads at full speed after which others may run: 64 MB. */
const READS_BETWEEN_PAUSES = 512;
/** Chunks without a media time after which a realtime replay lets others run. */
const MAX_CHUNKS_BETWEEN_PAUSES = 256;

function parse(text: string, folder = ""): FileSpec {
  const { body, options } = splitSource(text, ["loop", "pace"]);
  if (body === "") throw new SourceError(`no path in "${text}": write file:PATH`);
  const loopValue = choose(text, {
    key: "loop",
    value: options.get("loop"),
    choices: ["", "true", "false"],
  });
  const loop = options.has("loop") && loopValue !== "false";
  const path = resolve(folder, body);
  return {
    scheme: "file",
    label: text,
    finite: !loop,
    permissions: { read: [path] },
    path,
    loop,
    pace: choose(text, {
      key: "pace",
      value: options.get("pace"),
      choices: ["realtime", "fast"],
    }),
  };
}

/** Opens a recording for replay; nothing is touched until it runs. */
export function openFile(spec: FileSpec): Source {
  return {
    format: "sniff",
    clock: "rate",
    run: (out, signal) => replay(spec, { out, signal }),
  };
}

/** The row of the scheme table. */
export const file: Scheme<FileSpec> = { parse, open: openFile };

interface Running {
  readonly out: SourceOutput;
  readonly signal: AbortSignal;
}

async function replay(spec: FileSpec, running: Running): Promise<void> {
  const { out, signal } = running;
  if (signal.aborted) return;
  const { handle, regular } = await openForReading(spec.path);
  using _open = handle;
  const buffer = new Uint8Array(spec.pace === "fast" ? FAST_READ_BYTES : REALTIME_READ_BYTES);
  const pacer = spec.pace === "fast" ? undefined : new Pacer();
  const index = await readLateIndex(handle, spec.path);
  for (let round = 0;; round++) {
    if (round > 0) await rewind(handle, spec.path);
    if (index !== undefined) out.data(index, out.now()); // an MP4's, before the media that it tells of
    const bytes = await playOnce({ ...running, handle, regular, path: spec.path, buffer, pacer });
    if (signal.aborted) return;
    if (bytes === 0) throw new SourceError(`${spec.path} is empty: nothing to play`);
    if (!spec.loop) return;
    out.discontinuity("loop"); // what was held goes out too
    // Without a clock in it, the file would be played again and again as fast as it can be read.
    if (pacer !== undefined && out.mediaTime() === undefined) {
      throw new SourceError(
        `nothing in ${spec.path} can be played: is it MPEG-TS, H.264, H.265, ADTS or MP4?`,
      );
    }
  }
}

interface Round extends Running {
  readonly handle: Deno.FsFile;
  /** On a disk: a read never waits for a writer. */
  readonly regular: boolean;
  readonly path: string;
  readonly buffer: Uint8Array;
  /** Absent at full speed. */
  readonly pacer: Pacer | undefined;
}

/** @returns bytes read; 0 for an empty file. */
async function playOnce(round: Round): Promise<number> {
  const { out, signal, buffer, pacer } = round;
  let total = 0;
  let datagrams: DatagramReader | undefined;
  let unpaced = 0;
  let reads = 0;
  const atOnce = pacer === undefined && round.regular;
  while (!signal.aborted) {
    // At full speed a hop to another thread and back costs more than the read.
    const filled = atOnce ? fillAtOnce(round) : await fill(round);
    if (filled === 0) break;
    if (atOnce && ++reads % READS_BETWEEN_PAUSES === 0) await sleep(0, signal);
    if (total === 0 && holdsDatagrams(buffer.subarray(0, filled))) datagrams = new DatagramReader();
    total += filled;
    const step = datagrams !== undefined
      ? GOPRO_DATAGRAM_BYTES
      : pacer === undefined
      ? filled
      : REALTIME_CHUNK_BYTES;
    for (let offset = 0; offset < filled && !signal.aborted; offset += step) {
      const chunk = buffer.subarray(offset, Math.min(offset + step, filled));
      if (datagrams === undefined) {
        out.data(chunk, out.now());
      } else {
        const content = datagrams.read(chunk);
        if (content !== undefined) passOn(content, out, out.now());
      }
      if (pacer === undefined) continue;
      const ahead = pacer.ahead(out.mediaTime() ?? micros(0), out.now());
      if (ahead >= 1000 || ++unpaced >= MAX_CHUNKS_BETWEEN_PAUSES) {
        unpaced = 0;
        await sleep(Math.max(0, ahead / 1000), signal);
      }
    }
  }
  return total;
}

/** The index of an MP4 that has it at the end; `undefined` for all other files and for what cannot be sought in. */
async function readLateIndex(handle: Deno.FsFile, path: string): Promise<Uint8Array | undefined> {
  if (!(await handle.stat()).isFile) return undefined;
  const readAt = async (offset: number, into: Uint8Array): Promise<number> => {
    await handle.seek(offset, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < into.length) {
      const count = await handle.read(into.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return filled;
  };
  try {
    const part = await findLateIndex(readAt);
    const index = part && new Uint8Array(part.byteLength);
    if (part && index && (await readAt(part.offset, index)) < index.length) return undefined;
    await handle.seek(0, Deno.SeekMode.Start);
    return index;
  } catch (error) {
    throw inWords(error, path);
  }
}

/** Fills the buffer as far as the file reaches, so that slots are never cut. */
async function fill(round: Round): Promise<number> {
  let filled = 0;
  while (filled < round.buffer.length) {
    const count = await round.handle.read(round.buffer.subarray(filled)).catch((error) => {
      throw inWords(error, round.path);
    });
    if (count === null) break;
    filled += count;
  }
  return filled;
}

/** The same, while everything else in this thread waits. */
function fillAtOnce({ handle, buffer, path }: Round): number {
  let filled = 0;
  try {
    while (filled < buffer.length) {
      const count = handle.readSync(buffer.subarray(filled));
      if (count === null) break;
      filled += count;
    }
  } catch (error) {
    throw inWords(error, path);
  }
  return filled;
}

/** The first two slots (or the only one) begin with a GoPro's header, and the file is not plain TS. */
function holdsDatagrams(head: Uint8Array): boolean {
  const second = head.subarray(GOPRO_DATAGRAM_BYTES, 2 * GOPRO_DATAGRAM_BYTES);
  return isGoProDatagram(head.subarray(0, GOPRO_DATAGRAM_BYTES)) &&
    (second.length === 0 || isGoProDatagram(second));
}

async function openForReading(
  path: string,
): Promise<{ readonly handle: Deno.FsFile; readonly regular: boolean }> {
  try {
    const handle = await Deno.open(path, { read: true });
    const { isDirectory, isFile } = await handle.stat();
    if (!isDirectory) return { handle, regular: isFile };
    handle.close();
  } catch (error) {
    throw inWords(error, path);
  }
  throw new SourceError(`${path} is a directory: name a file in it`);
}

async function rewind(handle: Deno.FsFile, path: string): Promise<void> {
  await handle.seek(0, Deno.SeekMode.Start).catch((error) => {
    throw new SourceError(`${path} cannot be played again: only a regular file can loop`, {
      cause: error,
    });
  });
}

function inWords(error: unknown, path: string): SourceError {
  const options = { cause: error };
  if (error instanceof Deno.errors.NotFound) {
    return new SourceError(`no such file: ${path}`, options);
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return new SourceError(`permission denied: this user may not read ${path}`, options);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new SourceError(`cannot read ${path}: ${reason}`, options);
}
