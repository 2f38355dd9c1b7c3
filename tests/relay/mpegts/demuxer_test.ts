/** The demuxer: finding packets, following tables, and what each fault of a transport stream costs. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import { Demuxed, numbered } from "../../support/demuxed.ts";
import {
  AAC,
  AUDIO_ID,
  AUDIO_PID,
  H264,
  PACKET,
  patSection,
  type PesDescription,
  PMT_PID,
  pmtSection,
  type StreamLine,
  TsBuilder,
  tsPacket,
  VIDEO_PID,
} from "../../support/ts_builder.ts";
import { randomFrom } from "../../support/random.ts";
import { upTo } from "../../support/up_to.ts";

/** A picture of three packets. */
function picture(number: number): PesDescription {
  return { payload: numbered(number, 450), pts: 90_000 + number * 3000 };
}

function sound(number: number): PesDescription {
  return { streamId: AUDIO_ID, payload: numbered(number, 120), pts: 90_000 + number * 1920 };
}

/** Tables, then so many pictures with a sound after each. */
function stream(pictures: number, first = 0, builder = new TsBuilder()): TsBuilder {
  builder.pat().pmt();
  for (let i = first; i < first + pictures; i++) {
    builder.pes(VIDEO_PID, picture(i)).pes(AUDIO_PID, sound(i));
  }
  return builder;
}

/** Places in {@link stream} of the packets of picture `number`. */
const PACKETS_EACH = 4;
function placeOf(number: number): number {
  return 2 + number * PACKETS_EACH;
}

Deno.test("tables, pictures and sound, with their times", () => {
  const found = new Demuxed().push(stream(4).bytes()).end();
  assert.deepEqual(found.programs.map((list) => list.map(({ pid }) => pid)), [
    [VIDEO_PID, AUDIO_PID],
  ]);
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(4));
  assert.deepEqual(found.numbers(AUDIO_PID), upTo(4));
  const [first, second] = found.packets(VIDEO_PID);
  assert.equal((second?.pts ?? 0) - (first?.pts ?? 0), 3000);
  assert.equal((found.packets(AUDIO_PID)[1]?.pts ?? 0) - (first?.pts ?? 0), 1920);
  assert.equal(first?.payload.length, 450);
  for (const [name, count] of Object.entries(found.counters)) assert.equal(count, 0, name);
});

Deno.test("cut anywhere, the stream is the same", () => {
  const bytes = concatBytes([new Uint8Array(100), stream(6).bytes(), new Uint8Array(70), [0x47]]
    .map((part) => new Uint8Array(part)));
  const whole = new Demuxed().push(bytes).end();
  const seed = 20;
  const random = randomFrom(seed);
  const cuts: (() => number)[] = [() => 1, () => 7, () => 187, () => 189, () => 376, () => 377];
  for (const next of [...cuts, () => 1 + random(600), () => 1 + random(60)]) {
    const found = new Demuxed();
    for (let at = 0; at < bytes.length;) {
      const length = next();
      found.push(bytes.slice(at, at + length));
      at += length;
    }
    found.end();
    assert.deepEqual(found.events, whole.events, `seed ${seed}`);
    assert.deepEqual(found.counters, whole.counters, `seed ${seed}`);
  }
});

Deno.test("a push of any size is taken whole, noise and all", () => {
  const noise = new Uint8Array(300_000).map((_, i) => i % 251);
  const long = stream(400).bytes(); // 300 KB
  const found = new Demuxed().push(concatBytes([noise, long, noise, stream(3, 7).bytes()])).end();
  assert.equal(found.packets(VIDEO_PID).length, 403);
});

Deno.test("what is lent is not kept: the source's buffer may be overwritten after each push", () => {
  const bytes = stream(4).bytes();
  const found = new Demuxed();
  const buffer = new Uint8Array(250);
  for (let at = 0; at < bytes.length; at += buffer.length) {
    const part = bytes.subarray(at, at + buffer.length);
    buffer.set(part);
    found.push(buffer.subarray(0, part.length));
    buffer.fill(0x47);
  }
  assert.deepEqual(found.end().events, new Demuxed().push(bytes).end().events);
});

