/** PES packets put together and let go: header, time stamps, and every way to know the end. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import { micros } from "../../../shared/units.ts";
import { HABIT_PROOF } from "../../../relay/mpegts/habit.ts";
import { MAX_ACCESS_UNIT_BYTES, PesAssembler } from "../../../relay/mpegts/pes.ts";
import { numbered } from "../../support/demuxed.ts";
import {
  AUDIO_ID,
  type PesDescription,
  pesPacket,
  TsBuilder,
  tsPacket,
} from "../../support/ts_builder.ts";

const PID = 0x40;

interface Out {
  readonly number: number | undefined;
  readonly bytes: number;
  readonly pts: number | undefined;
  readonly dts: number | undefined;
  readonly arrival: number;
}

class Assembled {
  readonly packets: Out[] = [];
  damaged = 0;
  scrambled = 0;
  lateBytes = 0;
  readonly pes = new PesAssembler({
    packet: (payload, pts, dts, arrival) => {
      this.packets.push({ number: payload[0], bytes: payload.length, pts, dts, arrival });
    },
    damaged: () => void this.damaged++,
    scrambled: () => void this.scrambled++,
    lateTail: (bytes) => void (this.lateBytes += bytes),
  });
  #time = 0;

  /** Packets, one a millisecond. */
  push(packets: readonly Uint8Array[]): this {
    for (const packet of packets) this.pes.push(packet, 0, micros(1000 * this.#time++));
    return this;
  }

  get numbers(): (number | undefined)[] {
    return this.packets.map(({ number }) => number);
  }
}

function packetsOf(...descriptions: readonly PesDescription[]): Uint8Array[] {
  const builder = new TsBuilder();
  for (const description of descriptions) builder.pes(PID, description);
  return builder.packets;
}

/** A picture of so many bytes: by default three packets, the last one stuffed by more than a little. */
function picture(number: number, bytes = 450): PesDescription {
  return { payload: numbered(number, bytes), pts: number * 3000 };
}

const HEADERS: readonly (readonly [string, PesDescription, Partial<Out>])[] = [
  ["no time stamp", { payload: numbered(1) }, { pts: undefined, dts: undefined }],
  ["PTS alone is DTS too", { payload: numbered(1), pts: 5 }, { pts: 5, dts: 5 }],
  ["PTS and DTS", { payload: numbered(1), pts: 6006, dts: 3003 }, { pts: 6006, dts: 3003 }],
  ["all 33 bits", { payload: numbered(1), pts: 2 ** 33 - 1, dts: 0x1_5555_5555 }, {
    pts: 2 ** 33 - 1,
    dts: 0x1_5555_5555,
  }],
  ["each bit alone, high", { payload: numbered(1), pts: 2 ** 32, dts: 2 ** 30 }, {
    pts: 2 ** 32,
    dts: 2 ** 30,
  }],
  ["each bit alone, low", { payload: numbered(1), pts: 2 ** 15, dts: 2 ** 14 }, {
    pts: 2 ** 15,
    dts: 2 ** 14,
  }],
  ["stuffing in the header", { payload: numbered(1), pts: 9, headerStuffing: 32 }, { pts: 9 }],
  ["a header as long as can be, over two packets", {
    payload: numbered(1),
    pts: 9,
    headerStuffing: 250,
  }, { pts: 9 }],
];

for (const [name, description, expected] of HEADERS) {
  for (const length of ["exact", "none"] as const) {
    Deno.test(`PES header: ${name}, length ${length}`, () => {
      const out = new Assembled().push(packetsOf({ ...description, length }, picture(2)));
      const [first] = out.packets;
      assert.deepEqual({ ...first, ...expected }, first);
      assert.equal(first?.number, 1);
      assert.equal(first?.bytes, 10);
      assert.equal(out.damaged, 0);
    });
  }
}

Deno.test("PES header: a time stamp that is stated and not there is none", () => {
  const bytes = pesPacket({ payload: numbered(1, 20), length: "exact" });
  bytes[7] = 0xc0; // PTS and DTS, in an optional part of no length
  const packet = tsPacket({ pid: PID, payload: bytes, unitStart: true });
  const [first] = new Assembled().push([packet]).packets;
  assert.deepEqual([first?.pts, first?.dts, first?.bytes], [undefined, undefined, 20]);
});

Deno.test("a stated length lets go with the last byte, and what follows it is left out", () => {
  const out = new Assembled();
  const packets = packetsOf({ ...picture(1), streamId: AUDIO_ID, length: "exact" });
  out.push(packets.slice(0, 2));
  assert.deepEqual(out.numbers, []);
  out.push(packets.slice(2));
  assert.deepEqual(out.numbers, [1]);
  const longer = packetsOf({ payload: numbered(2, 100), length: 3 + 40 });
  assert.equal(out.push(longer).packets[1]?.bytes, 40);
});

Deno.test("the arrival is that of the first byte", () => {
  const out = new Assembled().push(packetsOf(picture(1), picture(2), picture(3)));
  assert.deepEqual(out.packets.map(({ arrival }) => arrival), [0, 3000]);
});

Deno.test("without a length the next start lets go", () => {
  const out = new Assembled().push(packetsOf(picture(1), picture(2)));
  assert.deepEqual(out.numbers, [1]);
  assert.equal(out.packets[0]?.bytes, 450);
});

Deno.test("flush lets go at once; of a header not complete there is nothing to let go", () => {
  const out = new Assembled().push(packetsOf(picture(1)));
  assert.equal(out.pes.waiting, true);
  out.pes.flush();
  assert.deepEqual(out.numbers, [1]);
  assert.equal(out.pes.waiting, false);
  out.push([
    tsPacket({ pid: PID, payload: pesPacket(picture(2)).subarray(0, 8), unitStart: true }),
  ]);
  assert.equal(out.pes.waiting, false, "nobody may be asked to wait for what flush does not take");
  out.pes.flush();
  assert.deepEqual(out.numbers, [1]);
});

Deno.test("a packet that states its length does not wait for a flush", () => {
  const out = new Assembled().push(
    packetsOf({ ...picture(1), length: "exact" }).slice(0, 2),
  );
  assert.equal(out.pes.waiting, false);
  out.pes.flush();
  assert.deepEqual(out.numbers, []);
});

Deno.test("a frame flushed too early: what still comes is counted, the next frame is whole", () => {
  const out = new Assembled();
  const packets = packetsOf(picture(1), picture(2), picture(3));
  out.push(packets.slice(0, 1));
  out.pes.flush();
  out.push(packets.slice(1));
  assert.deepEqual(out.numbers, [1, 2]);
  assert.deepEqual(out.packets.map(({ bytes }) => bytes), [170, 450]);
  assert.equal(out.lateBytes, 450 - 170, "every late byte, not only the first packet's");
});

/** Pictures whose last packet has so much stuffing; one packet is pushed at a time. */
function letGoAt(bytes: number, pictures: number): (readonly [number, number])[] {
  const out = new Assembled();
  const descriptions = Array.from({ length: pictures }, (_, i) => picture(i, bytes));
  return packetsOf(...descriptions).map((packet, index) => {
    out.push([packet]);
    return [index, out.packets.length] as const;
  });
}

Deno.test(`the stuffing habit is believed after ${HABIT_PROOF} packets that kept it`, () => {
  const after = letGoAt(450, HABIT_PROOF + 3);
  const packetsEach = 3;
  for (const [index, count] of after) {
    const whole = Math.floor((index + 1) / packetsEach); // pictures whose last packet is in
    // The n-th start proves n - 1 habits: until enough are proven, a picture waits for the next start.
    const begun = Math.floor(index / packetsEach);
    assert.equal(count, begun >= HABIT_PROOF ? whole : begun, `after packet ${index}`);
  }
});

Deno.test("one counter-example ends belief in the habit for good", () => {
  const out = new Assembled();
  const before = Array.from({ length: HABIT_PROOF + 1 }, (_, i) => picture(i));
  out.push(packetsOf(...before));
  assert.equal(out.packets.length, HABIT_PROOF + 1, "believed");
  // A stuffed packet in the middle of a picture.
  const bytes = pesPacket(picture(50, 300));
  const torn = [
    tsPacket({ pid: PID, payload: bytes.subarray(0, 100), unitStart: true }),
    tsPacket({ pid: PID, payload: bytes.subarray(100, 284) }),
    tsPacket({ pid: PID, payload: bytes.subarray(284) }),
  ];
  out.push(torn);
  assert.equal(out.packets.at(-1)?.number, 50);
  assert.ok(out.lateBytes > 0, "it was let go torn, and that was noticed");
  const count = out.packets.length;
  const later = packetsOf(...Array.from({ length: 3 * HABIT_PROOF }, (_, i) => picture(60 + i)));
  const grown: number[] = [];
  for (const packet of later) grown.push(out.push([packet]).packets.length - count);
  // From here on each picture waits for the next start.
  assert.deepEqual(grown, later.map((_, index) => Math.floor(index / 3)));
  assert.ok(out.packets.slice(count).every(({ bytes }) => bytes === 450));
});

/** A picture that fills its packets: no stuffing tells its end. */
const FULL_BYTES = 3 * 184 - 14;

Deno.test(`a datagram that is cut short where pictures end is believed after ${HABIT_PROOF}`, () => {
  const out = new Assembled();
  for (let i = 0; i < HABIT_PROOF + 3; i++) {
    const [first, ...rest] = packetsOf(picture(i, FULL_BYTES));
    out.push([first ?? new Uint8Array()]); // the start lets go of the one before
    assert.equal(out.packets.length, i);
    out.push(rest);
    assert.equal(out.packets.length, i);
    out.pes.endOfShortDatagram();
    assert.equal(out.packets.length, i < HABIT_PROOF ? i : i + 1, `after picture ${i}`);
  }
  assert.equal(out.lateBytes, 0);
});

Deno.test("a datagram cut short in the middle of a picture ends that belief for good", () => {
  const out = new Assembled();
  const send = (number: number, shortAfter: number): void => {
    packetsOf(picture(number, FULL_BYTES)).forEach((packet, index) => {
      out.push([packet]);
      if (index === shortAfter) out.pes.endOfShortDatagram();
    });
  };
  for (let i = 0; i <= HABIT_PROOF; i++) send(i, 2);
  assert.equal(out.packets.length, HABIT_PROOF + 1, "believed");
  send(20, 1);
  assert.equal(out.lateBytes, 184, "it was let go torn, and that was noticed");
  for (let i = 0; i < 3 * HABIT_PROOF; i++) {
    send(30 + i, 2);
    assert.equal(out.packets.length, HABIT_PROOF + 2 + i, "waits for the next start");
  }
  assert.ok(out.packets.slice(HABIT_PROOF + 2).every(({ bytes }) => bytes === FULL_BYTES));
});

Deno.test("a short datagram before the proof that ends no picture keeps it from ever being one", () => {
  const out = new Assembled();
  const [first, ...rest] = packetsOf(picture(0, FULL_BYTES));
  out.push([first ?? new Uint8Array()]);
  out.pes.endOfShortDatagram();
  out.push(rest);
  for (let i = 1; i < 3 * HABIT_PROOF; i++) {
    out.push(packetsOf(picture(i, FULL_BYTES)));
    out.pes.endOfShortDatagram();
    assert.equal(out.packets.length, i);
  }
  assert.equal(out.lateBytes, 0);
});

Deno.test("a counter-example before the proof keeps it from ever being one", () => {
  const bytes = pesPacket(picture(0, 300));
  const out = new Assembled().push([
    tsPacket({ pid: PID, payload: bytes.subarray(0, 100), unitStart: true }),
    tsPacket({ pid: PID, payload: bytes.subarray(100, 284) }),
  ]);
  const packets = packetsOf(...Array.from({ length: 3 * HABIT_PROOF }, (_, i) => picture(i + 1)));
  packets.forEach((packet, index) => {
    assert.equal(out.push([packet]).packets.length, 1 + Math.floor(index / 3));
  });
  assert.equal(out.lateBytes, 0);
});

Deno.test("a little stuffing in the last packet but one does not break the habit of much", () => {
  const out = new Assembled();
  const withLittle = (number: number): Uint8Array[] => {
    const bytes = pesPacket(picture(number, 250));
    return [
      tsPacket({ pid: PID, payload: bytes.subarray(0, 180), unitStart: true }), // 2 bytes of stuffing
      tsPacket({ pid: PID, payload: bytes.subarray(180) }),
    ];
  };
  for (let i = 0; i <= HABIT_PROOF; i++) out.push(withLittle(i));
  assert.equal(out.packets.length, HABIT_PROOF + 1);
  assert.equal(out.lateBytes, 0);
});

Deno.test("a pause taken for the end says nothing against the habit", () => {
  const out = new Assembled();
  const packets = packetsOf(...Array.from({ length: HABIT_PROOF + 3 }, (_, i) => picture(i)));
  const middle = 3 * (HABIT_PROOF + 1) + 1;
  out.push(packets.slice(0, middle));
  out.pes.flush();
  out.push(packets.slice(middle, middle + 2));
  assert.ok(out.lateBytes > 0);
  const before = out.packets.length;
  out.push(packets.slice(middle + 2));
  assert.equal(out.packets.length, before + 1, "let go with its last packet");
});

Deno.test("an end without stuffing is no counter-example", () => {
  const out = new Assembled();
  const exact = 3 * 184 - 14; // header of 14 bytes: the last packet is full
  for (let i = 0; i < HABIT_PROOF; i++) out.push(packetsOf(picture(i)));
  out.push(packetsOf(picture(20, exact)));
  out.push(packetsOf(picture(21)));
  assert.deepEqual(out.numbers.slice(-2), [20, 21]);
});

Deno.test("a gap loses the packet in flight and says so, one between two loses none", () => {
  const out = new Assembled();
  const packets = packetsOf(picture(1), picture(2), picture(3), picture(4));
  out.push(packets.slice(0, 1));
  out.pes.gap();
  out.push(packets.slice(2, 6));
  out.pes.flush();
  out.pes.gap();
  out.push(packets.slice(6));
  assert.deepEqual(out.numbers, [2, 3]);
  assert.equal(out.damaged, 1);
  assert.equal(out.lateBytes, 0);
});

Deno.test("fewer bytes than stated: damaged; the next packet is whole", () => {
  const out = new Assembled();
  const [first, ...rest] = packetsOf(
    { ...picture(1), length: "exact" },
    { ...picture(2), length: "exact" },
  );
  out.push([first, ...rest.slice(1)].filter((packet) => packet !== undefined).slice(0, 1));
  out.push(rest.slice(2));
  assert.deepEqual(out.numbers, [2]);
  assert.equal(out.damaged, 1);
});

const BROKEN: readonly (readonly [string, (bytes: Uint8Array) => void])[] = [
  ["no start code", (bytes) => bytes[2] = 2],
  ["MPEG-1's header", (bytes) => bytes[6] = 0x21],
  ["a header longer than the packet", (bytes) => bytes[8] = 255],
];

for (const [name, damage] of BROKEN) {
  Deno.test(`damaged: ${name}`, () => {
    const bytes = pesPacket({ payload: numbered(1, 60), pts: 0, length: "exact" });
    damage(bytes);
    const packet = tsPacket({ pid: PID, payload: bytes, unitStart: true });
    const out = new Assembled().push([packet, ...packetsOf({ ...picture(2), length: "exact" })]);
    assert.deepEqual(out.numbers, [2]);
    assert.equal(out.damaged, 1);
  });
}

Deno.test("a packet scrambled as such is left out, and is no damage", () => {
  const bytes = pesPacket({ payload: numbered(1, 60), pts: 0, length: "exact" });
  bytes[6] = (bytes[6] ?? 0) | 0x20;
  const packet = tsPacket({ pid: PID, payload: bytes, unitStart: true });
  const out = new Assembled().push([packet, ...packetsOf({ ...picture(2), length: "exact" })]);
  assert.deepEqual([out.numbers, out.scrambled, out.damaged], [[2], 1, 0]);
});

Deno.test("a packet too short for a header is damaged", () => {
  const cut = tsPacket({
    pid: PID,
    payload: pesPacket(picture(1)).subarray(0, 8),
    unitStart: true,
  });
  const out = new Assembled().push([cut, ...packetsOf(picture(2))]);
  assert.equal(out.damaged, 1);
  assert.deepEqual(out.numbers, []);
});

Deno.test("a header over many packets of a byte each", () => {
  const bytes = pesPacket({ payload: numbered(7, 30), pts: 77, length: "exact" });
  const packets = Array.from(
    bytes,
    (_, i) => tsPacket({ pid: PID, payload: bytes.subarray(i, i + 1), unitStart: i === 0 }),
  );
  const [only] = new Assembled().push(packets).packets;
  assert.deepEqual([only?.number, only?.bytes, only?.pts], [7, 30, 77]);
});

Deno.test("stream ids that have no such header are passed over in silence", () => {
  const out = new Assembled();
  for (const streamId of [0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff]) {
    out.push(packetsOf({ ...picture(1), streamId, length: "exact" }));
  }
  out.push(packetsOf({ ...picture(2), length: "exact" }));
  assert.deepEqual(out.numbers, [2]);
  assert.equal(out.damaged, 0);
});

Deno.test("an access unit beyond the limit is damaged and does not grow further", () => {
  const full = tsPacket({ pid: PID, payload: new Uint8Array(184) });
  const out = new Assembled();
  const start = concatBytes([pesPacket({ payload: new Uint8Array(175) })]);
  out.push([tsPacket({ pid: PID, payload: start, unitStart: true })]);
  for (let sent = 0; sent <= MAX_ACCESS_UNIT_BYTES; sent += 184) {
    out.pes.push(full, 0, micros(0));
  }
  assert.equal(out.damaged, 1);
  assert.equal(out.pes.waiting, false);
  out.push(packetsOf({ ...picture(2), length: "exact" }));
  assert.deepEqual(out.numbers, [2]);
});
