/**
 * Fields of a transport packet, ISO/IEC 13818-1 §2.4.3.2, as pure functions over the packet's bytes at an
 * offset. Makes no packet objects and checks nothing but what it is asked.
 *
 * Hot: once per packet.
 *
 * @module
 */

/** Bytes of a transport packet. */
export const PACKET_BYTES = 188;
/** Of its header, and of its payload where there is no adaptation field. */
export const HEADER_BYTES = 4;
export const PAYLOAD_BYTES = PACKET_BYTES - HEADER_BYTES;
export const SYNC_BYTE = 0x47;
/** Number of different PIDs (13 bits). */
export const PID_COUNT = 8192;
export const PAT_PID = 0x0000;
/** Those below are reserved (table 2-3). */
export const FIRST_FREE_PID = 0x0010;
export const NULL_PID = 0x1fff;
/** Byte 3 of a packet in the clear that holds payload and nothing else, but for its continuity_counter. */
export const ONLY_PAYLOAD = 0x10;

/** Of the FNV-1a hash, 32 bits. */
const FNV_PRIME = 0x0100_0193;

/** transport_error_indicator: the receiver below could not repair this packet. */
export function transportError(b: Uint8Array, at: number): boolean {
  return ((b[at + 1] ?? 0) & 0x80) !== 0;
}

/** payload_unit_start_indicator. */
export function unitStart(b: Uint8Array, at: number): boolean {
  return ((b[at + 1] ?? 0) & 0x40) !== 0;
}

/** PID. */
export function pid(b: Uint8Array, at: number): number {
  return (((b[at + 1] ?? 0) & 0x1f) << 8) | (b[at + 2] ?? 0);
}

/** transport_scrambling_control is not 00. */
export function scrambled(b: Uint8Array, at: number): boolean {
  return ((b[at + 3] ?? 0) & 0xc0) !== 0;
}

/** adaptation_field_control has its payload bit. */
export function hasPayload(b: Uint8Array, at: number): boolean {
  return ((b[at + 3] ?? 0) & 0x10) !== 0;
}

/** adaptation_field_control has its adaptation bit. */
export function hasAdaptation(b: Uint8Array, at: number): boolean {
  return ((b[at + 3] ?? 0) & 0x20) !== 0;
}

/** continuity_counter. */
export function continuity(b: Uint8Array, at: number): number {
  return (b[at + 3] ?? 0) & 0x0f;
}

/** discontinuity_indicator of the adaptation field, §2.4.3.5. */
export function discontinuity(b: Uint8Array, at: number): boolean {
  return hasAdaptation(b, at) && (b[at + 4] ?? 0) > 0 && ((b[at + 5] ?? 0) & 0x80) !== 0;
}

/**
 * A number that tells a packet from another with the same counter, from three bytes behind the place where a PCR may
 * stand, the one part in which a duplicate may differ (§2.4.3.3).
 */
export function fingerprint(b: Uint8Array, at: number): number {
  return ((b[at + 62] ?? 0) << 16) | ((b[at + 125] ?? 0) << 8) | (b[at + 187] ?? 0);
}

/** The same of a packet of tables: all of its payload, since what tells two tables apart may be a byte before stuffing. */
export function tableFingerprint(b: Uint8Array, at: number): number {
  let sum = 0;
  for (let i = at + payloadOffset(b, at); i < at + PACKET_BYTES; i++) {
    sum = Math.imul(sum ^ (b[i] ?? 0), FNV_PRIME);
  }
  return sum;
}

/** Offset of the first payload byte inside the packet; more than {@link PACKET_BYTES} if the field lies. */
export function payloadOffset(b: Uint8Array, at: number): number {
  return hasAdaptation(b, at) ? 5 + (b[at + 4] ?? 0) : 4;
}

/**
 * Bytes of stuffing in the adaptation field, beyond what its flags explain (§2.4.3.5). Muxers stuff the last
 * packet of a PES packet, where the payload runs out. A field of length 0 is one byte of stuffing.
 */
export function stuffing(b: Uint8Array, at: number): number {
  if (!hasAdaptation(b, at)) return 0;
  const length = b[at + 4] ?? 0;
  if (length === 0) return 1;
  const flags = b[at + 5] ?? 0;
  let used = 1;
  if (flags & 0x10) used += 6; // PCR
  if (flags & 0x08) used += 6; // OPCR
  if (flags & 0x04) used += 1; // splice_countdown
  if (flags & 0x02) used += 1 + (b[at + 5 + used] ?? 0); // transport_private_data
  if (flags & 0x01) used += 1 + (b[at + 5 + used] ?? 0); // adaptation_field_extension
  return Math.max(0, length - used);
}
