/**
 * Damage to a transport stream, reproducible by its seed: bits, bytes, packets, order, and lengths that lie.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import { PACKET, PMT_PID, section, TsBuilder, withParity, withTimeCodes } from "./ts_builder.ts";

type Random = (below: number) => number;

/** One kind of damage: changes the list, or the packets in it, which are its own. */
type Mutation = (packets: Bytes[], random: Random) => void;

function pick(packets: readonly Bytes[], random: Random): { packet: Bytes; at: number } {
  const at = random(packets.length);
  return { packet: packets[at] ?? new Uint8Array(PACKET), at };
}

/** A packet in which a unit starts; the field at `offset` behind its header is overwritten. */
function lie(packets: readonly Bytes[], random: Random, offsets: readonly number[]): void {
  const starts = packets.filter((packet) => ((packet[1] ?? 0) & 0x40) !== 0);
  const { packet } = pick(starts.length > 0 ? starts : packets, random);
  const payload = (packet[3] ?? 0) & 0x20 ? 5 + (packet[4] ?? 0) : 4;
  for (const offset of offsets) {
    const at = payload + offset;
    if (at < packet.length) packet[at] = [0, 1, 0x7f, 0x80, 0xff, random(256)][random(6)] ?? 0;
  }
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  bits: (packets, random) => {
    for (let i = random(40); i >= 0; i--) {
      const { packet } = pick(packets, random);
      const at = random(packet.length);
      packet[at] = (packet[at] ?? 0) ^ 1 << random(8);
    }
  },
  "overwritten run": (packets, random) => {
    const { packet } = pick(packets, random);
    const at = random(packet.length);
    packet.subarray(at, at + 1 + random(100)).forEach((_, i) => packet[at + i] = random(256));
  },
  "one value all through": (packets, random) => {
    pick(packets, random).packet.fill([0, 0xff, 0x47][random(3)] ?? 0, random(10));
  },
  loss: (packets, random) => void packets.splice(random(packets.length), 1 + random(40)),
  duplicates: (packets, random) => {
    const { packet, at } = pick(packets, random);
    packets.splice(at, 0, ...Array.from({ length: 1 + random(4) }, () => packet.slice()));
  },
  "an earlier part again": (packets, random) => {
    const { at } = pick(packets, random);
    const part = packets.slice(Math.max(0, at - 1 - random(60)), at).map((packet) =>
      packet.slice()
    );
    packets.splice(at, 0, ...part);
  },
  order: (packets, random) => {
    for (let i = random(8); i >= 0; i--) {
      const { packet, at } = pick(packets, random);
      packets.splice(at, 1);
      packets.splice(Math.min(packets.length, at + random(12)), 0, packet);
    }
  },
  cut: (packets, random) => {
    const { packet, at } = pick(packets, random);
    packets[at] = packet.slice(0, random(packet.length));
  },
  "bytes between": (packets, random) => {
    const noise = Uint8Array.from(
      { length: 1 + random(700) },
      () => random(4) ? random(256) : 0x47,
    );
    packets.splice(random(packets.length), 0, noise);
  },
  "counter and flags": (packets, random) => {
    const { packet } = pick(packets, random);
    packet[1] = (packet[1] ?? 0) ^ ([0x80, 0x40, 0x1f][random(3)] ?? 0);
    packet[3] = random(256);
  },
  "adaptation field length": (packets, random) => {
    const { packet } = pick(packets, random);
    packet[3] = (packet[3] ?? 0) | 0x20;
    packet[4] = random(256);
    packet[5] = random(256);
  },
  "start code and stream id": (packets, random) => lie(packets, random, [random(4)]),
  "PES length": (packets, random) => lie(packets, random, [4, 5]),
  "PES flags and header length": (packets, random) => lie(packets, random, [6, 7, 8]),
  "time stamps": (packets, random) => lie(packets, random, [9, 10, 11, 12, 13, 14]),
  "elementary stream's head": (packets, random) => {
    lie(packets, random, Array.from({ length: 8 }, () => 14 + random(60)));
  },
  "pointer and section length": (packets, random) => {
    const tables = packets.filter((packet) =>
      ((packet[1] ?? 0) & 0x1f) === 0 || packet[1] === 0x41
    );
    lie(tables.length > 0 ? tables : packets, random, [0, 2, 3]);
  },
  "a table that is intact and senseless": (packets, random) => {
    const body = Array.from({ length: random(160) }, () => random(3) ? random(256) : 0);
    const isPat = random(2) === 0;
    const bytes = section(isPat ? 0 : 2, body, { extension: random(4), last: random(2) });
    const pids = packets.filter((packet) => ((packet[1] ?? 0) & 0x40) !== 0).map(pidOf);
    const pid = isPat ? 0 : pids[random(pids.length)] ?? PMT_PID;
    const builder = new TsBuilder().skipCounter(pid, random(16)).sections(pid, [bytes]);
    packets.splice(random(packets.length), 0, ...builder.packets);
  },
};

