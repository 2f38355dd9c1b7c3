/**
 * A child process whose standard output is a camera's bytes: started, watched, ended, and its end put into words. What
 * the bytes and the words mean is the driver's to say; starting it again is the supervisor's.
 *
 * @module
 */

import { asInput, guarded } from "./process_group.ts";
import { SourceError } from "./source.ts";
import { StderrTail } from "./stderr_tail.ts";

/** A program that writes nothing for so long hangs. */
const SILENCE_MS = 10_000;
/** One that has just been started may take so long: cameras warm up. */
const FIRST_BYTE_MS = 20_000;
/**
 * One that was asked to end has so long before it is made to, and what it wrote as long to be read: both together less
 * than the supervisor's patience with a source, for nobody would end the program after that.
 */
const PATIENCE_MS = 1_500;

/** There is no such program on this machine: another may do. */
export class ProgramMissing extends SourceError {}

/** How a program ended by itself. */
export interface Ended {
  /** As a shell has it: 128 + signal for one that was killed. */
  readonly code: number;
  /** What it wrote to its standard error, newest last. */
  readonly lines: readonly string[];
  /** It had given nothing for too long, and was ended for that: its last words are of something else. */
  readonly wasSilent: boolean;
}

/** What is run, and what is to be said of it. */
export interface ProcessOptions {
  readonly command: readonly [string, ...string[]];
  /** What the program is called in sentences; the command's first word if not given. */
  readonly name?: string;
  /**
   * The program, with all it starts, ends also when the relay is killed while it says nothing (one that does is ended by
   * what it writes to). Needs the permission to run {@link guarded}'s program.
   */
  readonly group?: boolean;
  /** All that it is given on its standard input, lines of text; nothing if absent. */
  readonly stdin?: string;
  /** What to do when the program is not there, a sentence that begins with a verb: "install the package …". */
  readonly install: string;
  /**
   * Why it ended, in a sentence; `undefined` leaves it to the last line that it wrote. Also asked of a program that
   * hangs.
   */
  explain?(ended: Ended): string | undefined;
  readonly silenceMs?: number;
  readonly firstByteMs?: number;
  /** It has no end of its own: one that ends with code 0 has failed too, and is explained. */
  readonly endless?: boolean;
}

/** Where its output goes. Calls return before more is read. */
export interface ProcessOutput {
  /** Standard output, cut anywhere. Lent. */
  data(bytes: Uint8Array): void;
  /** One line of standard error as it is complete. */
  line?(line: string): void;
}

/**
 * Runs a program until it ends, or `signal` aborts (then resolves, when nothing of it is left). One that ends with
 * code 0 resolves too, unless it is endless.
 * @throws {SourceError} when it cannot be started, fails, hangs.
 */
export async function runProcess(
  options: ProcessOptions,
  out: ProcessOutput,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const child = spawn(options);
  if (options.stdin !== undefined) void give(child, options, options.stdin);
  const tail = new StderrTail(out.line && ((line) => out.line?.(line)));
  const errors = tail.read(child.stderr).catch(() => undefined); // it ends with the process
  const reader = child.stdout.getReader();
  const watch = new Watchdog(options, () => end(child, options));
  const stop = (): void => end(child, options);
  signal.addEventListener("abort", stop);
  const pumping = pump(reader, (bytes) => {
    watch.fed();
    if (!signal.aborted && !watch.bit) out.data(bytes);
  });
  try {
    const status = await child.status;
    // Others of its group may hold the pipes open: they have a moment to be read, and are ended with the lifeline.
    await settled(Promise.all([pumping, errors]));
    if (signal.aborted) return;
    const ended: Ended = { code: status.code, lines: tail.lines, wasSilent: watch.bit };
    if (watch.bit) throw new SourceError(options.explain?.(ended) ?? hung(options, watch.limitMs));
    if (status.success && !options.endless) return;
    throw failure(options, ended);
  } finally {
    watch[Symbol.dispose]();
    signal.removeEventListener("abort", stop);
    await reader.cancel().catch(() => undefined); // closed already
    if (options.group) await child.stdin.close().catch(() => undefined); // likewise
  }
}

/** Ends one that runs out of patience: it has written nothing for too long. */
class Watchdog implements Disposable {
  /** It was ended. */
  bit = false;
  limitMs: number;
  readonly #silenceMs: number;
  readonly #bite: () => void;
  #timer: ReturnType<typeof setTimeout>;
  #fedAt = performance.now();

