/**
 * How transport packets lie in a stream: back to back, with a time code of four bytes before each (M2TS, BDAV), or
 * with 16 Reed-Solomon bytes behind each (DVB). Told apart by the sync bytes' distance alone; looks no further than
 * {@link LOCK_BYTES}.
 *
 * @module
 */

import { PACKET_BYTES, SYNC_BYTE } from "./packet.ts";

/** One way of laying packets. */
export interface PacketLayout {
  /** From one packet to the next. */
  readonly stride: number;
  /** Bytes before the sync byte. */
  readonly lead: number;
}

/** In the order they are tried. */
export const PACKET_LAYOUTS = [
  { stride: PACKET_BYTES, lead: 0 },
  { stride: PACKET_BYTES + 4, lead: 4 },
  { stride: PACKET_BYTES + 16, lead: 0 },
] as const satisfies readonly PacketLayout[];

/** Packets in a row that must begin with the sync byte before any is believed. */
const LOCK_PACKETS = 3;
/** What must be seen to believe in any layout: from its first byte to the sync byte of the last of those packets. */
export const LOCK_BYTES = Math.max(
  ...PACKET_LAYOUTS.map(({ stride, lead }) => lead + (LOCK_PACKETS - 1) * stride + 1),
);

/** The layout in which {@link LOCK_PACKETS} packets seem to begin at `at`. */
export function layoutAt(bytes: Uint8Array, at: number): PacketLayout | undefined {
  for (const layout of PACKET_LAYOUTS) if (locks(bytes, at, layout)) return layout;
  return undefined;
}

function locks(bytes: Uint8Array, at: number, { stride, lead }: PacketLayout): boolean {
  for (let i = 0; i < LOCK_PACKETS; i++) {
    if (bytes[at + lead + i * stride] !== SYNC_BYTE) return false;
  }
  return true;
}
