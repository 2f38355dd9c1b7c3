/**
 * What a sender of RTP says beside its packets (RFC 3550 §6): a sender report with the name that holds picture and sound
 * together, and goodbye.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";

const VERSION = 0x80;
const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
const CNAME = 1;
/** Seconds from the NTP era (1900) to the Unix epoch, RFC 5905 §6. */
const NTP_TO_UNIX_SECONDS = 2_208_988_800;
const TWO_32 = 2 ** 32;
const REPORT_BYTES = 28;

/** What has been sent, and how the two clocks stand. */
export interface SenderState {
  readonly ssrc: number;
  /** The same for picture and sound. */
  readonly cname: string;
  /** Since the Unix epoch. */
  readonly time: Micros;
  /** Of the media clock at `time`. */
  readonly timestamp: number;
  readonly packets: number;
  /** Of payload. */
  readonly bytes: number;
}

/** A compound packet: sender report and source description (§6.1, §6.4.1, §6.5). */
export function senderReport(state: SenderState): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(state.cname).subarray(0, 255);
  const items = (name.length + 2 + 4) & ~3; // at least one zero ends them
  const all = new Uint8Array(REPORT_BYTES + 8 + items);
  const view = new DataView(all.buffer);
  header(view, 0, { count: 0, type: SENDER_REPORT, bytes: REPORT_BYTES });
  view.setUint32(4, state.ssrc);
  const seconds = Math.floor(state.time / 1e6);
  view.setUint32(8, (seconds + NTP_TO_UNIX_SECONDS) % TWO_32);
  view.setUint32(12, Math.floor(((state.time - seconds * 1e6) / 1e6) * TWO_32));
  view.setUint32(16, state.timestamp);
  view.setUint32(20, state.packets % TWO_32);
  view.setUint32(24, state.bytes % TWO_32);
  header(view, REPORT_BYTES, { count: 1, type: SOURCE_DESCRIPTION, bytes: 8 + items });
  view.setUint32(REPORT_BYTES + 4, state.ssrc);
  all.set([CNAME, name.length], REPORT_BYTES + 8);
  all.set(name, REPORT_BYTES + 10);
  return all;
}

/** The sender leaves (§6.6). */
export function goodbye(ssrc: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(8));
  header(view, 0, { count: 1, type: GOODBYE, bytes: 8 });
  view.setUint32(4, ssrc);
  return new Uint8Array(view.buffer);
}

function header(
  view: DataView,
  at: number,
  { count, type, bytes }: { readonly count: number; readonly type: number; readonly bytes: number },
): void {
  view.setUint8(at, VERSION | count);
  view.setUint8(at + 1, type);
  view.setUint16(at + 2, bytes / 4 - 1); // in words, less one
}
