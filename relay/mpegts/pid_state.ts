/**
 * One PID that is being read, and its continuity_counter judged (ISO/IEC 13818-1 §2.4.3.3).
 *
 * Hot: {@link judge} runs for every packet that is not simply the next of a PES packet in flight.
 *
 * @module
 */

import type { StreamHandler } from "./demux_output.ts";
import * as ts from "./packet.ts";
import type { PesAssembler } from "./pes.ts";
import type { SectionAssembler } from "./section.ts";

/** A PID's reader and what is known of its last packet. */
export interface PidState {
  /** Bytes 1 and 2 of its packets that begin nothing, are whole and of usual priority (§2.4.3.2). */
  readonly byte1: number;
  readonly byte2: number;
  readonly pes: PesAssembler | undefined;
  readonly sections: SectionAssembler | undefined;
  readonly handler: StreamHandler | undefined;
  /** Negative before the first packet. */
  continuity: number;
  /** Of the packet with that counter. */
  fingerprint: number;
  /** The transport lost so many packets that the counter may have come round. */
  suspect: boolean;
  /** Packets that a gap found by {@link judge} consists of, as far as the counter tells. */
  missing: number;
}

/** A PID before its first packet. */
export function newPid(
  pid: number,
  parts: Partial<Pick<PidState, "pes" | "sections" | "handler">>,
): PidState {
  return {
    byte1: pid >> 8,
    byte2: pid & 0xff,
    pes: parts.pes,
    sections: parts.sections,
    handler: parts.handler,
    continuity: -1,
    fingerprint: 0,
    suspect: false,
    missing: 0,
  };
}

/**
 * Judges a packet with payload by its counter. A duplicate has the same counter and is the same packet; with
 * another content it is one of which fifteen before it are missing. `announced`: the counter may jump here (§2.4.3.5).
 */
export function judge(
  pid: PidState,
  b: Uint8Array,
  at: number,
): "next" | "duplicate" | "announced" | "gap" {
  const counter = ts.continuity(b, at);
  const print = pid.sections ? ts.tableFingerprint(b, at) : ts.fingerprint(b, at);
  const { continuity: previous, fingerprint, suspect } = pid;
  const missing = (counter - previous - 1) & 0x0f;
  pid.continuity = counter;
  pid.fingerprint = print;
  pid.suspect = false;
  pid.missing = missing;
  if (previous < 0 || (missing === 0 && !suspect)) return "next";
  if (ts.discontinuity(b, at)) return "announced";
  return counter === previous && print === fingerprint && !suspect ? "duplicate" : "gap";
}