Deno.test("noise before, between and after is passed over and counted", () => {
  const noise = new Uint8Array(333).fill(0x11);
  const one = stream(3);
  const bytes = concatBytes([noise, one.take(), noise, one.pes(VIDEO_PID, picture(9)).take()]);
  const found = new Demuxed().push(bytes).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 1, 2, 9]);
  assert.equal(found.counters.resyncBytes, 2 * 333);
});

Deno.test("sync bytes inside the noise do not lock", () => {
  const noise = new Uint8Array(400);
  for (const at of [3, 3 + PACKET, 200]) noise[at] = 0x47; // two in step, not three
  const found = new Demuxed().push(concatBytes([noise, stream(2).bytes()])).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 1]);
  assert.equal(found.counters.resyncBytes, 400);
});

Deno.test("a sync byte that turned costs its packet only", () => {
  const { packets } = stream(4);
  const broken = packets[placeOf(1) + 1];
  if (broken) broken[0] = 0x46;
  const found = new Demuxed().push(concatBytes(packets)).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 2, 3]);
  assert.deepEqual(found.numbers(AUDIO_PID), upTo(4));
  assert.equal(found.counters.resyncBytes, PACKET);
  assert.equal(found.counters.continuityGaps, 1);
});

Deno.test("an input shorter than it takes to be sure is believed at its end", () => {
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: H264 }]);
  assert.equal(builder.packets.length, 2);
  assert.equal(new Demuxed().push(builder.bytes()).end().programs.length, 1);
});

Deno.test("each lost packet of a picture costs that picture and is counted once", () => {
  for (let lost = 0; lost < 3; lost++) {
    const { packets } = stream(5);
    packets.splice(placeOf(2) + lost, 1);
    const found = new Demuxed().push(concatBytes(packets)).end();
    // Without its start the gap shows while nothing, or the picture before, is in flight.
    const survivors = lost === 0 ? [0, 3, 4] : [0, 1, 3, 4];
    assert.deepEqual(found.numbers(VIDEO_PID), survivors, `packet ${lost}`);
    assert.deepEqual(found.numbers(AUDIO_PID), upTo(5));
    assert.equal(found.counters.continuityGaps, 1);
    assert.equal(found.events.filter(({ kind }) => kind === "gap").length > 0, true);
  }
});

Deno.test("a duplicate is passed over, however often; another packet of the same number is a loss", () => {
  const { packets } = stream(3);
  const at = placeOf(1) + 1;
  const twice = packets.toSpliced(at, 0, packets[at] ?? new Uint8Array());
  const found = new Demuxed().push(concatBytes(twice)).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(3));
  assert.equal(found.counters.duplicatePackets, 1);
  assert.equal(found.counters.continuityGaps, 0);

  const thrice = twice.toSpliced(at, 0, packets[at] ?? new Uint8Array());
  const again = new Demuxed().push(concatBytes(thrice)).end();
  assert.deepEqual(again.numbers(VIDEO_PID), upTo(3));
  assert.equal(again.counters.duplicatePackets, 2);

  const other = packets[at]?.slice().fill(0x77, 60) ?? new Uint8Array();
  const faulty = new Demuxed().push(concatBytes(packets.toSpliced(at + 1, 0, other))).end();
  assert.deepEqual(faulty.numbers(VIDEO_PID), [0, 2]);
  assert.deepEqual([faulty.counters.continuityGaps, faulty.counters.packetsLost], [1, 15]);
});

Deno.test("another table that has the last one's number is no duplicate", () => {
  const again = new TsBuilder().pat([{ program: 1, pid: 0x300 }]);
  again.sections(0x300, [pmtSection([{ pid: 0x301, type: H264 }])]).pes(0x301, picture(7));
  const found = new Demuxed().push(stream(2).bytes()).push(again.bytes()).end();
  assert.deepEqual(found.numbers(0x301), [7]);
  assert.equal(found.counters.duplicatePackets, 0);
});

