/**
 * Whether bytes are boxes (ISO/IEC 14496-12:2015 §4.2): by the type of the first, as files and fragments begin.
 *
 * @module
 */

const FIRST_TYPES: ReadonlySet<string> = new Set([
  ...["ftyp", "styp", "moov", "moof", "mdat", "sidx", "prft", "emsg"],
  ...["free", "skip", "wide", "uuid", "pdin"],
]);

/** `undefined` while the first header is not whole. */
export function looksLikeBoxes(head: Uint8Array): boolean | undefined {
  if (head.length < 8) return undefined;
  return FIRST_TYPES.has(String.fromCharCode(...head.subarray(4, 8)));
}
