/**
 * The `?key=value&flag` tail of a source as written on the command line or in the configuration: split,
 * decoded, and every key checked. What the values mean is the scheme's.
 *
 * @module
 */

import { withoutCredentials } from "../../shared/credentials.ts";
import { SourceError } from "./source.ts";

/** A source's text in two: what stands before its options, and the options. */
export interface SourceText {
  /** Everything after the scheme's colon and before the options. */
  readonly body: string;
  readonly options: ReadonlyMap<string, string>;
}

/**
 * Cuts `text` after the scheme and at its last `?`.
 * @param known the keys this scheme has.
 * @throws {SourceError} for a key it does not have, or one written twice.
 */
export function splitSource(text: string, known: readonly string[]): SourceText {
  const start = /^[a-z][a-z0-9+.-]*:?/i.exec(text)?.[0].length ?? 0;
  const mark = text.lastIndexOf("?");
  const end = mark < start ? text.length : mark;
  return { body: text.slice(start, end), options: readOptions(text, text.slice(end + 1), known) };
}

/** An address whose `?` belongs to the camera, and the options behind its `#`. */
export interface FragmentText {
  readonly address: string;
  readonly options: ReadonlyMap<string, string>;
}

/**
 * Cuts `text` at its last `#`.
 * @param known the keys this scheme has.
 * @throws {SourceError} for a key it does not have, or one written twice.
 */
export function splitFragment(text: string, known: readonly string[]): FragmentText {
  const mark = text.lastIndexOf("#");
  const end = mark < 0 ? text.length : mark;
  return { address: text.slice(0, end), options: readOptions(text, text.slice(end + 1), known) };
}

function readOptions(
  text: string,
  tail: string,
  known: readonly string[],
): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(tail)) {
    if (!known.includes(key)) {
      const list = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
      throw new SourceError(
        `${withoutCredentials(text)}: no option "${key.replace(/.*@/, "")}" here: ${list}`,
      );
    }
    if (options.has(key)) {
      throw new SourceError(`${withoutCredentials(text)}: option "${key}" is written twice`);
    }
    options.set(key, value);
  }
  return options;
}

/** The first of `choices` is the default; @throws {SourceError} for a value that is none of them. */
export function choose<Choice extends string>(
  source: string,
  options: {
    readonly key: string;
    readonly value: string | undefined;
    readonly choices: readonly [Choice, ...Choice[]];
  },
): Choice {
  const { key, value, choices } = options;
  if (value === undefined) return choices[0];
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined) {
    throw new SourceError(`${source}: ${key} is one of ${choices.join(", ")}, not "${value}"`);
  }
  return chosen;
}

/** A port number, 1 to 65535; @throws {SourceError} naming `what` for anything else. */
export function parsePort(source: string, value: string, what: string): number {
  const port = /^[0-9]{1,5}$/.test(value) ? Number(value) : 0;
  if (port < 1 || port > 65_535) {
    throw new SourceError(`${source}: ${what} is a number from 1 to 65535, not "${value}"`);
  }
  return port;
}

/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** `1280x720`; `undefined` where nothing is written. @throws {SourceError} */
export function parseSize(source: string, value: string | undefined): PictureSize | undefined {
  if (value === undefined) return undefined;
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(value) ?? [];
  if (width === undefined || height === undefined) {
    throw new SourceError(`${source}: size is WIDTHxHEIGHT, for example 1280x720, not "${value}"`);
  }
  return { width: Number(width), height: Number(height) };
}

/**
 * A number from 1 to `max`: `2500000`, `2500k` and `2.5M` are the same; `undefined` where nothing is written.
 * @throws {SourceError} naming the key for anything else.
 */
export function parseNumber(
  source: string,
  { key, value, max }: {
    readonly key: string;
    readonly value: string | undefined;
    readonly max: number;
  },
): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(\d{1,9}(?:\.\d{1,3})?)([kM]?)$/.exec(value);
  const unit = match?.[2] === "M" ? 1e6 : match?.[2] === "k" ? 1e3 : 1;
  const found = Number(match?.[1] ?? 0) * unit;
  if (found < 1 || found > max) {
    throw new SourceError(`${source}: ${key} is a number from 1 to ${max}, not "${value}"`);
  }
  return found;
}
