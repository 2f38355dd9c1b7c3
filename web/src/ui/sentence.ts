/**
 * The relay's reasons as sentences that stand alone: it writes them to follow a camera's name. Pure.
 *
 * @module
 */

/** `text` with a capital where it begins with a word, and a full stop where it has no end; empty stays empty. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  // An address, a path or a file's name keeps its spelling.
  const begun = trimmed.replace(/^[a-z](?=[a-z]*[\s,’'])/, (letter) => letter.toUpperCase());
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
