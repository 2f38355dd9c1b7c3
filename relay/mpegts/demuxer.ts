/**
 * MPEG transport stream, ISO/IEC 13818-1: finds the packets, follows PAT and PMT, and hands each elementary
 * stream's PES packets on with their clock unwrapped. Knows no codec: it asks by stream type whether one is
 * wanted. Damaged input is counted and passed over, never thrown.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import { Clock33 } from "./clock.ts";
import * as ts from "./packet.ts";
import { PesAssembler, type PesOutput } from "./pes.ts";
import { type ProgramMap, readPat, readPmt, type StreamEntry } from "./psi.ts";
import { SectionAssembler } from "./section.ts";

/** Packets in a row that must begin with the sync byte before any is believed. */
const LOCK_PACKETS = 3;
/** What must be seen to believe in a packet: from its sync byte to that of the last of {@link LOCK_PACKETS}. */
const LOCK_BYTES = (LOCK_PACKETS - 1) * ts.PACKET_BYTES + 1;
/** Less than {@link LOCK_BYTES} is undecided from one push to the next, and as much decides about it. */
const MAX_REST_BYTES = 2 * LOCK_BYTES;
/** A 4-bit counter cannot show this many missing packets. */
const CONTINUITY_RANGE = 16;
/** Most packets in a datagram: 7 fit an Ethernet frame. */
const PACKETS_PER_DATAGRAM = 7;

/** What the demuxer counts. */
export interface DemuxCounters {
  resyncBytes: number;
  continuityGaps: number;
  duplicatePackets: number;
  transportErrors: number;
  scrambledPackets: number;
  sectionErrors: number;
  pesErrors: number;
  lateTailBytes: number;
}

/** One elementary stream's taker. */
export interface StreamHandler {
  packet(
    payload: Uint8Array,
    pts: number | undefined,
    dts: number | undefined,
    arrival: Micros,
  ): void;
  /** Part of this stream is missing before the next packet. `damaged`: a packet in flight was thrown away. */
  gap(damaged: boolean): void;
}

/** Where a program and its streams go. */
export interface DemuxOutput {
  /**
   * A program map that differs from the last. Answers, stream by stream, with a taker or `undefined` for a
   * stream that is not wanted. A stream that has the same taker as before goes on undisturbed.
   */
  program(streams: readonly StreamEntry[]): readonly (StreamHandler | undefined)[];
}

/** One PID that is being read. */
interface Pid {
  /** Bytes 1 and 2 of its packets that begin nothing, are whole and of usual priority (§2.4.3.2). */
  readonly byte1: number;
  readonly byte2: number;
  readonly pes: PesAssembler | undefined;
  readonly sections: SectionAssembler | undefined;
  readonly handler: StreamHandler | undefined;
  continuity: number;
  /** A packet with the same counter was seen once already (§2.4.3.3 allows one duplicate). */
  duplicated: boolean;
  /** The transport lost so many packets that the counter may have come round. */
  suspect: boolean;
}

/** Takes a transport stream apart. Hot: {@link Demuxer.push} runs once per datagram, its inside once per packet. */
export class Demuxer {
  readonly #out: DemuxOutput;
  readonly #counters: DemuxCounters;
  readonly #pids: (Pid | undefined)[] = new Array<Pid | undefined>(ts.PID_COUNT).fill(undefined);
  readonly #clock = new Clock33();
  /** The end of what was pushed, undecided: less than a packet while locked, less than {@link LOCK_BYTES} else. */
  readonly #rest = new Growable(MAX_REST_BYTES, MAX_REST_BYTES);
  #locked = false;
  #pmtPid = -1;
  #programNumber = -1;
  #streams: readonly StreamEntry[] = [];
  /** The program's map has been read since the PAT last named another. */
  #mapped = false;
  #lastPid: Pid | undefined;

  constructor(out: DemuxOutput, counters: DemuxCounters) {
    this.#out = out;
    this.#counters = counters;
    this.#openPat();
  }

  /** Bytes of the stream, cut anywhere; lent. */
  push(bytes: Uint8Array, arrival: Micros): void {
    const held = this.#rest.length;
    let at = 0;
    if (held > 0) {
      this.#rest.append(bytes, 0, Math.min(bytes.length, LOCK_BYTES));
      const decided = this.#packets(this.#rest.view(), 0, arrival);
      if (decided < held) {
        this.#rest.consume(decided); // and all of `bytes` is in what is left
        return;
      }
      this.#rest.clear();
      at = decided - held;
    }
    at = this.#packets(bytes, at, arrival);
    if (at < bytes.length) this.#rest.append(bytes, at, bytes.length);
  }

