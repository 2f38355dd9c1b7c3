/**
 * Whether bytes are a transport stream (ISO/IEC 13818-1 §2.4.3.2), wherever it was entered: by its sync bytes alone.
 *
 * @module
 */

import { SYNC_BYTE } from "./packet.ts";

/** Plain packets, with a time code before each (M2TS), with Reed-Solomon bytes behind each. */
const PACKET_SIZES = [188, 192, 204];
/** Sync bytes in a row that are believed. */
const PROOF = 3;
/** A stream may be entered in the middle of a packet, and its first packets damaged: so much is looked through. */
const MAX_LOOKED_THROUGH_BYTES = 4096;

/** `undefined` where too few bytes are there to say. */
export function looksLikeTransportStream(head: Uint8Array): boolean | undefined {
  if (head[0] === SYNC_BYTE) return true;
  const end = Math.min(head.length, MAX_LOOKED_THROUGH_BYTES);
  for (let at = 0; at < end; at++) {
    if (head[at] === SYNC_BYTE && PACKET_SIZES.some((size) => syncsAt(head, at, size))) return true;
  }
  return head.length < MAX_LOOKED_THROUGH_BYTES ? undefined : false;
}

function syncsAt(head: Uint8Array, at: number, size: number): boolean {
  for (let i = 0; i < PROOF; i++) if (head[at + i * size] !== SYNC_BYTE) return false;
  return true;
}