Deno.test("a duplicate with a program clock of its own is a duplicate still", () => {
  const builder = new TsBuilder().pat().pmt().pes(VIDEO_PID, picture(0), { pcr: 900 });
  builder.skipCounter(VIDEO_PID, 13).pes(VIDEO_PID, picture(0), { pcr: 990 });
  const twice = builder.packets.toSpliced(3, 2).toSpliced(4, 2); // each first packet, then the rest
  const found = new Demuxed().push(concatBytes([...twice, ...builder.packets.slice(3, 5)])).end();
  assert.equal(found.counters.duplicatePackets, 1);
  assert.equal(found.counters.continuityGaps, 0);
  assert.deepEqual(found.numbers(VIDEO_PID), [0]);
});

Deno.test("fifteen lost packets, whose counter repeats, are no duplicate", () => {
  const { packets } = stream(12);
  const isPicture = (each: Uint8Array): boolean => each[2] === (VIDEO_PID & 0xff);
  let pictures = 0;
  const left = packets.filter((each) => !isPicture(each) || ++pictures <= 4 || pictures > 19);
  const found = new Demuxed().push(concatBytes(left)).end();
  assert.deepEqual([found.counters.duplicatePackets, found.counters.packetsLost], [0, 15]);
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 7, 8, 9, 10, 11]);
  assert.ok(
    found.packets(VIDEO_PID).every(({ payload }) => payload.length === 450),
    "none is torn",
  );
});

Deno.test("every packet twice is the same stream", () => {
  const { packets } = stream(5);
  const found = new Demuxed().push(concatBytes(packets.flatMap((each) => [each, each]))).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(5));
  assert.deepEqual(found.numbers(AUDIO_PID), upTo(5));
  assert.equal(found.counters.duplicatePackets, packets.length);
});

Deno.test("a packet with its error flag set is as good as lost", () => {
  const { packets } = stream(3);
  const bad = packets[placeOf(1) + 1];
  if (bad) bad[1] = (bad[1] ?? 0) | 0x80;
  const found = new Demuxed().push(concatBytes(packets)).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 2]);
  assert.equal(found.counters.transportErrors, 1);
  assert.equal(found.counters.continuityGaps, 1);
});

Deno.test("scrambled packets are counted and left out", () => {
  const { packets } = stream(3);
  for (const packet of packets.slice(placeOf(1), placeOf(2))) packet[3] = (packet[3] ?? 0) | 0x80;
  const found = new Demuxed().push(concatBytes(packets)).end();
  assert.equal(found.counters.scrambledPackets, PACKETS_EACH);
  assert.ok(!found.numbers(VIDEO_PID).includes(1));
  assert.deepEqual(found.numbers(AUDIO_PID), [0, 2]);
});

Deno.test("one scrambled packet tears what it is part of, and nothing before it", () => {
  for (const place of [0, 1, 2]) {
    const { packets } = stream(4);
    const packet = packets[placeOf(1) + place];
    if (packet) packet[3] = (packet[3] ?? 0) | 0xc0;
    const found = new Demuxed().push(concatBytes(packets)).end();
    assert.deepEqual(found.numbers(VIDEO_PID), [0, 2, 3], `packet ${place}`);
    assert.deepEqual([found.counters.scrambledPackets, found.notes.length], [1, 0]);
  }
});

/** Where a packet's payload begins. */
const payloadOf = (packet: Uint8Array): number =>
  ((packet[3] ?? 0) & 0x20) !== 0 ? 5 + (packet[4] ?? 0) : 4;
const SCRAMBLINGS: Readonly<Record<string, (packet: Uint8Array) => void>> = {
  "by transport packets": (packet) => packet[3] = (packet[3] ?? 0) | 0x80,
  "by PES packets": (packet) => {
    const at = payloadOf(packet) + 6;
    if (((packet[1] ?? 0) & 0x40) !== 0) packet[at] = (packet[at] ?? 0) | 0x20;
  },
};

for (const [name, scramble] of Object.entries(SCRAMBLINGS)) {
  Deno.test(`a stream that is scrambled all through, ${name}, is said to be`, () => {
    const { packets } = stream(80);
    for (const packet of packets.slice(2)) scramble(packet);
    const found = new Demuxed().push(concatBytes(packets)).end();
    assert.equal(found.packets().length, 0);
    assert.equal(new Set(found.notes).size, 1);
    assert.match(found.notes[0] ?? "", /scrambled.*switch conditional access off/);
    assert.ok(found.counters.scrambledPackets > 100);
  });
}

