/**
 * What a program's last words mean to a person, by a table that its driver brings. Knows no program.
 *
 * @module
 */

/** A sign of trouble, and the sentence for it: no full stop, for it stands in others. */
export type Meaning = readonly [sign: RegExp, sentence: string];

/** The sentence of the first meaning that any line bears: the sharper signs stand first. */
export function explainBy(
  meanings: readonly Meaning[],
  lines: readonly string[],
): string | undefined {
  return meanings.find(([sign]) => lines.some((line) => sign.test(line)))?.[1];
}
