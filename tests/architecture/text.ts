/**
 * A TypeScript file without its comments, or without its strings too: what text rules are applied to.
 *
 * @module
 */

/** A string, a template (as far as its first `${`), a comment, or a regular expression after `(`, `=`, `,`. */
const TOKEN =
  /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<=[(=,:[]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\//g;

/** `text` with each comment as blanks; lines stay where they are. */
export function withoutComments(text: string): string {
  return text.replace(TOKEN, (token) => isComment(token) ? blank(token) : token);
}

/** `text` with comments, strings and regular expressions as blanks; what stands inside `${}` goes too. */
export function onlyCode(text: string): string {
  return text.replace(TOKEN, blank);
}

function isComment(token: string): boolean {
  return token.startsWith("//") || token.startsWith("/*");
}

function blank(token: string): string {
  return token.replace(/[^\n]/g, " ");
}

/** Line of the character at `index`, from 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
