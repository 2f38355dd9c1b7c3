/**
 * RTCP that goes back to a publisher: packets asked for again (generic NACK, RFC 4585 §6.2.1), a key picture asked for
 * (PLI, §6.3.1), and when which packet came (transport-wide congestion control, draft-holmer-rmcat-transport-wide-cc-
 * extensions-01), by which the sender finds the rate that its network carries. Bytes only.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { ByteWriter } from "../../bytes/byte_writer.ts";

const VERSION = 0x80;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const FORMAT = { nack: 1, pli: 1, congestion: 15 } as const;
const HEADER_BYTES = 12;

/** Who asks and whose media is meant. */
export interface Sources {
  readonly sender: number;
  readonly media: number;
}

/** Asks for packets again. @param sequences ascending, modulo 2^16. */
export function writeNack(sources: Sources, sequences: readonly number[]): Bytes {
  const fields: { first: number; following: number }[] = [];
  for (const sequence of sequences) {
    const last = fields.at(-1);
    const step = last ? (sequence - last.first) & 0xffff : 0;
    if (last && step > 0 && step <= 16) last.following |= 1 << (step - 1);
    else fields.push({ first: sequence, following: 0 });
  }
  const w = head(sources, {
    ...{ format: FORMAT.nack, type: TRANSPORT_FEEDBACK, bytes: 4 * fields.length },
  });
  for (const { first, following } of fields) {
    w.u16(first); // PID
    w.u16(following); // BLP
  }
  return w.written();
}

/** Asks for a key picture. */
export function writePli(sources: Sources): Bytes {
  return head(sources, { format: FORMAT.pli, type: PAYLOAD_FEEDBACK, bytes: 0 }).written();
}

/** A packet that came. */
export interface Came {
  /** Transport-wide sequence number, unwrapped. */
  readonly sequence: number;
  readonly arrivalUs: number;
}

/** Reference times count in 64 ms, differences in 250 µs. */
const REFERENCE_US = 64_000;
const DELTA_US = 250;
/** Symbols: not received, a difference of one byte, of two. */
const MISSING = 0;
const SMALL = 1;
const LARGE = 2;
const SYMBOLS_A_CHUNK = 7;
/** Status vector chunk of two-bit symbols. */
const TWO_BIT_VECTOR = 0xc000;

/**
 * Says when packets came. Those between the first number and the last that are not among them did not.
 * @param came ascending, at least one, differences below 8 s.
 * @param options.first number that the report begins with; not above the first that came.
 * @param options.count of reports so far.
 */
export function writeCongestion(
  sources: Sources,
  came: readonly Came[],
  { first, count }: { readonly first: number; readonly count: number },
): Bytes {
  const reference = Math.floor((came[0]?.arrivalUs ?? 0) / REFERENCE_US);
  const total = (came.at(-1)?.sequence ?? first) - first + 1;
  const symbols = new Uint8Array(Math.ceil(total / SYMBOLS_A_CHUNK) * SYMBOLS_A_CHUNK);
  const deltas: number[] = [];
  let at = reference * REFERENCE_US / DELTA_US;
  for (const { sequence, arrivalUs } of came) {
    const then = Math.round(arrivalUs / DELTA_US);
    const delta = then - at;
    at = then;
    deltas.push(delta);
    symbols[sequence - first] = delta >= 0 && delta <= 0xff ? SMALL : LARGE;
  }
  const deltaBytes = deltas.reduce((sum, delta) => sum + (delta >= 0 && delta <= 0xff ? 1 : 2), 0);
  const chunkBytes = 2 * symbols.length / SYMBOLS_A_CHUNK;
  const bytes = 8 + chunkBytes + deltaBytes;
  const padding = -bytes & 3;
  const w = head(sources, {
    ...{ format: FORMAT.congestion, type: TRANSPORT_FEEDBACK, bytes: bytes + padding },
  });
  w.u16(first & 0xffff); // base sequence number
  w.u16(total); // packet status count
  w.u24(reference & 0xff_ffff); // reference time
  w.u8(count & 0xff); // feedback packet count
  for (let i = 0; i < symbols.length; i += SYMBOLS_A_CHUNK) {
    let chunk = TWO_BIT_VECTOR;
    for (let j = 0; j < SYMBOLS_A_CHUNK; j++) {
      chunk |= (symbols[i + j] ?? MISSING) << (2 * (SYMBOLS_A_CHUNK - 1 - j));
    }
    w.u16(chunk);
  }
  for (const delta of deltas) {
    if (delta >= 0 && delta <= 0xff) w.u8(delta);
    else w.u16(delta & 0xffff);
  }
  for (let i = 0; i < padding; i++) w.u8(0);
  return w.written();
}

function head(
  { sender, media }: Sources,
  { format, type, bytes }: {
    readonly format: number;
    readonly type: number;
    readonly bytes: number;
  },
): ByteWriter {
  const w = new ByteWriter(HEADER_BYTES + bytes);
  w.u8(VERSION | format);
  w.u8(type);
  w.u16((HEADER_BYTES + bytes) / 4 - 1); // length
  w.u32(sender);
  w.u32(media);
  return w;
}
