/**
 * What the payload formats of NAL units share: the pieces of a unit that is too large for a packet, and parameter sets as
 * text. Knows no codec.
 *
 * @module
 */

const START = 0x80;
const END = 0x40;

/** How a unit is cut. */
export interface Cut {
  /** Of the unit's own header, which the pieces' headers tell. */
  readonly headerBytes: number;
  /** What stands before a piece; `flags` are S and E of its FU header (RFC 6184 §5.8, RFC 7798 §4.4.3). */
  header(flags: number): Uint8Array;
  /** Of a payload. */
  readonly maxBytes: number;
}

/** The payloads of a unit in pieces, each as parts. */
export function inPieces(
  unit: Uint8Array,
  { headerBytes, header, maxBytes }: Cut,
): Uint8Array[][] {
  const room = maxBytes - header(0).length;
  const pieces: Uint8Array[][] = [];
  for (let at = headerBytes; at < unit.length; at += room) {
    const start = at === headerBytes ? START : 0;
    const end = at + room >= unit.length ? END : 0;
    pieces.push([header(start | end), unit.subarray(at, at + room)]);
  }
  return pieces;
}

/** As `sprop-…` has them: base64 (RFC 4648 §4), with commas between. */
export function asText(sets: readonly Uint8Array[]): string {
  return sets.map((set) => btoa(String.fromCharCode(...set))).join(",");
}

/** Two digits a byte. */
export function asHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
}
