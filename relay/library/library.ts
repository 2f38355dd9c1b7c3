/**
 * The recordings of a relay: started, stopped, listed, thrown away. Who may do that is asked before; how a file is
 * written is the recorder's.
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { RecordingInfo, RecordingState } from "../../shared/recordings.ts";
import { describeTrack } from "../../shared/describe_track.ts";
import type { Log } from "../log.ts";
import type { Streams } from "../streams/streams.ts";
import { finishSound } from "./finish.ts";
import { filesBelow, removeEmpty, sizeOf, unlessAbsent } from "./folder.ts";
import { baseOf, idOf, newId, pathOf, readRecordingId } from "./places.ts";
import { fileLimits, type KeptFile, type RecordPlan, tooMuch } from "./plan.ts";
import { readRecordingFile, type RecordingFile } from "./recording_file.ts";
import { FileOutput } from "../recordings/file_output.ts";
import { RecordingError } from "../recordings/output.ts";
import { Repairs } from "./repairs.ts";
import { type Row, Session, type SessionEnd } from "./session.ts";

/** Recordings at once. */
const MAX_SESSIONS = 64;
/** Streams of which it is known how their last recording ended: publishers bring new names without end. */
const MAX_ENDS = 1_000;
/** The list shows the newest. */
const MAX_LISTED = 2_000;
/** A relay that stops waits so long for ffmpeg. */
const PATIENCE_MS = 1_000;

/** What the library is made with. */
export interface LibraryOptions {
  /** Absolute. Made when the first recording is. */
  readonly folder: string;
  readonly streams: Pick<Streams, "get">;
  readonly log: Log;
}

/** A stream that is always recorded: file after file, without a gap. */
export interface Always {
  readonly plan: RecordPlan;
  /** One of its files more is complete, and counts among those that are kept. */
  readonly closed: () => void;
}

/** What came of a wish to record. */
export type Starting = "started" | "recording" | "unknown" | "full";

/** All recordings. */
export class Library implements AsyncDisposable {
  readonly #options: LibraryOptions;
  readonly #sessions = new Map<string, Session>();
  /** Those, and others that are being closed. */
  readonly #open = new Set<Session>();
  /** How the newest one of each stream ended. */
  readonly #ends = new Map<
    string,
    { readonly ids: readonly string[]; readonly problem?: string }
  >();
  /** Being finished by ffmpeg: identifiers. */
  readonly #finishing = new Set<string>();
  #finishes: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  /** By path: what was read of a file of that size and age. */
  readonly #known = new Map<string, { readonly stamp: string; readonly file: RecordingFile }>();

  readonly #repairs: Repairs;

  /** Begins to repair what an earlier run left open. */
  constructor(options: LibraryOptions) {
    this.#options = options;
    const isOwn = (id: string): boolean => this.#isOpen(id) || this.#finishing.has(id);
    this.#repairs = new Repairs({ ...options, isOwn });
  }