Deno.test("neither program clock nor its PID is asked for", () => {
  const builder = new TsBuilder().pat().pmt(undefined, { pcrPid: 0x1fff });
  const found = new Demuxed().push(stream(3, 0, builder).bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(3));
});

Deno.test("pictures that state their length and pictures that do not, one after the other", () => {
  const builder = new TsBuilder().pat().pmt();
  for (let i = 0; i < 6; i++) {
    builder.pes(VIDEO_PID, { ...picture(i), length: i % 2 ? "exact" : "none" });
  }
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(6));
  assert.ok(found.packets(VIDEO_PID).every(({ payload }) => payload.length === 450));
});

Deno.test("a map that is not in force yet changes nothing, a new version does", () => {
  const builder = stream(2);
  builder.pmt([{ pid: 0x201, type: H264 }], { version: 1, current: false });
  builder.pes(VIDEO_PID, picture(2));
  builder.pmt([{ pid: 0x201, type: H264 }], { version: 1 }).pes(0x201, picture(7));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(3));
  assert.deepEqual(found.numbers(0x201), [7]);
});

Deno.test("a stream whose descriptors change is asked for anew", () => {
  const line = (code: number): readonly [{ pid: number; type: number; descriptors: number[] }] => [
    { pid: AUDIO_PID, type: 6, descriptors: [0x7f, 2, 0x80, code] },
  ];
  const builder = new TsBuilder().pat().pmt(line(1)).pmt(line(1)).pmt(line(2), { version: 1 });
  assert.equal(new Demuxed().push(builder.bytes()).end().programs.length, 2);
});

Deno.test("packets without payload do not count, null packets and unknown PIDs neither", () => {
  const builder = new TsBuilder().pat().pmt();
  for (let i = 0; i < 4; i++) {
    builder.packet({ pid: VIDEO_PID, pcr: i * 3000 })
      .packet({ pid: 0x1fff, payload: new Uint8Array(184) })
      .packet({ pid: 0x777, payload: new Uint8Array(184) }).skipCounter(0x777, 5)
      .pes(VIDEO_PID, picture(i), { pcr: i * 3000 });
  }
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(4));
  assert.equal(found.counters.continuityGaps, 0);
});

Deno.test("a discontinuity that is announced where a packet starts loses nothing", () => {
  const builder = stream(2).skipCounter(VIDEO_PID, 5)
    .pes(VIDEO_PID, picture(2), { discontinuity: true }).pes(VIDEO_PID, picture(3));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(4));
  assert.equal(found.counters.continuityGaps, 0);
});

Deno.test("one that is announced before, in a packet without payload, loses nothing either", () => {
  const builder = stream(2).skipCounter(VIDEO_PID, 4)
    .packet({ pid: VIDEO_PID, discontinuity: true });
  // Its counter is that of the payload packet before it, as if that had been sent.
  builder.skipCounter(VIDEO_PID, 1).pes(VIDEO_PID, picture(2)).pes(VIDEO_PID, picture(3));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(4));
  assert.equal(found.counters.continuityGaps, 0);
});

Deno.test("one in the middle of a packet does not let it through torn", () => {
  const { packets } = stream(3);
  const at = placeOf(1) + 1;
  packets[at] = tsPacket({
    pid: VIDEO_PID,
    counter: 12,
    payload: new Uint8Array(100),
    discontinuity: true,
  });
  const last = packets[at + 1];
  if (last) last[3] = (last[3] ?? 0) & 0xf0 | 13;
  const next = packets.slice(placeOf(2)).filter((each) => each[2] === (VIDEO_PID & 0xff));
  next.forEach((each, i) => each[3] = (each[3] ?? 0) & 0xf0 | (14 + i) % 16);
  const found = new Demuxed().push(concatBytes(packets)).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 2]);
  assert.equal(found.counters.continuityGaps, 0, "it was announced");
});

