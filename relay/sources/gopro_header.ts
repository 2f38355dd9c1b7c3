/**
 * The 12 bytes before the MPEG-TS in a GoPro's preview datagrams (HERO4 and its kin), and the loss count
 * that follows from them. No specification is published; the fields are as seen in a HERO4 Silver's stream.
 * Knows nothing of sockets or of the TS behind the header.
 *
 * ```text
 * 0     flags   0x40 always · 0x08 not an IDR picture · 0x04 picture, else sound
 *               0x02 last datagram of this frame · 0x01 last datagram of the group
 * 1-3   group   from 1, one per group of pictures
 * 4-7   zero
 * 8-9   index   of this datagram inside its group, from 0
 * 10-11 length  of the payload in bytes, a multiple of 188; zero padding follows it
 * ```
 * @module
 */

/** Bytes before the payload. */
export const GOPRO_HEADER_BYTES = 12;
/** A datagram as the camera sends it, padding included. */
export const GOPRO_DATAGRAM_BYTES = 1328;
/** Largest payload: seven TS packets. */
export const MAX_GOPRO_PAYLOAD_BYTES = 7 * 188;

const TS_PACKET_BYTES = 188;
const TS_SYNC = 0x47;

const FLAG_KIND_MASK = 0xf0;
const FLAG_KIND = 0x40;
const FLAG_PICTURE = 0x04;
const FLAG_END_OF_FRAME = 0x02;
const FLAG_END_OF_GROUP = 0x01;

const GROUP_BITS = 24;
/** A later group further off than this (about 4 minutes) is a camera that began anew, not a loss. */
const MAX_GROUP_STEP = 1024;
/** An older group further back than this is a camera that began anew, not a late datagram. */
const MAX_LATE_GROUPS = 2;
/** So many late datagrams in a row are a camera that began anew. */
const MAX_LATE_RUN = 16;

/** Whether `datagram` begins with a GoPro's header and MPEG-TS behind it. */
export function isGoProDatagram(datagram: Uint8Array): boolean {
  if (datagram.length < GOPRO_HEADER_BYTES + TS_PACKET_BYTES) return false;
  if ((field(datagram, 0) & FLAG_KIND_MASK) !== FLAG_KIND) return false;
  if (field(datagram, GOPRO_HEADER_BYTES) !== TS_SYNC) return false;
  const length = goProPayloadBytes(datagram);
  return length > 0 && length % TS_PACKET_BYTES === 0 && length <= MAX_GOPRO_PAYLOAD_BYTES &&
    GOPRO_HEADER_BYTES + length <= datagram.length;
}

/** The header's payload length, bytes. */
export function goProPayloadBytes(datagram: Uint8Array): number {
  return field(datagram, 10) << 8 | field(datagram, 11);
}

/**
 * Whether this datagram ends a picture. Sound is left out: each of its frames states its length, and a
 * datagram of sound may stand in the middle of a picture.
 */
export function endsPicture(datagram: Uint8Array): boolean {
  const mask = FLAG_PICTURE | FLAG_END_OF_FRAME;
  return (field(datagram, 0) & mask) === mask;
}

/** What a datagram's number says: datagrams lost before it, or that it is not to be used. */
export type Verdict =
  /** So many were lost before this one. */
  | number
  /** A duplicate, or one that comes after its successors: to be dropped. */
  | "late"
  /** The sender began anew. */
  | "restart";

/**
 * Follows group and index. Exact inside a group and at its start. Where the last datagrams of a group are
 * missing, or whole groups, their number cannot be known: each such place counts as one, a lower bound.
 * A datagram that comes late is not waited for: it was counted as lost and is dropped.
 */
export class GoProSequence {
  /** What was lost before the newest datagram may be more than was counted. */
  orMore = false;
  #group = -1;
  #index = 0;
  #groupOpen = false;
  /** The ends of groups are marked: seen at one at least. */
  #marksEnds = false;
  #lateRun = 0;

  /** Hot: once per datagram. */
  accept(datagram: Uint8Array): Verdict {
    const group = field(datagram, 1) << 16 | field(datagram, 2) << 8 | field(datagram, 3);
    const index = field(datagram, 8) << 8 | field(datagram, 9);
    this.orMore = false;
    const verdict = this.#group < 0 ? 0 : this.#judge(group, index);
    if (verdict === "late") {
      this.#lateRun++;
      if (this.#lateRun < MAX_LATE_RUN) return verdict;
    }
    this.#group = group;
    this.#index = index;
    this.#groupOpen = (field(datagram, 0) & FLAG_END_OF_GROUP) === 0;
    this.#marksEnds ||= !this.#groupOpen;
    this.#lateRun = 0;
    return verdict === "late" ? "restart" : verdict;
  }

  #judge(group: number, index: number): Verdict {
    const shift = 32 - GROUP_BITS;
    const groups = (group - this.#group) << shift >> shift; // signed, modulo 2^24
    if (groups === 0) return index > this.#index ? index - this.#index - 1 : "late";
    if (groups < 0) return groups < -MAX_LATE_GROUPS ? "restart" : "late";
    if (groups > MAX_GROUP_STEP) return "restart";
    this.orMore = (this.#groupOpen && this.#marksEnds) || groups > 1;
    return (this.#groupOpen ? 1 : 0) + (groups - 1) + index;
  }
}

function field(datagram: Uint8Array, offset: number): number {
  return datagram[offset] ?? 0;
}
