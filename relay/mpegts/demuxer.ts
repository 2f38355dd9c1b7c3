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
/** Most that is kept while looking for packets. */
const MAX_SCAN_BYTES = 64 * 1024;
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
   * stream that is not wanted.
   */
  program(streams: readonly StreamEntry[]): readonly (StreamHandler | undefined)[];
}

/** One PID that is being read. */
interface Pid {
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
  /** Bytes not yet packets: everything while unlocked, a part of one packet while locked. */
  readonly #rest = new Growable(4 * ts.PACKET_BYTES, MAX_SCAN_BYTES);
  #locked = false;
  #pmtPid = -1;
  #programNumber = -1;
  #streams: readonly StreamEntry[] = [];
  #lastPid: Pid | undefined;

  constructor(out: DemuxOutput, counters: DemuxCounters) {
    this.#out = out;
    this.#counters = counters;
    this.#openPat();
  }

  /** Bytes of the stream, cut anywhere; lent. */
  push(bytes: Uint8Array, arrival: Micros): void {
    if (bytes.length <= MAX_SCAN_BYTES / 2) {
      this.#take(bytes, arrival);
      return;
    }
    // While unlocked everything is held, in at most MAX_SCAN_BYTES: a file is read in larger pieces.
    for (let at = 0; at < bytes.length; at += MAX_SCAN_BYTES / 2) {
      this.#take(bytes.subarray(at, at + MAX_SCAN_BYTES / 2), arrival);
    }
  }

  #take(bytes: Uint8Array, arrival: Micros): void {
    if (!this.#locked) {
      if (!this.#rest.append(bytes, 0, bytes.length)) {
        this.#counters.resyncBytes += this.#rest.length; // noise: no three sync bytes in 64 KiB
        this.#rest.clear();
        if (!this.#rest.append(bytes, 0, Math.min(bytes.length, MAX_SCAN_BYTES))) return;
      }
      this.#scan(arrival);
      return;
    }
    let at = 0;
    if (this.#rest.length > 0) {
      at = Math.min(bytes.length, ts.PACKET_BYTES - this.#rest.length);
      this.#rest.append(bytes, 0, at);
      if (this.#rest.length < ts.PACKET_BYTES) return;
      const packet = this.#rest.view();
      if (packet[0] !== ts.SYNC_BYTE) {
        this.#unlock(bytes, at, arrival);
        return;
      }
      this.#packet(packet, 0, arrival);
      this.#rest.clear();
    }
    at = this.#packets(bytes, at, arrival);
    if (at + ts.PACKET_BYTES <= bytes.length) this.#unlock(bytes, at, arrival);
    else this.#rest.append(bytes, at, bytes.length);
  }

  /** Exactly so many datagrams are missing before the next bytes. */
  lost(datagrams: number): void {
    this.#rest.clear();
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

  /** The input is at its end: what is left is judged with what there is. */
  end(arrival: Micros): void {
    if (!this.#locked) {
      const rest = this.#rest.view();
      if (rest[0] === ts.SYNC_BYTE) this.#packets(rest, 0, arrival);
    }
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
      pid.pes?.gap();
      pid.sections?.gap();
    }
  }

  /** Packets from `at` on, as long as they begin with the sync byte; returns where that ended. */
  #packets(bytes: Uint8Array, start: number, arrival: Micros): number {
    let at = start;
    const last = bytes.length - ts.PACKET_BYTES;
    while (at <= last && bytes[at] === ts.SYNC_BYTE) {
      this.#packet(bytes, at, arrival);
      at += ts.PACKET_BYTES;
    }
    return at;
  }

  #packet(b: Uint8Array, at: number, arrival: Micros): void {
    const pid = this.#pids[ts.pid(b, at)];
    if (pid === undefined) return;
    if (ts.transportError(b, at)) {
      this.#counters.transportErrors++;
      return; // its PID may be wrong too; the gap shows at the next counter
    }
    if (!ts.hasPayload(b, at)) return;
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
    pid.continuity = counter;
    if (previous < 0 || ts.discontinuity(b, at)) {
      pid.duplicated = false;
      pid.suspect = false;
      return true;
    }
    if (counter === previous && !pid.duplicated && !pid.suspect) {
      pid.duplicated = true;
      this.#counters.duplicatePackets++;
      return false;
    }
    if (counter !== ((previous + 1) & 0x0f) || pid.suspect) {
      this.#counters.continuityGaps++;
      this.#gap(pid);
    }
    pid.duplicated = false;
    pid.suspect = false;
    return true;
  }

  #gap(pid: Pid): void {
    pid.sections?.gap();
    pid.pes?.gap();
    pid.handler?.gap(false);
  }

  #unlock(bytes: Uint8Array, at: number, arrival: Micros): void {
    this.#locked = false;
    this.#rest.append(bytes, at, Math.min(bytes.length, at + MAX_SCAN_BYTES - this.#rest.length));
    this.#scan(arrival);
  }

  /** Looks for packets in what is held, and takes those that are there. */
  #scan(arrival: Micros): void {
    const held = this.#rest.view();
    const last = held.length - (LOCK_PACKETS - 1) * ts.PACKET_BYTES - 1;
    let at = 0;
    while (at <= last && !locksAt(held, at)) at++;
    this.#counters.resyncBytes += Math.min(at, held.length);
    if (at > last) {
      this.#rest.consume(Math.min(at, held.length));
      return;
    }
    this.#locked = true;
    const end = this.#packets(held, at, arrival);
    this.#rest.consume(end);
    if (this.#rest.length >= ts.PACKET_BYTES) {
      this.#locked = false;
      this.#scan(arrival);
    }
  }

  #openPat(): void {
    const sections = new SectionAssembler({
      section: (section) => this.#pat(section),
      damaged: () => void this.#counters.sectionErrors++,
    });
    this.#pids[ts.PAT_PID] = newPid({ sections });
  }

  #pat(section: Uint8Array): void {
    const programs = readPat(section);
    if (!programs) return;
    const wanted = programs.find((p) => p.programNumber === this.#programNumber) ?? programs[0];
    if (!wanted || wanted.pmtPid === this.#pmtPid) return;
    if (this.#pmtPid >= 0) this.#pids[this.#pmtPid] = undefined;
    this.#pmtPid = wanted.pmtPid;
    this.#programNumber = wanted.programNumber;
    const sections = new SectionAssembler({
      section: (bytes) => this.#pmt(bytes),
      damaged: () => void this.#counters.sectionErrors++,
    });
    this.#pids[wanted.pmtPid] = newPid({ sections });
  }

  #pmt(section: Uint8Array): void {
    const map = readPmt(section);
    if (!map || map.programNumber !== this.#programNumber || this.#same(map)) return;
    for (const { pid } of this.#streams) this.#pids[pid] = undefined;
    this.#streams = map.streams;
    const handlers = this.#out.program(map.streams);
    map.streams.forEach(({ pid }, index) => {
      const handler = handlers[index];
      if (handler && pid !== this.#pmtPid && pid !== ts.PAT_PID) this.#open(pid, handler);
    });
  }

  #same(map: ProgramMap): boolean {
    return map.streams.length === this.#streams.length &&
      map.streams.every(({ pid, streamType }, index) => {
        const known = this.#streams[index];
        return known?.pid === pid && known.streamType === streamType;
      });
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
    this.#pids[pid] = newPid({ pes: new PesAssembler(out), handler });
  }
}

function newPid(
  parts: { pes?: PesAssembler; sections?: SectionAssembler; handler?: StreamHandler },
): Pid {
  return {
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