Deno.test("a payload that would begin behind the packet is a gap", () => {
  const { packets } = stream(3);
  const lying = packets[placeOf(1) + 1];
  if (lying) {
    lying[3] = (lying[3] ?? 0) | 0x30;
    lying[4] = 255;
  }
  const found = new Demuxed().push(concatBytes(packets)).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 2]);
});

for (const [datagrams, orMore] of [[3, false], [1, true]] as const) {
  const name = `${datagrams} lost datagrams${orMore ? " or more" : ""}`;
  Deno.test(`${name}: the counter cannot tell, everything in flight is suspect`, () => {
    const { packets } = stream(12);
    const found = new Demuxed();
    // Exactly sixteen packets of pictures are missing: their counter has come round.
    const isPicture = (each: Uint8Array): boolean => each[2] === (VIDEO_PID & 0xff);
    const cut = placeOf(1) + 1;
    let pictures = 0;
    const after = packets.slice(cut).filter((each) => !isPicture(each) || ++pictures > 16);
    found.push(concatBytes(packets.slice(0, cut)));
    found.demuxer.lost(datagrams, orMore);
    found.push(concatBytes(after)).end();
    assert.deepEqual(found.numbers(VIDEO_PID), [0, 7, 8, 9, 10, 11], "1 was torn");
    assert.ok(found.packets(VIDEO_PID).every(({ payload }) => payload.length === 450));
  });
}

Deno.test("a lost datagram that the counters can tell costs only whom it hit", () => {
  const { packets } = stream(6);
  const found = new Demuxed();
  found.push(concatBytes(packets.slice(0, placeOf(2))));
  found.demuxer.lost(1);
  found.push(concatBytes(packets.slice(placeOf(2) + PACKETS_EACH - 1))).end(); // picture 2 is gone
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 3, 4, 5]);
  assert.deepEqual(found.numbers(AUDIO_PID), upTo(6));
});

Deno.test("a packet cut by a loss is not glued to the next datagram", () => {
  const { packets } = stream(4);
  const found = new Demuxed();
  found.push(
    concatBytes([
      ...packets.slice(0, placeOf(1)),
      (packets[placeOf(1)] ?? new Uint8Array()).slice(0, 90),
    ]),
  );
  found.demuxer.lost(1);
  found.push(concatBytes(packets.slice(placeOf(2)))).end();
  assert.equal(found.counters.resyncBytes, 0);
  assert.deepEqual(found.numbers(VIDEO_PID).slice(-2), [2, 3]);
});

Deno.test("endOfFrame lets the last packet's frame go, and no other", () => {
  const builder = new TsBuilder().pat().pmt([
    { pid: VIDEO_PID, type: H264 },
    { pid: AUDIO_PID, type: H264 },
  ]);
  builder.pes(VIDEO_PID, picture(0)).pes(AUDIO_PID, picture(1));
  const found = new Demuxed().push(builder.bytes());
  assert.equal(found.packets().length, 0);
  found.demuxer.endOfFrame();
  assert.deepEqual(found.packets().map(({ pid }) => pid), [AUDIO_PID]);
  assert.equal(found.demuxer.waiting, true);
  found.demuxer.flush();
  assert.deepEqual(found.numbers(VIDEO_PID), [0]);
  assert.equal(found.demuxer.waiting, false);
});

Deno.test("a table seen again changes nothing", () => {
  const builder = stream(2);
  builder.pat().pmt(undefined, { version: 1 }).pes(VIDEO_PID, picture(2));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.equal(found.programs.length, 1);
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(3));
});

const OTHER_TABLES: Readonly<Record<string, readonly StreamLine[]>> = {
  "another order and one more": [
    { pid: AUDIO_PID, type: AAC },
    { pid: VIDEO_PID, type: H264 },
    { pid: 0x333, type: AAC },
  ],
  "another description of the pictures": [
    { pid: VIDEO_PID, type: H264, descriptors: [0x0a, 4, 0x65, 0x6e, 0x67, 0] },
    { pid: AUDIO_PID, type: AAC },
  ],
};

