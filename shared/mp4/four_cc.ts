/**
 * Four-character codes, `"moof"` ⇄ unsigned 32-bit, as boxes and brands are named (ISO/IEC 14496-12:2015
 * §4.2). Knows no particular code.
 *
 * @module
 */

/**
 * The code of four Latin-1 characters.
 * @throws {RangeError} when `text` is not four characters of U+0000 to U+00FF: a slip in our own source.
 */
export function fourCc(text: string): number {
  if (text.length !== 4) throw new RangeError(`"${text}" is not a four-character code`);
  let code = 0;
  for (let i = 0; i < 4; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) throw new RangeError(`"${text}" is not a four-character code`);
    code = (code << 8) | unit;
  }
  return code >>> 0;
}

/** The four characters of a code, one for one and so not always printable. */
export function fourCcText(code: number): string {
  return String.fromCharCode(
    (code >>> 24) & 0xff,
    (code >>> 16) & 0xff,
    (code >>> 8) & 0xff,
    code & 0xff,
  );
}
