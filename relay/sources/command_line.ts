/**
 * A command as written in one line, cut into program and arguments as a shell would, without being one: quotes and
 * backslashes are understood, variables, pipes and redirections are not.
 *
 * @module
 */

import { hideSecretArguments } from "../../shared/credentials.ts";
import { SourceError } from "./source.ts";

/** Signs that mean something to a shell; unquoted they are a mistake here. */
const SHELL_SIGNS = /[|&;<>()`$*]/;

/**
 * Cuts a command at its unquoted spaces.
 * @throws {SourceError} for quotes that do not end, signs that only a shell understands, and nothing at all.
 */
export function splitCommand(text: string): [string, ...string[]] {
  const shown = hideSecretArguments(text);
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? "";
    if (quote !== undefined) {
      if (sign === quote) quote = undefined;
      else if (sign === "\\" && quote === '"' && /["\\$`]/.test(text[at + 1] ?? "")) {
        word += text[++at] ?? "";
      } else word += sign;
    } else if (sign === "'" || sign === '"') {
      quote = sign;
      word ??= "";
    } else if (/\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (sign === "\\") {
      if (at + 1 === text.length) throw new SourceError(`"${shown}" ends with a backslash`);
      word = (word ?? "") + (text[++at] ?? "");
    } else if (SHELL_SIGNS.test(sign)) {
      throw new SourceError(
        `"${shown}" has a ${sign} that only a shell understands: quote it, or write ` +
          `sh -c '…' around the whole command`,
      );
    } else word = (word ?? "") + sign;
  }
  if (quote !== undefined) throw new SourceError(`"${shown}" has a ${quote} without its partner`);
  if (word !== undefined) words.push(word);
  const [program, ...args] = words;
  if (program === undefined) throw new SourceError("no command: write exec:PROGRAM ARGUMENTS");
  return [program, ...args];
}
