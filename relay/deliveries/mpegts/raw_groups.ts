/**
 * A transport stream as it arrived, cut where a receiver can begin: its tables are the init bytes, and a batch begins at
 * the first packet of each key picture. Changes no byte and reads no more than it needs for that.
 *
 * @module
 */

import { type Bytes, concatBytes, equalBytes } from "../../../shared/bytes.ts";
import { micros } from "../../../shared/units.ts";
import type { Hub } from "../../hub/hub.ts";
import * as ts from "../../mpegts/packet.ts";
import { readPat, readPmt } from "../../mpegts/psi.ts";
import { SectionAssembler } from "../../mpegts/section.ts";

/** Bytes of a PES header before PES_header_data (ISO/IEC 13818-1 §2.4.3.6). */
const PES_HEADER_BYTES = 9;
const RANDOM_ACCESS = 0x40;
/** A section has 1024 bytes at most (§2.4.4.3): so much is no table, whatever its PID. */
const MAX_TABLE_BYTES = 64 * ts.PACKET_BYTES;

type KeyTest = (packet: Uint8Array) => boolean;

/** By stream type: whether a NAL unit's first byte says that a decoder can start with its access unit. */
const KEY_UNITS: Readonly<Record<number, (first: number) => boolean>> = {
  0x1b: (first) => [5, 7].includes(first & 0x1f), // IDR, SPS
  0x24: (first) => {
    const type = (first >> 1) & 0x3f;
    return (type >= 16 && type <= 23) || (type >= 32 && type <= 34); // IRAP, VPS, SPS, PPS
  },
};

/** Publishes one stream's packets on a hub of their own. */
export class RawGroups {
  readonly #out: Hub;
  #pat: Uint8Array = new Uint8Array(0);
  #pmt: Uint8Array = new Uint8Array(0);
  #patSections = this.#sections((section) => this.#readPat(section));
  #pmtSections = this.#sections((section) => this.#readPmt(section));
  #pmtPid = -1;
  #lead = -1;
  #isKey: KeyTest = () => true;
  #tables: Uint8Array | undefined;
  #generation = 0;
  #sequence = 0;
  #group = -1;
  #begun = false;

  constructor(out: Hub) {
    this.#out = out;
  }

  /** Whole packets, back to back. */
  push(packets: Bytes): void {
    let from = 0;
    let key = false;
    for (let at = 0; at < packets.length; at += ts.PACKET_BYTES) {
      const pid = ts.pid(packets, at);
      if (pid === ts.PAT_PID) {
        this.#pat = this.#collect(this.#pat, packets, at);
        if (ts.hasPayload(packets, at)) this.#patSections.push(packets, at);
      } else if (pid === this.#pmtPid) {
        this.#pmt = this.#collect(this.#pmt, packets, at);
        if (ts.hasPayload(packets, at)) this.#pmtSections.push(packets, at);
      } else if (pid === this.#lead && ts.unitStart(packets, at)) {
        if (!this.#isKey(packets.subarray(at, at + ts.PACKET_BYTES))) continue;
        this.#publish(packets.subarray(from, at), key);
        from = at;
        key = true;
        this.#begin();
      }
    }
    this.#publish(packets.subarray(from), key);
  }

  /** A table's packets as they stand: from the last that begins a section. */
  #collect(known: Uint8Array, packets: Bytes, at: number): Uint8Array {
    const packet = packets.slice(at, at + ts.PACKET_BYTES);
    if (ts.unitStart(packets, at)) return packet;
    return known.length < MAX_TABLE_BYTES ? concatBytes([known, packet]) : known;
  }

  #sections(section: (bytes: Uint8Array) => void): SectionAssembler {
    return new SectionAssembler({ section, damaged: () => undefined }); // ingest counts them
  }

  #readPat(section: Uint8Array): void {
    const program = readPat(section)?.programs[0];
    if (!program || program.pmtPid === this.#pmtPid) return;
    this.#pmtPid = program.pmtPid;
    this.#pmtSections = this.#sections((bytes) => this.#readPmt(bytes));
  }

  #readPmt(section: Uint8Array): void {
    const map = readPmt(section);
    if (!map) return;
    const lead = map.streams.find(({ streamType }) => streamType in KEY_UNITS) ?? map.streams[0];
    this.#lead = lead?.pid ?? -1;
    const isKeyUnit = KEY_UNITS[lead?.streamType ?? -1];
    this.#isKey = isKeyUnit ? (packet) => startsAtKey(packet, isKeyUnit) : () => true;
  }

  /** A receiver can begin here: with new tables in a new generation. */
  #begin(): void {
    const tables = concatBytes([this.#pat, this.#pmt]);
    this.#group++;
    if (this.#tables && sameTables(this.#tables, tables)) return;
    this.#tables = tables;
    this.#begun = true;
    this.#sequence = 0;
    this.#out.init({
      generation: ++this.#generation,
      mime: "video/mp2t",
      tracks: [],
      bytes: tables,
      clockOffset: micros(0),
      clockError: micros(0),
    });
  }

  #publish(bytes: Bytes, key: boolean): void {
    if (!this.#begun || bytes.length === 0) return;
    this.#out.publish({
      generation: this.#generation,
      sequence: this.#sequence++,
      group: this.#group,
      key,
      arrival: micros((performance.timeOrigin + performance.now()) * 1000),
      fragments: [],
      bytes,
    });
  }
}

/** Whether two runs of table packets differ in more than their counters. */
function sameTables(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += ts.PACKET_BYTES) {
    const end = at + ts.PACKET_BYTES;
    if (!equalBytes(a.subarray(at + 4, end), b.subarray(at + 4, end))) return false;
  }
  return true;
}

/** Whether the access unit that begins in this packet is a key picture: the muxer says so, or its first units do. */
function startsAtKey(packet: Uint8Array, isKeyUnit: (first: number) => boolean): boolean {
  if (ts.hasAdaptation(packet, 0) && (packet[4] ?? 0) > 0 && ((packet[5] ?? 0) & RANDOM_ACCESS)) {
    return true;
  }
  const pes = ts.payloadOffset(packet, 0);
  for (let at = pes + PES_HEADER_BYTES + (packet[pes + 8] ?? 0); at + 3 < packet.length; at++) {
    if (packet[at] !== 0 || packet[at + 1] !== 0 || packet[at + 2] !== 1) continue;
    if (isKeyUnit(packet[at + 3] ?? 0)) return true;
  }
  return false;
}