  /** Begins to record a stream. */
  start(name: string, always?: Always): Starting {
    if (!this.#options.streams.get(name)) return "unknown";
    if (this.#sessions.has(name)) return "recording";
    if (this.#sessions.size >= MAX_SESSIONS) return "full";
    this.#begin(name, always);
    this.#options.log.info("recording", { stream: name });
    return "started";
  }

  #begin(name: string, always: Always | undefined): void {
    const stream = this.#options.streams.get(name);
    if (!stream) return;
    const row: Row | undefined = always && {
      limits: fileLimits(always.plan),
      next: () => this.#begin(name, always),
      wantKeyPicture: () => stream.askForKeyPicture(),
    };
    const { folder } = this.#options;
    const session = new Session({
      ...{ stream: name, hub: stream.hub, folder },
      path: () => freePath(folder, name),
      ...(row ? { row } : {}),
    });
    this.#sessions.set(name, session);
    this.#open.add(session);
    this.#ends.delete(name);
    void session.ended.then((end) => {
      this.#ended(session, end);
      always?.closed();
    });
  }

  /** Ends a stream's recording and waits until its files are closed; `undefined` when there is none. */
  async stop(name: string): Promise<RecordingState | undefined> {
    const session = this.#sessions.get(name);
    if (!session) return undefined;
    session.stop();
    await session.ended;
    return this.state(name);
  }

  /** How a stream's recording stands, or how its last one ended. */
  state(name: string): RecordingState {
    const session = this.#sessions.get(name);
    if (session) {
      const { startedAt, written: { seconds, bytes }, left, waiting } = session;
      return {
        recording: {
          startedAt: startedAt.toISOString(),
          seconds: Math.round(seconds * 10) / 10,
          bytes,
          left,
          ...(waiting === undefined ? {} : { waiting }),
        },
      };
    }
    const end = this.#ends.get(name);
    if (!end) return {};
    return {
      ended: {
        recordings: end.ids,
        ...(end.problem === undefined ? {} : { problem: end.problem }),
      },
    };
  }

  /** All of them, newest first. @param stream of this one only. */
  async list(stream?: string): Promise<RecordingInfo[]> {
    const { folder } = this.#options;
    const ids = (await filesBelow(folder)).flatMap((path) => {
      const id = readRecordingId(idOf(folder, path) ?? "");
      return id && (stream === undefined || id.stream === stream) ? [id] : [];
    });
    ids.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1));
    const infos: RecordingInfo[] = [];
    for (const { id } of ids.slice(0, MAX_LISTED)) {
      const info = await this.get(id);
      if (info) infos.push(info);
    }
    return infos;
  }

  /** One of them; `undefined` when there is none of that name. */
  async get(id: string): Promise<RecordingInfo | undefined> {
    const known = readRecordingId(id);
    const path = known && this.#pathOf(id);
    if (!known || path === undefined) return undefined;
    const size = await sizeOf(path);
    if (size === undefined) return undefined;
    const state = this.#isOpen(id) ? "recording" : this.#finishing.has(id) ? "finishing" : "done";
    const file = state === "recording"
      ? await readRecordingFile(path)
      : await this.#read(path, size);
    const tracks = file?.tracks ?? [];
    const note = noteOn(file);
    return {
      id,
      stream: known.stream,
      startedAt: known.startedAt.toISOString(),
      state,
      bytes: size,
      ...(file?.seconds === undefined ? {} : { seconds: Math.round(file.seconds * 1000) / 1000 }),
      tracks: tracks.map(describeTrack),
      ...(note === undefined || state === "recording" ? {} : { note }),
    };
  }

  /** Where a recording's file is; `undefined` when there is none of that name. */
  async path(id: string): Promise<string | undefined> {
    const path = this.#pathOf(id);
    return path !== undefined && await sizeOf(path) !== undefined ? path : undefined;
  }