for (const [name, lines] of Object.entries(OTHER_TABLES)) {
  Deno.test(`a table that comes in the middle of a picture does not tear it: ${name}`, () => {
    const builder = stream(1);
    const [first, ...rest] = new TsBuilder().skipCounter(VIDEO_PID, 3).pes(VIDEO_PID, picture(1))
      .packets;
    builder.packets.push(first ?? new Uint8Array());
    builder.pmt(lines);
    builder.packets.push(...rest);
    const found = new Demuxed().push(builder.bytes()).end();
    assert.equal(found.programs.length, 2);
    assert.deepEqual(found.numbers(VIDEO_PID), [0, 1]);
    assert.equal(found.packets(VIDEO_PID)[1]?.payload.length, 450);
    assert.equal(found.counters.continuityGaps, 0);
  });
}

Deno.test("a stream that leaves the map gives what it has, and is heard no more", () => {
  const builder = stream(2).pes(VIDEO_PID, picture(2)).pmt([{ pid: AUDIO_PID, type: AAC }])
    .pes(VIDEO_PID, picture(3)).pes(AUDIO_PID, sound(2));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(3));
  assert.deepEqual(found.numbers(AUDIO_PID), upTo(3));
});

Deno.test("a PID that changes its type is opened anew", () => {
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: AAC }])
    .pes(VIDEO_PID, sound(0)).pmt([{ pid: VIDEO_PID, type: H264 }]).pes(VIDEO_PID, picture(1));
  const found = new Demuxed((type) => type === H264).push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [1]);
});

Deno.test("of several programs the first is taken, and kept while it is there", () => {
  const other = { program: 2, pid: 0x200 };
  const first = { program: 1, pid: PMT_PID };
  const builder = new TsBuilder();
  builder.pat([{ program: 0, pid: 0x10 }, first, other]).pmt();
  builder.sections(0x200, [pmtSection([{ pid: 0x201, type: H264 }], { program: 2 })]);
  builder.pes(VIDEO_PID, picture(0)).pes(0x201, picture(9));
  builder.pat([other, first]).pes(VIDEO_PID, picture(1));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 1]);
  assert.equal(found.packets(0x201).length, 0);
});

Deno.test("a program that goes away makes room for another", () => {
  const builder = stream(2).pat([{ program: 2, pid: 0x200 }]);
  builder.sections(0x200, [pmtSection([{ pid: 0x201, type: H264 }], { program: 2 })]);
  builder.pes(0x201, picture(9));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 1]);
  assert.deepEqual(found.numbers(0x201), [9]);
});

Deno.test("another program number on the same PID is followed", () => {
  const builder = stream(2).pat([{ program: 5, pid: PMT_PID }]);
  builder.sections(PMT_PID, [pmtSection([{ pid: 0x201, type: H264 }], { program: 5 })]);
  builder.pes(0x201, picture(9));
  assert.deepEqual(new Demuxed().push(builder.bytes()).end().numbers(0x201), [9]);
});

Deno.test("a PAT in two sections does not make the program change", () => {
  const parts = [
    patSection([{ program: 1, pid: PMT_PID }], { number: 0, last: 1 }),
    patSection([{ program: 2, pid: 0x200 }], { number: 1, last: 1 }),
  ];
  const builder = new TsBuilder().sections(0, parts).pmt();
  builder.sections(0x200, [pmtSection([{ pid: 0x201, type: H264 }], { program: 2 })]);
  builder.pes(VIDEO_PID, picture(0)).sections(0, parts).pmt().pes(VIDEO_PID, picture(1));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 1]);
  assert.equal(found.programs.length, 1);
});

Deno.test("a PAT that names an elementary stream's PID for once does not silence it", () => {
  const builder = stream(2).pat([{ program: 3, pid: AUDIO_PID }]).pat();
  builder.pmt().pes(VIDEO_PID, picture(2)).pes(AUDIO_PID, sound(2));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(3));
  assert.deepEqual(found.numbers(AUDIO_PID), upTo(3));
});

