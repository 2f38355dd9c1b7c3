/**
 * Boxes in bytes, found by iterating or by path (ISO/IEC 14496-12:2015 §4.2): views, no copies. Knows no
 * particular box, and never throws on damaged input: a level ends at the first box that does not fit.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import { fourCcText } from "./four_cc.ts";

/** A box as it lies in the bytes that were read. */
export interface Box {
  /** Four characters, for example `moof`. */
  readonly type: string;
  /** First byte of its header, in the bytes that were read. */
  readonly start: number;
  /** 8, or 16 with a 64-bit size. */
  readonly headerBytes: number;
  /** Header and body. */
  readonly byteLength: number;
  /** What follows the header; version and flags of a full box included. */
  readonly body: Bytes;
}

/** What a box header says. */
export interface BoxHeader {
  readonly type: string;
  readonly headerBytes: number;
  /** Header and body; `undefined`: to the end of the file (§4.2, size 0). */
  readonly byteLength: number | undefined;
}

const TWO_32 = 2 ** 32;
const SHORT_HEADER = 8;
const LONG_HEADER = 16;

/** Unsigned 16 bits at `at`; 0 past the end. */
export function u16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Unsigned 32 bits at `at`; 0 past the end. */
export function u32At(bytes: Uint8Array, at: number): number {
  return ((u16At(bytes, at) << 16) | u16At(bytes, at + 2)) >>> 0;
}

/** Signed 32 bits at `at`; 0 past the end. */
export function i32At(bytes: Uint8Array, at: number): number {
  return u32At(bytes, at) | 0;
}

/** Unsigned 64 bits at `at`, exact below 2^53; 0 past the end. */
export function u64At(bytes: Uint8Array, at: number): number {
  return u32At(bytes, at) * TWO_32 + u32At(bytes, at + 4);
}

/** Signed 64 bits at `at`, exact within ±2^53; 0 past the end. */
export function i64At(bytes: Uint8Array, at: number): number {
  return i32At(bytes, at) * TWO_32 + u32At(bytes, at + 4);
}

/** The header at `at`; `undefined` when it is not whole or its size cannot be. */
export function boxHeaderAt(bytes: Uint8Array, at: number): BoxHeader | undefined {
  if (at + SHORT_HEADER > bytes.length) return undefined;
  const type = fourCcText(u32At(bytes, at + 4));
  const size = u32At(bytes, at);
  if (size === 0) return { type, headerBytes: SHORT_HEADER, byteLength: undefined };
  if (size !== 1) {
    return size < SHORT_HEADER ? undefined : { type, headerBytes: SHORT_HEADER, byteLength: size };
  }
  if (at + LONG_HEADER > bytes.length) return undefined;
  const longSize = u64At(bytes, at + SHORT_HEADER);
  if (longSize < LONG_HEADER || longSize > Number.MAX_SAFE_INTEGER) return undefined;
  return { type, headerBytes: LONG_HEADER, byteLength: longSize };
}

/** The box at `at`; `undefined` when it does not fit into `bytes`. */
export function boxAt(bytes: Bytes, at: number): Box | undefined {
  const header = boxHeaderAt(bytes, at);
  if (header === undefined) return undefined;
  const { type, headerBytes } = header;
  const byteLength = header.byteLength ?? bytes.length - at;
  if (at + byteLength > bytes.length) return undefined;
  const body = bytes.subarray(at + headerBytes, at + byteLength);
  return { type, start: at, headerBytes, byteLength, body };
}

/** The boxes that lie back to back in `bytes`, up to the first that does not fit. */
export function* boxesIn(bytes: Bytes): Generator<Box, void, undefined> {
  let box = boxAt(bytes, 0);
  while (box !== undefined) {
    yield box;
    box = boxAt(bytes, box.start + box.byteLength);
  }
}

/** The first box at `path` below `bytes`, for example `moof/traf/tfdt`. */
export function findBox(bytes: Bytes, path: string): Box | undefined {
  for (const box of findBoxes(bytes, path)) return box;
  return undefined;
}

/** All boxes at `path` below `bytes`, in file order. `Box.start` counts from the enclosing box's body. */
export function* findBoxes(bytes: Bytes, path: string): Generator<Box, void, undefined> {
  const slash = path.indexOf("/");
  const name = slash < 0 ? path : path.slice(0, slash);
  for (const box of boxesIn(bytes)) {
    if (box.type !== name) continue;
    if (slash < 0) yield box;
    else yield* findBoxes(box.body, path.slice(slash + 1));
  }
}
