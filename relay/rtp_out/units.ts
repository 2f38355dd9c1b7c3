/**
 * What the payload formats of NAL units share: which units of a sample are sent, the pieces of one that is too large for a
 * packet, the marker, and parameter sets as text. Knows no codec.
 *
 * @module
 */

import { unitsOf } from "../../shared/mp4/decoder_config.ts";
import type { Payload } from "./payload.ts";

const START = 0x80;
const END = 0x40;

/** What a codec says of its units. */
export interface UnitPayloads {
  /** Parameter sets out of band; they go before each key picture that has none of its own, for those who come late. */
  readonly sets: readonly Uint8Array[];
  /** Delimits access units, which RTP does by its marker: not sent. */
  isDelimiter(unit: Uint8Array): boolean;
  /** Is a parameter set without which nothing is decoded. */
  isSet(unit: Uint8Array): boolean;
  /** The payloads of an access unit's units, each as parts. */
  pack(units: readonly Uint8Array[]): readonly (readonly Uint8Array[])[];
}

/** The samples of one fragment, each an access unit; the marker is on its last packet (RFC 6184 §5.1, RFC 7798 §4.1). */
export function pictures(
  { sets, isDelimiter, isSet, pack }: UnitPayloads,
): (samples: readonly Uint8Array[], key: boolean) => Payload[] {
  return (samples, key) =>
    samples.flatMap((bytes, sample) => {
      const own = unitsOf(bytes).filter((unit) => !isDelimiter(unit));
      const units = key && sample === 0 && !own.some(isSet) ? [...sets, ...own] : own;
      const packets = pack(units);
      return packets.map((parts, at) => ({ parts, marker: at === packets.length - 1, sample }));
    });
}

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
