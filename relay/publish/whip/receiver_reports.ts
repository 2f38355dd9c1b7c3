/**
 * Receiver reports (RFC 3550 §6.4.2) that the `werift` package cannot write, made such that it can. It reckons jitter in 32 bits
 * with a sign: where a sender's time stamps jump, as those of the padding do by which Chromium probes a network, what comes out is
 * below 0, and neither that report nor any later one is sent. A publisher that hears none takes the relay for gone.
 *
 * @module
 */

import { type RtcpPacket, RtcpRrPacket } from "werift";

/** The field has eight bits; where all was lost the package says 256. */
const MAX_FRACTION = 0xff;

/** Mends what is about to be sent, in place. */
export function mendReports(packets: readonly RtcpPacket[]): void {
  for (const packet of packets) {
    if (!(packet instanceof RtcpRrPacket)) continue;
    for (const report of packet.reports) {
      report.jitter = Math.max(0, report.jitter);
      report.fractionLost = Math.min(MAX_FRACTION, report.fractionLost);
    }
  }
}
