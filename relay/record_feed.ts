/**
 * What brings media to the recorder: the pipeline in this thread for a file at full speed, which is the
 * fastest; a worker with a supervisor for everything live, so that the disk never makes a datagram wait.
 *
 * @module
 */

import { Ingest } from "./ingest/ingest.ts";
import { Log } from "./log.ts";
import type { Losses, Progress } from "./record_progress.ts";
import type { Recorder } from "./recordings/recorder.ts";
import { openSource } from "./sources/mod.ts";
import { SourceError, type SourceSpec } from "./sources/source.ts";
import { Supervisor } from "./streams/supervisor.ts";

/** Why nothing more comes. */
export type FeedEnd =
  /** The source came to its end, a limit was reached, or it was stopped. */
  | { readonly kind: "ended" }
  /** The source broke and is not to be started again; `reason` is a sentence. */
  | { readonly kind: "failed"; readonly reason: string };

/** A source on its way into a recorder. */
export interface Feed {
  /** What was lost so far. */
  readonly losses: Losses;
  /**
   * Runs until `signal` aborts, the recorder has enough or nothing more comes.
   * @throws {RecordingError} when the recording cannot be written.
   */
  run(signal: AbortSignal): Promise<FeedEnd>;
}

/** Who takes what the source brings, and who hears of it. */
export interface FeedOptions {
  readonly recorder: Recorder;
  readonly progress: Progress;
}

/** Whether a source gives what it has as fast as it is taken: a file with `pace=fast`. */
export function isFast(spec: SourceSpec): boolean {
  return "pace" in spec && spec.pace === "fast";
}

/** Opens the way that suits the source. */
export function openFeed(spec: SourceSpec, options: FeedOptions): Feed {
  return isFast(spec) ? openDirectFeed(spec, options) : openLiveFeed(spec, options);
}

function openDirectFeed(spec: SourceSpec, { recorder, progress }: FeedOptions): Feed {
  const enough = new AbortController();
  const source = openSource(spec);
  const ingest = new Ingest({
    init: (segment) => {
      if (!enough.signal.aborted) recorder.init(segment);
    },
    batch: (batch) => {
      if (!enough.signal.aborted && !recorder.batch(batch)) enough.abort();
    },
    status: () => {},
    note: (sentence) => progress.say(sentence),
  }, {
    format: source.format,
    clock: source.clock,
    reliable: source.reliable,
    batches: "lent", // the recorder copies
  });
  return {
    losses: ingest.counters,
    run: async (signal) => {
      try {
        await source.run(ingest, AbortSignal.any([signal, enough.signal]));
        ingest.end();
        return { kind: "ended" };
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        ingest.end();
        return { kind: "failed", reason: error.message };
      }
    },
  };
}

function openLiveFeed(spec: SourceSpec, { recorder, progress }: FeedOptions): Feed {
  const supervisor = new Supervisor({ name: "record", spec, log: new SentenceLog(progress) });
  const end = Promise.withResolvers<FeedEnd>();
  let enough = false;
  let broken: { readonly error: unknown } | undefined;
  /** The hub must not be thrown at. */
  const record = (action: () => boolean): void => {
    if (enough) return;
    try {
      enough = !action();
    } catch (error) {
      enough = true;
      broken = { error };
    }
    if (enough) end.resolve({ kind: "ended" });
  };
  supervisor.hub.subscribe({
    backlog: 0,
    init: (segment) =>
      record(() => {
        recorder.init(segment);
        return true;
      }),
    push: (batch) => record(() => recorder.batch(batch)),
    skipped: () => {},
    offline: () => {
      const { state } = supervisor.info; // whoever records is told all of it
      if (state.kind === "ended") end.resolve({ kind: "ended" });
      else if (spec.finite && state.kind === "offline") {
        end.resolve({ kind: "failed", reason: state.reason });
      }
    },
    close: () => {},
  });
  return {
    get losses() {
      return supervisor.info.counters;
    },
    run: async (signal) => {
      signal.addEventListener("abort", () => end.resolve({ kind: "ended" }), { once: true });
      const ended = await end.promise;
      // What is still on its way is recorded while the worker stops.
      await supervisor[Symbol.asyncDispose]();
      if (broken !== undefined) throw broken.error;
      return ended;
    },
  };
}

/** The supervisor's log as sentences for whoever records. */
class SentenceLog extends Log {
  constructor(progress: Progress) {
    super({ level: "info", format: "json", write: (line) => progress.say(messageOf(line)) });
  }
}

function messageOf(line: string): string {
  const event: unknown = JSON.parse(line);
  const known = typeof event === "object" && event !== null && "message" in event;
  return known ? String(event.message) : line;
}
