/**
 * MPEG transport stream, ISO/IEC 13818-1: finds the packets, follows PAT and PMT, and hands each elementary
 * stream's PES packets on with their clock unwrapped. Knows no codec: it asks by stream type whether one is
 * wanted. Damaged input is counted and passed over, never thrown.
 *
 * @module
 */

import { equalBytes } from "../../shared/bytes.ts";
import type { Micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import { Clock33 } from "./clock.ts";
import type { DemuxCounters, DemuxOutput, StreamHandler } from "./demux_output.ts";
import * as ts from "./packet.ts";
import { layoutAt, LOCK_BYTES, PACKET_LAYOUTS, type PacketLayout } from "./layout.ts";
import { PacketRuns } from "./packet_run.ts";
import { PesAssembler, type PesOutput } from "./pes.ts";
import { judge, newPid, type PidState } from "./pid_state.ts";
import { ProgramChoice } from "./programs.ts";
import { type ProgramMap, readPat, readPmt, type StreamEntry } from "./psi.ts";
import { SectionAssembler } from "./section.ts";

/** Less than {@link LOCK_BYTES} is undecided from one push to the next, and as much decides about it. */
const MAX_REST_BYTES = 2 * LOCK_BYTES;
/** A 4-bit counter cannot show this many missing packets. */
const CONTINUITY_RANGE = 16;
/** Most packets in a datagram: 7 fit an Ethernet frame. */
const PACKETS_PER_DATAGRAM = 7;
/** So many scrambled packets in a row are no damage. */
const SCRAMBLED_RUN = 100;

/** As many PES packets, whose transport packets are in the clear. */
const SCRAMBLED_PES_RUN = 10;
const SCRAMBLED =
  "The stream is scrambled, and Rill has no key for it: switch conditional access off where it is sent.";

/** One for all streams of a thread: it keeps nothing from one call to the next. */
const runs = PacketRuns.open();

/** Takes a transport stream apart. Hot: {@link Demuxer.push} runs once per datagram, its inside once per packet. */
export class Demuxer {
  readonly #out: DemuxOutput;
  readonly #counters: DemuxCounters;
  readonly #pids: (PidState | undefined)[] = new Array<PidState | undefined>(ts.PID_COUNT).fill(
    undefined,
  );
  readonly #clock = new Clock33();
  /** The end of what was pushed, undecided: less than a packet while locked, less than {@link LOCK_BYTES} else. */
  readonly #rest = new Growable(MAX_REST_BYTES, MAX_REST_BYTES);
  #locked = false;
  /** How packets lie, or lay when they were last found. */
  #layout: PacketLayout = PACKET_LAYOUTS[0];
  readonly #choice: ProgramChoice;
  #program = -1;
  /** The program that was last spoken of. */
  #said = -1;
  /** Scrambled packets since the last clear one. */
  #scrambledRun = 0;
  #streams: readonly StreamEntry[] = [];
  #lastPid: PidState | undefined;

  constructor(out: DemuxOutput, counters: DemuxCounters) {
    this.#out = out;
    this.#counters = counters;
    this.#choice = new ProgramChoice((map) => map.streams.some((stream) => out.plays(stream)));
    this.#openSections(ts.PAT_PID, (section) => this.#pat(section));
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

  /** Exactly so many datagrams are missing before the next bytes, or more where that is said. */
  lost(datagrams: number, orMore = false): void {
    if (this.#locked) this.#rest.clear(); // a packet without its end
    if (!orMore && datagrams * PACKETS_PER_DATAGRAM < CONTINUITY_RANGE) return; // the counters will tell whose they were
    for (const pid of this.#pids) if (pid) pid.suspect = true;
  }

  /** The access unit that the last packet belongs to is complete. */
  endOfFrame(): void {
    this.#lastPid?.pes?.flush();
  }

  /** What was pushed last was a datagram shorter than its sender's full ones: often a frame ends there. */
  endOfShortDatagram(): void {
    if (this.#rest.length > 0) return; // it ends in the middle of a packet
    for (const { pid } of this.#streams) this.#pids[pid]?.pes?.endOfShortDatagram();
  }

  /** Lets go of every packet in flight that states no length: nothing has come for longer than a frame lasts. */
  flush(): void {
    for (const { pid } of this.#streams) {
      const open = this.#pids[pid];
      open?.pes?.flush();
      open?.handler?.flush?.();
    }
  }

  /** Whether a packet of unstated length waits for its end. */
  get waiting(): boolean {
    return this.#streams.some(({ pid }) => {
      const open = this.#pids[pid];
      return open?.pes?.waiting || open?.handler?.waiting;
    });
  }

  /** Whether such a packet waits whose end would have been seen, had it come. */
  get midway(): boolean {
    return this.#streams.some(({ pid }) => this.#pids[pid]?.pes?.midway);
  }

  /** The input is at its end: packets too few to be sure of are taken for what they seem. */
  end(arrival: Micros): void {
    this.#locked = true;
    const at = this.#packets(this.#rest.view(), 0, arrival);
    const tail = this.#rest.view().subarray(at);
    const { lead } = this.#layout;
    // The last packet may have lost what the layout puts behind it.
    if (tail.length >= lead + ts.PACKET_BYTES && tail[lead] === ts.SYNC_BYTE) {
      this.#packet(tail, lead, arrival);
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
      this.#gap(pid);
    }
  }

  /** Takes the packets from `start` on and passes over what is none; returns the first offset not decided. */
  #packets(bytes: Uint8Array, start: number, arrival: Micros): number {
    runs?.forget();
    let at = start;
    let { stride, lead } = this.#layout;
    while (at + (this.#locked ? stride : LOCK_BYTES) <= bytes.length) {
      if (!this.#locked) {
        const layout = layoutAt(bytes, at);
        if (layout) {
          this.#locked = true;
          this.#layout = layout;
          ({ stride, lead } = layout);
          continue;
        }
        this.#counters.resyncBytes++;
        at++;
      } else if (bytes[at + lead] === ts.SYNC_BYTE) {
        const middle = this.#middle(bytes, at);
        if (middle === 0) this.#packet(bytes, at + lead, arrival);
        at += Math.max(middle, 1) * stride;
      } else {
        this.#locked = false;
      }
    }
    return at;
  }

  /** How many packets from `at` on, nine of ten, were the next of the same PID in the middle of a PES packet. */
  #middle(b: Uint8Array, at: number): number {
    const pid = this.#lastPid;
    if (runs === undefined || pid?.pes === undefined || pid.continuity < 0 || pid.suspect) return 0;
    const { stride, lead } = this.#layout;
    const sync = at + lead;
    const next = (pid.continuity + 1) & 0x0f;
    if (
      b[sync + 1] !== pid.byte1 || b[sync + 2] !== pid.byte2 ||
      b[sync + 3] !== (ts.ONLY_PAYLOAD | next)
    ) return 0;
    const most = Math.min(pid.pes.room, Math.floor((b.length - at) / stride));
    const count = runs.find(b, sync, stride, most);
    if (count === 0) return 0;
    pid.pes.add(runs.memory, runs.payloadAt, runs.payloadAt + count * ts.PAYLOAD_BYTES);
    pid.continuity = (pid.continuity + count) & 0x0f;
    pid.fingerprint = ts.fingerprint(b, sync + (count - 1) * stride);
    return count;
  }

  #packet(b: Uint8Array, at: number, arrival: Micros): void {
    const pid = this.#pids[ts.pid(b, at)];
    if (pid === undefined) return;
    if (ts.transportError(b, at)) {
      this.#counters.transportErrors++;
      return; // its PID may be wrong too; the gap shows at the next counter
    }
    if (!ts.hasPayload(b, at)) {
      if (ts.discontinuity(b, at)) {
        pid.continuity = ts.continuity(b, at);
        pid.fingerprint = 0;
      }
      return;
    }
    if (!this.#continues(pid, b, at)) return;
    if (ts.scrambled(b, at)) {
      this.#scrambled(pid, ts.unitStart(b, at));
      return;
    }
    this.#scrambledRun = 0;
    if (ts.payloadOffset(b, at) >= ts.PACKET_BYTES) {
      this.#gap(pid);
      return;
    }
    this.#lastPid = pid;
    if (pid.pes) pid.pes.push(b, at, arrival);
    else pid.sections?.push(b, at);
  }

  /** What is in flight ends where a scrambled packet begins the next, and is torn by any other. */
  #scrambled(pid: PidState, unitStart: boolean): void {
    this.#counters.scrambledPackets++;
    if (unitStart) pid.pes?.flush();
    this.#gap(pid);
    if (++this.#scrambledRun === SCRAMBLED_RUN) this.#out.note(SCRAMBLED);
  }

  /** Counts what its counter says of a packet; `false` for a duplicate. */
  #continues(pid: PidState, b: Uint8Array, at: number): boolean {
    switch (judge(pid, b, at)) {
      case "next":
        return true;
      case "duplicate":
        this.#counters.duplicatePackets++;
        return false;
      case "announced":
        // What was in flight is whole only where something new begins.
        if (!ts.unitStart(b, at)) this.#gap(pid);
        return true;
      case "gap":
        this.#counters.continuityGaps++;
        this.#counters.packetsLost += pid.missing;
        this.#gap(pid);
        return true;
    }
  }

  #gap(pid: PidState): void {
    pid.sections?.gap();
    pid.pes?.gap();
    pid.handler?.gap(false);
  }

  #openSections(pid: number, take: (section: Uint8Array) => void): void {
    const sections = new SectionAssembler({
      section: take,
      damaged: () => void this.#counters.sectionErrors++,
    });
    this.#pids[pid] = newPid(pid, { sections });
  }

  #pat(section: Uint8Array): void {
    const table = readPat(section);
    if (!table) return;
    const before = this.#choice.listed;
    const programs = table.programs.filter(({ pmtPid }) => isAssignable(pmtPid));
    if (this.#choice.list({ ...table, programs })) {
      const { listed } = this.#choice;
      const gone = before.filter((old) => !listed.some(({ pmtPid }) => pmtPid === old.pmtPid));
      for (const { pmtPid } of gone) this.#pids[pmtPid] = undefined;
      for (const { pmtPid } of listed) {
        if (this.#pids[pmtPid]?.sections) continue;
        this.#close(pmtPid);
        this.#openSections(pmtPid, (bytes) => this.#pmt(bytes, pmtPid));
      }
      this.#program = -1; // streams may have had to make room, or have it again
    }
    this.#follow();
  }

  #pmt(section: Uint8Array, pmtPid: number): void {
    const map = readPmt(section);
    if (!map) return;
    this.#choice.read(map, pmtPid);
    this.#follow();
  }

  /** Reads the program that is chosen, if that or its map is another than before. */
  #follow(): void {
    const { map } = this.#choice;
    if (!map) {
      this.#program = -1;
      return;
    }
    if (map.programNumber === this.#program && this.#same(map)) return;
    if (map.programNumber !== this.#said) this.#sayWhich(map.programNumber);
    this.#program = map.programNumber;
    for (const known of this.#streams) {
      // In other words it may go on all the same: whoever takes it says so.
      const stays = map.streams.some(({ pid, streamType }) =>
        pid === known.pid && streamType === known.streamType
      );
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

  #sayWhich(program: number): void {
    const { listed } = this.#choice;
    const isFirst = this.#said < 0;
    this.#said = program;
    if (isFirst && listed.length < 2) return;
    const numbers = listed.map(({ programNumber }) => programNumber).join(", ");
    this.#out.note(
      isFirst
        ? `The stream carries ${listed.length} programs (${numbers}); Rill plays the first that it can, ${program}.`
        : `The stream's programs have changed (${numbers}); Rill now plays ${program}.`,
    );
  }

  /** The elementary stream is no more: what it has in flight is as complete as it will ever be. */
  #close(pid: number): void {
    const open = this.#pids[pid];
    if (!open?.pes) return;
    open.pes.flush();
    open.handler?.flush?.();
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
    const note = (): void => this.#out.note(SCRAMBLED);
    let scrambledRun = 0;
    const out: PesOutput = {
      packet(payload, pts, dts, arrival): void {
        scrambledRun = 0;
        const decode = dts === undefined ? undefined : clock.unwrap(dts);
        const present = pts === undefined || pts === dts ? decode : clock.unwrap(pts);
        handler.packet(payload, present, decode, arrival);
      },
      damaged(): void {
        counters.pesErrors++;
        handler.gap(true);
      },
      scrambled(): void {
        counters.scrambledPackets++;
        handler.gap(true);
        if (++scrambledRun === SCRAMBLED_PES_RUN) note();
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
  return a.pid === b?.pid && a.streamType === b.streamType &&
    equalBytes(a.descriptors, b.descriptors);
}
