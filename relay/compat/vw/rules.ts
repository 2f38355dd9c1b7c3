/**
 * vw's two kinds of rules, read and written in its shapes: which feeds make up a stream, and where a stream goes. Pure.
 *
 * @module
 */

import { type GoObject, writeGoJson } from "./go_json.ts";

/** Longest name, address or token of a rule. */
const MAX_CHARS = 4096;
/** Feeds of one stream. */
const MAX_FEEDS = 64;
/** A name that vw keeps for itself. */
const RESERVED = "deleteAll";

/** What a stream is made of. */
export interface StreamRule {
  readonly stream: string;
  /** `null` where none were given. */
  readonly feeds: readonly string[] | null;
}

/** Where a stream, or a feed by itself, goes. */
export interface DestinationRule {
  readonly id: string;
  readonly stream: string;
  readonly destination: string;
  /** Sent first where it is not empty; a secret. */
  readonly token: string;
}

/** A rule that cannot be kept; `message` is a sentence. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

/** Reads one. @throws {GoJsonError} @throws {RuleError} */
export function readStreamRule(object: GoObject): StreamRule {
  const rule = { stream: trimmed(object.text("stream")), feeds: object.texts("feeds") };
  if ((rule.feeds?.length ?? 0) > MAX_FEEDS) {
    throw new RuleError(`a stream has at most ${MAX_FEEDS} feeds`);
  }
  checkLengths([rule.stream, ...rule.feeds ?? []]);
  return rule;
}

/** Reads one. @throws {GoJsonError} @throws {RuleError} */
export function readDestinationRule(object: GoObject): DestinationRule {
  const rule = {
    id: object.text("id"),
    stream: trimmed(object.text("stream")),
    destination: object.text("destination"),
    token: object.text("token"),
  };
  checkLengths(Object.values(rule));
  return rule;
}

/** Whether vw passes over a rule of that name. */
export function isReserved(name: string): boolean {
  return name === RESERVED;
}

/** A rule as it is told. */
export function writeStreamRule({ stream, feeds }: StreamRule): string {
  return writeGoJson({ stream, feeds });
}

/** A rule as it is told: its token is nobody's to read. */
export function publicDestination(
  { id, stream, destination }: DestinationRule,
): Omit<DestinationRule, "token"> {
  return { id, stream, destination };
}

/** A rule that does not exist, as vw tells it. */
export const NO_DESTINATION: DestinationRule = { id: "", stream: "", destination: "", token: "" };

/** One slash at the start is taken off: a name could not be written in a path with it. */
function trimmed(name: string): string {
  return name.replace(/^\//, "");
}

function checkLengths(texts: readonly string[]): void {
  if (texts.some(({ length }) => length > MAX_CHARS)) {
    throw new RuleError(
      `no name, address or token of a rule is longer than ${MAX_CHARS} characters`,
    );
  }
}
