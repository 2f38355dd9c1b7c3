/**
 * RTCP sender reports, RFC 3550 §6.4.1: which moment of the sender's wall clock a time stamp is. Everything else in RTCP
 * is left alone.
 *
 * @module
 */

import { MPEG_TIMESCALE } from "../../shared/units.ts";
import { u16, u32 } from "./packet.ts";

const SENDER_REPORT = 200;
const HEADER_BYTES = 4;
/** SSRC, NTP time stamp, RTP time stamp. */
const NEEDED_BYTES = HEADER_BYTES + 4 + 8 + 4;
const FRACTION = 2 ** 32;

/** One sender's report. */
export interface SenderReport {
  /** SSRC. */
  readonly source: number;
  /** The sender's wall clock at 90 kHz, from 1900. */
  readonly wall: number;
  /** The same moment as an RTP time stamp, 32 bits. */
  readonly timestamp: number;
}

/** The sender reports of a compound packet (RFC 3550 §6.1); what is cut off or no RTCP is left out. */
export function readSenderReports(b: Uint8Array): SenderReport[] {
  const reports: SenderReport[] = [];
  for (let at = 0; at + HEADER_BYTES <= b.length;) {
    const end = at + 4 * (u16(b, at + 2) + 1);
    if (((b[at] ?? 0) & 0xc0) !== 0x80 || end > b.length) return reports;
    if (b[at + 1] === SENDER_REPORT && end - at >= NEEDED_BYTES) {
      const seconds = u32(b, at + 8) + u32(b, at + 12) / FRACTION;
      reports.push({
        source: u32(b, at + 4),
        wall: seconds * MPEG_TIMESCALE,
        timestamp: u32(b, at + 16),
      });
    }
    at = end;
  }
  return reports;
}