  /** Exactly so many datagrams are missing before the next bytes. */
  lost(datagrams: number): void {
    if (this.#locked) this.#rest.clear(); // a packet without its end
    if (datagrams * PACKETS_PER_DATAGRAM < CONTINUITY_RANGE) return; // the counters will tell whose they were
    for (const pid of this.#pids) if (pid) pid.suspect = true;
  }

  /** The access unit that the last packet belongs to is complete. */
  endOfFrame(): void {
    this.#lastPid?.pes?.flush();
  }

  /** Lets go of every packet in flight that states no length: nothing has come for longer than a frame lasts. */
  flush(): void {
    for (const { pid } of this.#streams) this.#pids[pid]?.pes?.flush();
  }

  /** Whether a packet of unstated length waits for its end. */
  get waiting(): boolean {
    return this.#streams.some(({ pid }) => this.#pids[pid]?.pes?.waiting);
  }

  /** The input is at its end: packets too few to be sure of are taken for what they seem. */
  end(arrival: Micros): void {
    this.#locked = true;
    this.#packets(this.#rest.view(), 0, arrival);
    this.#rest.clear();
    this.flush();
  }

  /** What follows does not continue what came: everything in flight is let go, the clock starts anew. */
  restart(): void {
    this.flush();
    this.#rest.clear();
    this.#locked = false;
    this.#clock.reset();
    for (const pid of this.#pids) {
      if (!pid) continue;
      pid.continuity = -1;
      this.#gap(pid);
    }
  }

  /** Takes the packets from `start` on and passes over what is none; returns the first offset not decided. */
  #packets(bytes: Uint8Array, start: number, arrival: Micros): number {
    let at = start;
    while (at + (this.#locked ? ts.PACKET_BYTES : LOCK_BYTES) <= bytes.length) {
      if (!this.#locked) {
        this.#locked = locksAt(bytes, at);
        if (this.#locked) continue;
        this.#counters.resyncBytes++;
        at++;
      } else if (bytes[at] === ts.SYNC_BYTE) {
        if (!this.#middle(bytes, at)) this.#packet(bytes, at, arrival);
        at += ts.PACKET_BYTES;
      } else {
        this.#locked = false;
      }
    }
    return at;
  }

  /** The usual packet, nine of ten: the next of the same PID, all payload, in the middle of a PES packet. */
  #middle(b: Uint8Array, at: number): boolean {
    const pid = this.#lastPid;
    if (pid?.pes === undefined || pid.continuity < 0 || pid.suspect) return false;
    const next = (pid.continuity + 1) & 0x0f;
    if (
      b[at + 1] !== pid.byte1 || b[at + 2] !== pid.byte2 || b[at + 3] !== (ts.ONLY_PAYLOAD | next)
    ) return false;
    if (!pid.pes.middle(b, at)) return false;
    pid.continuity = next;
    pid.duplicated = false;
    return true;
  }

  #packet(b: Uint8Array, at: number, arrival: Micros): void {
    const pid = this.#pids[ts.pid(b, at)];
    if (pid === undefined) return;
    if (ts.transportError(b, at)) {
      this.#counters.transportErrors++;
      return; // its PID may be wrong too; the gap shows at the next counter
    }
    if (!ts.hasPayload(b, at)) {
      if (ts.discontinuity(b, at)) pid.continuity = ts.continuity(b, at);
      return;
    }
    if (!this.#continues(pid, b, at)) return;
    if (ts.scrambled(b, at)) {
      this.#counters.scrambledPackets++;
      return;
    }
    if (ts.payloadOffset(b, at) >= ts.PACKET_BYTES) {
      this.#gap(pid);
      return;
    }
    this.#lastPid = pid;
    if (pid.pes) pid.pes.push(b, at, arrival);
    else pid.sections?.push(b, at);
  }

  /** Judges the continuity counter, §2.4.3.3; `false` for a duplicate. */
  #continues(pid: Pid, b: Uint8Array, at: number): boolean {
    const counter = ts.continuity(b, at);
    const previous = pid.continuity;
    const inOrder = counter === ((previous + 1) & 0x0f);
    const { suspect, duplicated } = pid;
    pid.continuity = counter;
    pid.suspect = false;
    pid.duplicated = false;
    if (previous < 0 || (inOrder && !suspect)) return true;
    if (ts.discontinuity(b, at)) {
      // The counter may jump here (§2.4.3.5); what was in flight is whole only where something new begins.
      if (!ts.unitStart(b, at)) this.#gap(pid);
    } else if (counter === previous && !duplicated && !suspect) {
      pid.duplicated = true;
      this.#counters.duplicatePackets++;
      return false;
    } else {
      this.#counters.continuityGaps++;
      this.#gap(pid);
    }
    return true;
  }

  #gap(pid: Pid): void {
    pid.sections?.gap();
    pid.pes?.gap();
    pid.handler?.gap(false);
  }

  #openPat(): void {
    const sections = new SectionAssembler({
      section: (section) => this.#pat(section),
      damaged: () => void this.#counters.sectionErrors++,
    });
    this.#pids[ts.PAT_PID] = newPid(ts.PAT_PID, { sections });
  }

  #pat(section: Uint8Array): void {
    const table = readPat(section);
    if (!table) return;
    const { programs, whole } = table;
    const known = programs.find((p) => p.programNumber === this.#programNumber);
    if (!known && !whole && this.#pmtPid >= 0) return; // it may stand in another section
    const wanted = known ?? programs.find(({ pmtPid }) => isAssignable(pmtPid));
    if (!wanted || !isAssignable(wanted.pmtPid)) return;
    if (wanted.pmtPid === this.#pmtPid && wanted.programNumber === this.#programNumber) return;
    if (this.#pmtPid >= 0) this.#pids[this.#pmtPid] = undefined;
    this.#pmtPid = wanted.pmtPid;
    this.#programNumber = wanted.programNumber;
    this.#mapped = false;
    this.#close(wanted.pmtPid);
    const sections = new SectionAssembler({
      section: (bytes) => this.#pmt(bytes),
      damaged: () => void this.#counters.sectionErrors++,
    });
    this.#pids[wanted.pmtPid] = newPid(wanted.pmtPid, { sections });
  }

  #pmt(section: Uint8Array): void {
    const map = readPmt(section);
    if (!map || map.programNumber !== this.#programNumber) return;
    if (this.#mapped && this.#same(map)) return;
    this.#mapped = true;
    for (const known of this.#streams) {
      const stays = map.streams.some((entry) => sameStream(entry, known));
      if (!stays) this.#close(known.pid);
    }
    this.#streams = map.streams;
    const handlers = this.#out.program(map.streams);
    map.streams.forEach(({ pid }, index) => {
      const handler = handlers[index];
      const open = this.#pids[pid];
      if (open?.sections || !isAssignable(pid)) return;
      if (open && open.handler === handler) return; // goes on, with what it has in flight
      this.#close(pid);
      if (handler) this.#open(pid, handler);
    });
  }

  /** The elementary stream is no more: what it has in flight is as complete as it will ever be. */
  #close(pid: number): void {
    const open = this.#pids[pid];
    if (!open?.pes) return;
    open.pes.flush();
    this.#pids[pid] = undefined;
    if (this.#lastPid === open) this.#lastPid = undefined;
  }

  #same(map: ProgramMap): boolean {
    return map.streams.length === this.#streams.length &&
      map.streams.every((entry, index) => sameStream(entry, this.#streams[index]));
  }

  #open(pid: number, handler: StreamHandler): void {
    const counters = this.#counters;
    const clock = this.#clock;
    const out: PesOutput = {
      packet(payload, pts, dts, arrival): void {
        const decode = dts === undefined ? undefined : clock.unwrap(dts);
        const present = pts === undefined || pts === dts ? decode : clock.unwrap(pts);
        handler.packet(payload, present, decode, arrival);
      },
      damaged(): void {
        counters.pesErrors++;
        handler.gap(true);
      },
      lateTail(bytes): void {
        counters.lateTailBytes += bytes;
        handler.gap(false);
      },
    };
    this.#pids[pid] = newPid(pid, { pes: new PesAssembler(out), handler });
  }
}

/** PIDs that a table may give away, table 2-3. */
function isAssignable(pid: number): boolean {
  return pid >= ts.FIRST_FREE_PID && pid < ts.NULL_PID;
}

function sameStream(a: StreamEntry, b: StreamEntry | undefined): boolean {
  return a.pid === b?.pid && a.streamType === b.streamType;
}

function newPid(
  pid: number,
  parts: { pes?: PesAssembler; sections?: SectionAssembler; handler?: StreamHandler },
): Pid {
  return {
    byte1: pid >> 8,
    byte2: pid & 0xff,
    pes: parts.pes,
    sections: parts.sections,
    handler: parts.handler,
    continuity: -1,
    duplicated: false,
    suspect: false,
  };
}

/** Whether {@link LOCK_PACKETS} packets seem to begin at `at`. */
function locksAt(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < LOCK_PACKETS; i++) {
    if (bytes[at + i * ts.PACKET_BYTES] !== ts.SYNC_BYTE) return false;
  }
  return true;
}
