/**
 * What a configuration says of a stream that is always recorded (contract §3, `record`): how long and how much is kept,
 * what that makes of one file, and which files have to go. Pure.
 *
 * @module
 */

/** What is kept of one stream; without either limit, all of it. */
export interface RecordPlan {
  /** A file may go when its last picture is older than so many milliseconds. */
  readonly keepMs?: number;
  /** All files of the stream together, in bytes. */
  readonly maxBytes?: number;
}

/** How much goes into one file, before the next begins at a key picture. */
export interface FileLimits {
  readonly seconds: number;
  readonly bytes: number;
}

/** A closed file of a stream. */
export interface KeptFile {
  readonly id: string;
  readonly bytes: number;
  /** When it was written to last, in milliseconds since the Unix epoch. */
  readonly endedAt: number;
}

const MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const BYTES = { MB: 1e6, GB: 1e9, TB: 1e12, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** Below it nothing could be looked at before it goes. */
const MIN_KEEP_MS = MS.m;
/** Below it one group of pictures may be all there is room for. */
const MIN_BYTES = 10 * BYTES.MB;
const HOUR_SECONDS = 3_600;
/** What goes, goes a file at a time: of as many parts are the limits made. */
const PARTS = 8;

/** What {@link readKeep} takes, for sentences. */
export const KEEP_EXPECTED = "a time of 1m or more such as 7d, 12h or 30m";
/** What {@link readMaxSize} takes, for sentences. */
export const MAX_SIZE_EXPECTED = "a size of 10MB or more such as 20GB or 1TB";

/** `7d`, `12h` … in milliseconds; `undefined` for what is none. */
export function readKeep(text: string): number | undefined {
  return readAmount(text, MS, MIN_KEEP_MS);
}

/** `20GB`, `500 MiB` … in bytes; `undefined` for what is none. */
export function readMaxSize(text: string): number | undefined {
  return readAmount(text, BYTES, MIN_BYTES);
}

/** A plan of texts that {@link readKeep} and {@link readMaxSize} take. */
export function readPlan(
  { keep, max_size }: {
    readonly keep?: string | undefined;
    readonly max_size?: string | undefined;
  },
): RecordPlan {
  const keepMs = keep === undefined ? undefined : readKeep(keep);
  const maxBytes = max_size === undefined ? undefined : readMaxSize(max_size);
  return {
    ...(keepMs === undefined ? {} : { keepMs }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  };
}

/** An hour a file, or less where little is kept. */
export function fileLimits({ keepMs = Infinity, maxBytes = Infinity }: RecordPlan): FileLimits {
  return {
    seconds: Math.min(HOUR_SECONDS, keepMs / PARTS / MS.s),
    bytes: Math.floor(maxBytes / PARTS),
  };
}

/**
 * Which closed files have to go: what is too old, and of the rest the oldest, until the file under way has room to grow.
 * @param now in milliseconds since the Unix epoch.
 */
export function tooMuch(files: readonly KeptFile[], plan: RecordPlan, now: number): string[] {
  const { keepMs = Infinity, maxBytes = Infinity } = plan;
  let room = maxBytes - fileLimits(plan).bytes;
  const newest = [...files].sort((a, b) => b.endedAt - a.endedAt);
  const gone: string[] = [];
  for (const { id, bytes, endedAt } of newest) {
    room -= bytes;
    if (room < 0 || now - endedAt > keepMs) gone.push(id);
  }
  return gone.reverse();
}

function readAmount(
  text: string,
  units: Readonly<Record<string, number>>,
  least: number,
): number | undefined {
  const [, number = "", unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?) ?([A-Za-z]+)$/.exec(text) ?? [];
  const amount = Number(number) * (Object.hasOwn(units, unit) ? units[unit] ?? 0 : 0);
  return amount >= least ? amount : undefined;
}
