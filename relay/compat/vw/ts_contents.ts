/**
 * Whether the beginning of a transport stream announces something that the relay plays: by its program map alone (ISO/IEC
 * 13818-1 §2.4.4). What is really in it the stream's own demuxer finds out.
 *
 * @module
 */

import { readPat, readPmt } from "../../mpegts/psi.ts";
import { looksLikeTransportStream } from "../../mpegts/sniff.ts";

const PACKET_BYTES = 188;
const SYNC = 0x47;
/** Enough for several program maps: ffmpeg repeats its own ten times a second. */
export const MAX_HEAD_BYTES = 512 * 1024;
/** Table 2-34: AAC, H.264, H.265; private data may be Opus. */
const PLAYED: ReadonlySet<number> = new Set([0x0f, 0x1b, 0x24]);
const PRIVATE = 0x06;

/** `undefined` while the head does not say. */
export function announcesKnownMedia(head: Uint8Array): boolean | undefined {
  const looks = looksLikeTransportStream(head);
  if (looks !== true) return looks;
  const maps = new Set<number>();
  for (let at = firstPacket(head); at + PACKET_BYTES <= head.length; at += PACKET_BYTES) {
    if (head[at] !== SYNC) return false;
    const pid = ((head[at + 1] ?? 0) & 0x1f) << 8 | (head[at + 2] ?? 0);
    if (pid !== 0 && !maps.has(pid)) continue;
    const section = sectionIn(head.subarray(at, at + PACKET_BYTES));
    if (!section) continue;
    if (pid === 0) {
      for (const { pmtPid } of readPat(section)?.programs ?? []) maps.add(pmtPid);
      continue;
    }
    const map = readPmt(section);
    if (!map) continue;
    return map.streams.some(({ streamType, descriptors }) =>
      PLAYED.has(streamType) || (streamType === PRIVATE && isOpus(descriptors))
    );
  }
  return head.length < MAX_HEAD_BYTES ? undefined : false;
}

/** A body may begin in the middle of a packet. */
function firstPacket(head: Uint8Array): number {
  for (let at = 0; at < PACKET_BYTES; at++) {
    if (head[at] === SYNC && (head[at + PACKET_BYTES] ?? SYNC) === SYNC) return at;
  }
  return 0;
}

/** A section that begins in a packet and is whole in it (§2.4.4). */
function sectionIn(packet: Uint8Array): Uint8Array | undefined {
  const begins = ((packet[1] ?? 0) & 0x40) !== 0;
  const control = packet[3] ?? 0;
  if (!begins || (control & 0x10) === 0) return undefined;
  const payload = 4 + ((control & 0x20) !== 0 ? 1 + (packet[4] ?? 0) : 0);
  const start = payload + 1 + (packet[payload] ?? 0);
  const length = ((packet[start + 1] ?? 0) & 0x0f) << 8 | (packet[start + 2] ?? 0);
  const end = start + 3 + length;
  const CRC_BYTES = 4;
  return end <= packet.length ? packet.subarray(start, end - CRC_BYTES) : undefined;
}

/** A registration descriptor (§2.6.8) of the format identifier `Opus`. */
function isOpus(descriptors: Uint8Array): boolean {
  const text = String.fromCharCode(...descriptors.subarray(0, 64));
  return text.includes("Opus");
}
