/**
 * gopro-stream's gateway, re-enacted: datagrams of MPEG-TS are cut at each program association table, and what mux.js makes
 * of a piece is one message, an init segment and a fragment.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import { openTransmuxer } from "./mux_js.ts";

const PACKET_BYTES = 188;
/** Datagrams of the capture: a header of 12 bytes, seven packets. */
const CAPTURED_DATAGRAM_BYTES = 1328;
const CAPTURED_HEADER_BYTES = 12;

/**
 * The gateway's messages for a whole transport stream.
 * @param tables a GoPro has its tables before each key picture alone; where others stand too, `before key pictures` passes
 * over these: mux.js would lose the pictures at such a cut.
 */
export function gatewayMessages(
  ts: Uint8Array,
  tables: "all" | "before key pictures" = "all",
): Bytes[] {
  const transmuxer = openTransmuxer();
  const messages: Bytes[] = [];
  transmuxer.on("data", ({ initSegment, data }) => {
    messages.push(concatBytes([initSegment, data]));
  });
  let begun = 0;
  for (let at = 0; at + PACKET_BYTES <= ts.length; at += PACKET_BYTES) {
    const pid = ((ts[at + 1] ?? 0) & 0x1f) << 8 | (ts[at + 2] ?? 0);
    if (pid !== 0 || at === begun) continue;
    if (tables !== "all" && !isEntered(ts, at)) continue;
    transmuxer.push(ts.slice(begun, at));
    transmuxer.flush();
    begun = at;
  }
  return messages;
}

/** Whether the first picture after `at` can be entered at (random_access_indicator, ISO/IEC 13818-1 §2.4.3.5). */
function isEntered(ts: Uint8Array, at: number): boolean {
  for (let next = at; next + PACKET_BYTES <= ts.length; next += PACKET_BYTES) {
    const startsUnit = ((ts[next + 1] ?? 0) & 0x40) !== 0;
    const isVideo = startsUnit && (streamIdOf(ts, next) & 0xf0) === 0xe0;
    if (!isVideo) continue;
    return ((ts[next + 3] ?? 0) & 0x20) !== 0 && ((ts[next + 5] ?? 0) & 0x40) !== 0;
  }
  return false;
}

/** stream_id of the PES packet that begins in a transport packet; 0 where none does. */
function streamIdOf(ts: Uint8Array, at: number): number {
  const hasField = ((ts[at + 3] ?? 0) & 0x20) !== 0;
  const payload = at + 4 + (hasField ? 1 + (ts[at + 4] ?? 0) : 0);
  const begins = ts[payload] === 0 && ts[payload + 1] === 0 && ts[payload + 2] === 1;
  return begins ? ts[payload + 3] ?? 0 : 0;
}

/** The packets in a capture of datagrams. */
export function packetsOf(capture: Uint8Array): Bytes {
  const parts: Uint8Array[] = [];
  for (let at = 0; at + CAPTURED_DATAGRAM_BYTES <= capture.length; at += CAPTURED_DATAGRAM_BYTES) {
    const datagram = capture.subarray(at + CAPTURED_HEADER_BYTES, at + CAPTURED_DATAGRAM_BYTES);
    for (let packet = 0; datagram[packet] === 0x47; packet += PACKET_BYTES) {
      parts.push(datagram.subarray(packet, packet + PACKET_BYTES));
    }
  }
  return concatBytes(parts);
}