const KINDS = Object.keys(MUTATIONS);

/** PID of a packet. */
export function pidOf(packet: Uint8Array): number {
  return ((packet[1] ?? 0) & 0x1f) << 8 | (packet[2] ?? 0);
}

/** Whether a packet counts: adaptation_field_control has its payload bit. */
export function hasPayload(packet: Uint8Array): boolean {
  return ((packet[3] ?? 0) & 0x10) !== 0;
}

/** A stream of which only whole packets are missing, and to which only copies of packets were added. */
export interface Thinned {
  readonly bytes: Bytes;
  readonly lost: number;
  /** Runs of lost packets of a PID. */
  readonly gaps: number;
  readonly duplicates: number;
}

/** Most that a counter of 4 bits can tell are missing, even of tables: one more, and the next that is equal is a copy. */
const MAX_COUNTED = 14;

/**
 * Loses packets of the PIDs in `counted`, one by one and in runs, and doubles others; never more in a row of one PID
 * than its counter can tell, nor its first or last.
 */
export function thin(
  packets: readonly Bytes[],
  { clean, random, counted }: {
    readonly clean: number;
    readonly random: Random;
    readonly counted: readonly number[];
  },
): Thinned {
  const drop = new Set<number>();
  const twice = new Set<number>();
  for (let i = 1 + random(6); i > 0; i--) {
    const from = random(clean);
    const length = random(3) === 0 ? 1 + random(40) : 1;
    for (let at = from; at < Math.min(clean, from + length); at++) drop.add(at);
  }
  for (let i = random(4); i > 0; i--) twice.add(random(clean));
  const kept: Bytes[] = [];
  const missing = new Map<number, number>();
  let [lost, gaps, duplicates] = [0, 0, 0];
  for (const [at, packet] of packets.entries()) {
    const pid = pidOf(packet);
    const isCounted = counted.includes(pid) && hasPayload(packet);
    const before = missing.get(pid);
    const isLost = drop.has(at) && isCounted && before !== undefined && before < MAX_COUNTED;
    if (isLost) {
      missing.set(pid, before + 1);
      continue;
    }
    if (isCounted) {
      lost += before ?? 0;
      if (before) gaps++;
      missing.set(pid, 0);
    }
    kept.push(packet);
    if (twice.has(at) && isCounted) {
      kept.push(packet);
      duplicates++;
    }
  }
  return { bytes: concatBytes(kept), lost, gaps, duplicates };
}

/** A third of the streams are not of plain packets. */
const LAYOUTS = [withTimeCodes, withParity];

/** A stream with damage in its first packets. */
export interface Mutated {
  readonly bytes: Bytes;
  /** The kinds of damage, for the message of a failure. */
  readonly kinds: readonly string[];
}

/** Damages the packets before `clean` in up to six ways; the rest stays as it is. */
export function mutate(
  packets: readonly Bytes[],
  { clean, random }: { readonly clean: number; readonly random: Random },
): Mutated {
  const head = packets.slice(0, clean).map((packet) => packet.slice());
  const kinds = Array.from({ length: 1 + random(6) }, () => KINDS[random(KINDS.length)] ?? "bits");
  for (const kind of kinds) if (head.length > 0) MUTATIONS[kind]?.(head, random);
  const layout = LAYOUTS[random(LAYOUTS.length * 3)];
  const all = [...head, ...packets.slice(clean)];
  if (!layout) return { bytes: concatBytes(all), kinds };
  return { bytes: layout(all), kinds: [...kinds, `laid out by ${layout.name}`] };
}