Deno.test("a table that keeps the program and gives its streams' PIDs away, for once, does not silence it", () => {
  const builder = stream(2).pat([{ program: 1, pid: PMT_PID }, { program: 3, pid: VIDEO_PID }]);
  builder.pat().pes(VIDEO_PID, picture(2)).pes(AUDIO_PID, sound(2));
  const found = new Demuxed().push(builder.bytes()).end();
  assert.deepEqual(found.numbers(VIDEO_PID), upTo(3));
  assert.deepEqual(found.numbers(AUDIO_PID), upTo(3));
});

const TRAPS: readonly (readonly [string, TsBuilder])[] = [
  ["a PAT that names its own PID", new TsBuilder().pat([{ program: 1, pid: 0 }])],
  ["a PAT that names the null PID", new TsBuilder().pat([{ program: 1, pid: 0x1fff }])],
  [
    "a PMT that names the tables' PIDs",
    new TsBuilder().pat().pmt([{ pid: 0, type: H264 }, { pid: PMT_PID, type: AAC }])
      .pmt([{ pid: 5, type: H264 }]),
  ],
  [
    "a PMT that names one PID twice",
    new TsBuilder().pat().pmt([
      { pid: VIDEO_PID, type: H264 },
      { pid: VIDEO_PID, type: AAC },
    ]),
  ],
  ["a PMT without streams", new TsBuilder().pat().pmt([])],
];

for (const [name, trap] of TRAPS) {
  Deno.test(`no trap: ${name}`, () => {
    const found = new Demuxed().push(stream(3, 0, trap).bytes()).end();
    assert.deepEqual(found.numbers(VIDEO_PID), upTo(3));
    assert.deepEqual(found.numbers(AUDIO_PID), upTo(3));
  });
}

Deno.test("damaged tables are counted and the next are read", () => {
  const bad = patSection([{ program: 1, pid: 0x55 }]);
  bad[10] = (bad[10] ?? 0) ^ 1;
  const builder = new TsBuilder().sections(0, [bad]);
  const found = new Demuxed().push(stream(2, 0, builder).bytes()).end();
  assert.equal(found.counters.sectionErrors, 1);
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 1]);
});

Deno.test("restart: what is in flight comes out, nothing is glued or taken for a loss, the clock is new", () => {
  const found = new Demuxed();
  const bytes = stream(3).bytes();
  found.push(bytes.subarray(0, bytes.length - 188 - 100)); // in the middle of the last picture
  found.demuxer.restart();
  found.push(stream(3).bytes()).end();
  assert.equal(found.counters.continuityGaps, 0);
  assert.equal(found.counters.resyncBytes, 0);
  assert.deepEqual(found.numbers(VIDEO_PID), [0, 1, 2, 0, 1, 2]);
  assert.deepEqual(found.numbers(AUDIO_PID), [0, 1, 0, 1, 2]);
  const pts = found.packets(AUDIO_PID).map((packet) => packet.pts);
  assert.equal(pts[0], pts[2]);
  const restarted = found.events.findIndex((event) => event.kind === "gap");
  assert.ok(restarted > 0, "the takers know that something is missing");
});

Deno.test("sound and picture wrap together", () => {
  const builder = new TsBuilder().pat().pmt();
  const wrap = 2 ** 33;
  const times = [wrap - 6000, wrap - 3000, 0, 3000];
  times.forEach((pts, i) => {
    builder.pes(VIDEO_PID, { payload: numbered(i), pts, dts: (pts + wrap - 3000) % wrap });
    builder.pes(AUDIO_PID, {
      streamId: AUDIO_ID,
      payload: numbered(i),
      pts: (pts + wrap - 4000) % wrap,
    });
  });
  const found = new Demuxed().push(builder.bytes()).end();
  const differences = (values: (number | undefined)[]): number[] =>
    values.slice(1).map((value, i) => (value ?? 0) - (values[i] ?? 0));
  const pictures = found.packets(VIDEO_PID);
  assert.deepEqual(differences(pictures.map(({ dts }) => dts)), [3000, 3000, 3000]);
  assert.deepEqual(pictures.map(({ pts, dts }) => (pts ?? 0) - (dts ?? 0)), [
    3000,
    3000,
    3000,
    3000,
  ]);
  assert.deepEqual(differences(found.packets(AUDIO_PID).map(({ pts }) => pts)), [3000, 3000, 3000]);
});