  /** Throws one away. @returns `busy` while it is being made. */
  async remove(id: string): Promise<"removed" | "unknown" | "busy"> {
    const path = await this.path(id);
    if (path === undefined) return "unknown";
    if (this.#isOpen(id) || this.#finishing.has(id)) return "busy";
    await Deno.remove(path).catch(unlessAbsent); // somebody else was faster
    this.#known.delete(path);
    await removeEmpty(dirname(path), this.#options.folder);
    return "removed";
  }

  /**
   * Throws away what is more than a plan keeps of a stream; what is being made stays.
   * @throws when one cannot be thrown away, after the others have been.
   */
  async trim(stream: string, plan: RecordPlan): Promise<void> {
    const { folder, log } = this.#options;
    const files: KeptFile[] = [];
    for (const path of await filesBelow(join(folder, ...stream.split("/")))) {
      const id = readRecordingId(idOf(folder, path) ?? "");
      if (id?.stream !== stream || this.#isOpen(id.id)) continue;
      const file = await Deno.stat(path).catch(unlessAbsent);
      if (!file) continue;
      files.push({ id: id.id, bytes: file.size, endedAt: file.mtime?.getTime() ?? Date.now() });
    }
    const gone: string[] = [];
    let failure: unknown;
    for (const id of tooMuch(files, plan, Date.now())) {
      try {
        if (await this.remove(id) === "removed") gone.push(id);
      } catch (error) {
        failure ??= error; // a file that another program holds is no reason to keep the rest
      }
    }
    if (gone.length > 0) log.info(`no longer kept: ${gone.join(", ")}`, { stream });
    if (failure !== undefined) throw failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#repairs[Symbol.dispose]();
    for (const session of this.#open) session.stop();
    await Promise.all([...this.#open].map(({ ended }) => ended));
    const patience = setTimeout(() => this.#stop.abort(), PATIENCE_MS);
    await this.#finishes;
    clearTimeout(patience);
  }

  #ended(session: Session, { files, problem }: SessionEnd): void {
    const { stream, written, hasOpus } = session;
    const { folder, log } = this.#options;
    const ids = files.map((path) => idOf(folder, path)).filter((id) => id !== undefined);
    this.#open.delete(session);
    if (this.#sessions.get(stream) === session) this.#sessions.delete(stream);
    const nothing = ids.length === 0 && problem === undefined
      ? "nothing was recorded: no key picture came"
      : problem;
    this.#ends.delete(stream); // the newest stand last
    for (const oldest of this.#ends.keys()) {
      if (this.#ends.size < MAX_ENDS) break;
      this.#ends.delete(oldest);
    }
    this.#ends.set(stream, { ids, ...(nothing === undefined ? {} : { problem: nothing }) });
    if (nothing !== undefined) log.warn(nothing, { stream });
    else log.info(`recorded ${Math.round(written.seconds)} s: ${ids.join(", ")}`, { stream });
    if (!hasOpus) return;
    for (const id of ids) {
      this.#finishing.add(id);
      this.#finishes = this.#finishes.then(() => this.#finish(id));
    }
  }

  async #finish(id: string): Promise<void> {
    try {
      const path = pathOf(this.#options.folder, id);
      const problem = await finishSound(path, this.#stop.signal);
      if (problem !== undefined) this.#options.log.info(`${id} keeps its Opus sound: ${problem}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.log.warn(`${id} stays as it was recorded: ${why}`);
    } finally {
      this.#finishing.delete(id);
    }
  }

  /** Where a recording's file would be; `undefined` when that can be no recording. */
  #pathOf(id: string): string | undefined {
    return readRecordingId(id) && pathOf(this.#options.folder, id);
  }

  /** It is recorded now, or an earlier part of it was. */
  #isOpen(id: string): boolean {
    const path = pathOf(this.#options.folder, baseOf(id));
    return [...this.#open].some((session) => session.path === path);
  }

  /** @param size of the file, which may be gone meanwhile. */
  async #read(path: string, size: number): Promise<RecordingFile | undefined> {
    try {
      const { mtime } = await Deno.stat(path);
      const stamp = `${size} ${mtime?.getTime()}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known.file;
      const file = await readRecordingFile(path);
      if (file) this.#known.set(path, { stamp, file });
      return file;
    } catch (error) {
      if (error instanceof Deno.errors.PermissionDenied) return undefined; // the list has others
      unlessAbsent(error);
      return undefined;
    }
  }
}

/** A file that is not there yet: clocks are set back. */
function freePath(folder: string, stream: string): string {
  for (let ms = Date.now();; ms++) {
    const path = pathOf(folder, newId(stream, ms));
    if (!isThere(path)) return path;
  }
}

function isThere(path: string): boolean {
  try {
    return FileOutput.isThere(path);
  } catch (error) {
    if (error instanceof RecordingError) return false; // who writes it says why that cannot be
    throw error;
  }
}

/** Where it will not play. */
function noteOn(file: RecordingFile | undefined): string | undefined {
  if (!file) return "It cannot be read: it is damaged, or no recording.";
  if (file.seconds === undefined) {
    return "It was never closed, by a crash or a full disk: the next start of the relay repairs it. Until then " +
      "players show what there is of it, and some cannot seek.";
  }
  if (!file.tracks.some(({ sampleEntry }) => sampleEntry === "Opus")) return undefined;
  return "Its sound is Opus: QuickTime, older Safari and many television sets play it without " +
    "sound. With ffmpeg on the relay's machine, recordings get AAC instead.";
}
