/**
 * `deno task record SOURCE FILE`: a source straight to an MP4 file, no server. Arguments → source → recorder
 * → signals → exit code. The only exit of its process.
 *
 * @module
 */

import { UsageError } from "./usage_error.ts";
import { explainOldDeno } from "./deno_version.ts";
import { type Feed, type FeedOptions, isFast, openFeed } from "./record_feed.ts";
import { readRecordCommand, RECORD_USAGE, type RecordConfig } from "./record_options.ts";
import { Progress } from "./record_progress.ts";
import { FileOutput } from "./recordings/file_output.ts";
import { RecordingError } from "./recordings/output.ts";
import { Recorder } from "./recordings/recorder.ts";
import type { SourceSpec } from "./sources/source.ts";
import { enterStartFolder } from "./start_folder.ts";
import { toStderr, toStdout } from "./tell.ts";

/** Contract §2. */
const EXIT = { stopped: 0, failed: 1, usage: 2 } as const;
const SECOND_MS = 1_000;
/** Without a picture for so long it is said that we wait. */
const PATIENCE_SECONDS = 10;
/** After a signal everything must be closed by then. */
const STOP_MS = 5_000;

/** Keeps of the task's permissions what this source needs; reading and writing name no folder beforehand. */
function narrowPermissions({ permissions }: SourceSpec): void {
  for (const name of ["net", "run"] as const) {
    if (permissions[name] === undefined) Deno.permissions.revokeSync({ name });
  }
}

async function record({ spec, path, overwrite, limits }: RecordConfig): Promise<number> {
  narrowPermissions(spec);
  const use = overwrite ? "create" : "createNew";
  FileOutput.probe(path, use);
  const stop = new AbortController();
  for (const signal of stopSignals()) Deno.addSignalListener(signal, () => halt(stop));
  const progress = new Progress({ write: toStderr, terminal: Deno.stderr.isTerminal() });
  const recorder = new Recorder({
    path,
    open: (name) => FileOutput.open(name, use),
    ...(overwrite ? {} : { isTaken: FileOutput.isThere }),
    durable: !isFast(spec),
    now: Date.now,
    limits,
    onFile: (name) => progress.say(`recording ${spec.label} to ${name}`),
  });
  const feed = openFeed(spec, { recorder, progress });
  const look = lookEachSecond({ spec, recorder, feed, progress });
  let failure: string | undefined;
  try {
    const end = await feed.run(stop.signal);
    if (end.kind === "failed") failure = end.reason;
    clearInterval(look);
    recorder.close();
  } catch (error) {
    clearInterval(look);
    if (!(error instanceof RecordingError)) throw error;
    failure = error.message;
    closeAnyhow(recorder);
  }
  progress.summarise(recorder.files, feed.losses);
  if (failure !== undefined) {
    progress.say(failure);
    return EXIT.failed;
  }
  if (recorder.files.length > 0) return EXIT.stopped;
  progress.say(`nothing was recorded: no picture and no sound came from ${spec.label}`);
  return stop.signal.aborted ? EXIT.stopped : EXIT.failed;
}

/** Progress, and what has to be said or done when nothing comes. */
function lookEachSecond(
  { spec, recorder, feed, progress }: FeedOptions & { spec: SourceSpec; feed: Feed },
): ReturnType<typeof setInterval> {
  let looks = 0;
  let taken = 0;
  return setInterval(() => {
    const { files } = recorder;
    const bytes = files.reduce((sum, { totals }) => sum + totals.bytes, 0);
    looks++;
    if (files.length > 0) {
      if (bytes === taken) flushAnyhow(recorder);
      progress.show(files, feed.losses);
    } else if (looks === PATIENCE_SECONDS) {
      progress.say(`no picture has come from ${spec.label} yet: waiting for it; Ctrl-C stops`);
    }
    taken = bytes;
  }, SECOND_MS);
}

/** A stream that pauses is on the disk but for its last frame; an error shows itself at the next frame or the end. */
function flushAnyhow(recorder: Recorder): void {
  try {
    recorder.flush();
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
  }
}

/** After an error: what can be closed is closed; the first error is the one to tell. */
function closeAnyhow(recorder: Recorder): void {
  try {
    recorder.close();
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
  }
}

function halt(stop: AbortController): void {
  if (stop.signal.aborted) return;
  stop.abort();
  setTimeout(() => {
    toStderr(`rill: something did not close within ${STOP_MS / SECOND_MS} s\n`);
    Deno.exit(EXIT.failed);
  }, STOP_MS);
}

function stopSignals(): Deno.Signal[] {
  return Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}

async function main(): Promise<number> {
  try {
    const old = explainOldDeno(Deno.version.deno, "record");
    if (old !== undefined) throw new UsageError(old);
    enterStartFolder();
    const request = readRecordCommand(Deno.args);
    if (request.kind === "run") return await record(request.config);
    toStdout(RECORD_USAGE);
    return EXIT.stopped;
  } catch (error) {
    if (error instanceof UsageError || error instanceof RecordingError) {
      toStderr(`rill: ${error.message}\n`);
      return error instanceof UsageError ? EXIT.usage : EXIT.failed;
    }
    toStderr(`rill: ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
    return EXIT.failed;
  }
}

Deno.exit(await main());