  constructor(
    { silenceMs = SILENCE_MS, firstByteMs = FIRST_BYTE_MS }: ProcessOptions,
    bite: () => void,
  ) {
    this.limitMs = firstByteMs;
    this.#silenceMs = silenceMs;
    this.#bite = bite;
    this.#timer = setTimeout(() => this.#look(), firstByteMs);
  }

  fed(): void {
    this.#fedAt = performance.now();
    if (this.limitMs === this.#silenceMs) return;
    this.limitMs = this.#silenceMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), this.limitMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const rest = this.limitMs - (performance.now() - this.#fedAt);
    if (rest > 0) {
      this.#timer = setTimeout(() => this.#look(), rest);
      return;
    }
    this.bit = true;
    this.#bite();
  }
}

function spawn({ command, group = false, stdin, install }: ProcessOptions): Deno.ChildProcess {
  const input = stdin !== undefined;
  const [program, ...args] = group ? guarded(command, { input }) : command;
  try {
    return new Deno.Command(program, {
      args,
      stdin: group || input ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
      detached: group,
    }).spawn();
  } catch (error) {
    throw notStarted(program, install, error);
  }
}

function notStarted(program: string, install: string, error: unknown): unknown {
  if (error instanceof Deno.errors.NotFound) return new ProgramMissing(missing(program, install));
  if (error instanceof Deno.errors.PermissionDenied) return new SourceError(forbidden(program));
  if (error instanceof Deno.errors.NotCapable) {
    return new SourceError(
      `the relay was started without leave to run ${program}: start it again`,
    );
  }
  return error;
}

function missing(program: string, install: string): string {
  return `there is no program ${program} on this machine: ${install}`;
}

function forbidden(program: string): string {
  return `this user may not run ${program}: make it executable for the user that the relay runs as`;
}

function end(child: Deno.ChildProcess, { group }: ProcessOptions): void {
  if (group) return void child.stdin.close().catch(() => undefined); // closed already: it is ending
  signalChild(child, "SIGTERM");
  const patience = setTimeout(() => signalChild(child, "SIGKILL"), PATIENCE_MS);
  void child.status.then(() => clearTimeout(patience));
}

async function give(
  { stdin }: Deno.ChildProcess,
  { group }: ProcessOptions,
  text: string,
): Promise<void> {
  const writer = stdin.getWriter();
  const bytes = new TextEncoder().encode(group ? asInput(text) : text);
  const written = writer.write(bytes).catch(() => undefined); // it has ended already
  if (group) return writer.releaseLock(); // it stays open: the lifeline
  await written;
  await writer.close().catch(() => undefined); // as above
}

function signalChild(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    // It has ended already.
  }
}

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
  }
}

async function settled(work: Promise<unknown>): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, PATIENCE_MS);
  await Promise.race([work, patience.promise]);
  clearTimeout(timer);
}

function hung({ command: [program], name = program }: ProcessOptions, limitMs: number): string {
  return `the program ${name} has written nothing for ${
    Math.round(limitMs / 1000)
  } s, and was ended`;
}

function failure(options: ProcessOptions, ended: Ended): SourceError {
  const { command: [program], name = program, group, install } = options;
  // The guard's own words, which a driver does not know.
  if (group && ended.code === NOT_FOUND) {
    return new ProgramMissing(missing(absentIn(ended) ?? program, install));
  }
  if (group && ended.code === NOT_EXECUTABLE) return new SourceError(forbidden(program));
  const known = options.explain?.(ended);
  if (known !== undefined) return new SourceError(known);
  const how = ended.code === 0
    ? "ended"
    : ended.code > 128 && ended.code <= 128 + 64
    ? `was ended by signal ${ended.code - 128}`
    : `ended with code ${ended.code}`;
  const last = ended.lines.at(-1)?.replace(/[.\s]+$/, "");
  const said = last === undefined ? " and said nothing" : `: ${last}`;
  // A name keeps its spelling where a sentence begins.
  return new SourceError(`the program ${name} ${how}${said}`);
}

/** The program that a shell has not found: `sh: 1: NAME: not found`, or bash's `sh: line 1: NAME: command not found`. */
function absentIn({ lines }: Ended): string | undefined {
  return /([^\s:]+): (?:command )?not found$/.exec(lines.at(-1) ?? "")?.[1];
}

/** What a shell answers for a program that is not there, or may not be run (POSIX XCU §2.8.2). */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
