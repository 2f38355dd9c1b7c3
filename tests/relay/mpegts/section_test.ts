/** PSI sections put together from packets, and their CRC. */

import assert from "node:assert/strict";
import { toHex } from "../../../shared/bytes.ts";
import { crc32, SectionAssembler } from "../../../relay/mpegts/section.ts";
import {
  patSection,
  pmtSection,
  type ProgramLine,
  TsBuilder,
  tsPacket,
} from "../../support/ts_builder.ts";

const PID = 0x30;

class Found {
  readonly sections: string[] = [];
  damaged = 0;
  readonly assembler = new SectionAssembler({
    section: (bytes) => void this.sections.push(toHex(bytes)),
    damaged: () => void this.damaged++,
  });

  push(packets: readonly Uint8Array[]): this {
    for (const packet of packets) this.assembler.push(packet, 0);
    return this;
  }
}

/** A PAT of so many programs: 16 + 4 for each, in bytes. */
function longPat(programs: number, first = 1): Uint8Array {
  const lines = Array.from({ length: programs }, (_, i): ProgramLine => ({
    program: first + i,
    pid: 0x100 + i,
  }));
  return patSection(lines);
}

function packetsOf(sections: readonly Uint8Array[]): Uint8Array[] {
  return new TsBuilder().sections(PID, sections).packets;
}

const withoutCrc = (section: Uint8Array): string => toHex(section.subarray(0, -4));

Deno.test("CRC-32 of the standard's check string", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0x0376e6e7);
});

Deno.test("CRC-32 over an intact section is 0, whatever bit is turned it is not", () => {
  const section = longPat(3);
  assert.equal(crc32(section), 0);
  for (let bit = 0; bit < section.length * 8; bit++) {
    const turned = section.slice();
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ 1 << bit % 8;
    assert.notEqual(crc32(turned), 0);
  }
});

const TOGETHER: readonly (readonly [string, readonly Uint8Array[]])[] = [
  ["one in a packet", [longPat(1)]],
  ["several in a packet", [longPat(1), pmtSection([{ pid: 1, type: 2 }]), longPat(2)]],
  ["one over three packets", [longPat(120)]],
  ["one that ends with its packet", [longPat(41), longPat(1)]],
  ["one that begins where another ends", [longPat(60), longPat(70), longPat(2)]],
  ["a header cut after its first byte", [longPat(41, 2), patSection([]), longPat(5)]],
  ["the longest", [longPat(252)]],
];

for (const [name, sections] of TOGETHER) {
  Deno.test(`sections: ${name}`, () => {
    const found = new Found().push(packetsOf(sections));
    assert.deepEqual(found.sections, sections.map(withoutCrc));
    assert.equal(found.damaged, 0);
  });
}

Deno.test("sections: every length, so that headers and ends fall everywhere", () => {
  for (let programs = 0; programs < 95; programs++) {
    const sections = [longPat(programs), longPat(1), longPat(programs, 7)];
    const found = new Found().push(packetsOf(sections));
    assert.deepEqual(found.sections, sections.map(withoutCrc), `${programs} programs`);
    assert.equal(found.damaged, 0);
  }
});

Deno.test("sections: a turned bit is damage, the next section is read", () => {
  const bad = longPat(1);
  bad[9] = (bad[9] ?? 0) ^ 4;
  const found = new Found().push(packetsOf([bad, longPat(2)]));
  assert.deepEqual(found.sections, [withoutCrc(longPat(2))]);
  assert.equal(found.damaged, 1);
});

Deno.test("sections: a gap loses the one in flight and no other", () => {
  const packets = packetsOf([longPat(120), longPat(1)]);
  const found = new Found();
  found.push(packets.slice(0, 1));
  found.assembler.gap();
  found.push(packets.slice(2));
  assert.deepEqual(found.sections, [withoutCrc(longPat(1))]);
  assert.equal(found.damaged, 1);
});

Deno.test("sections: a gap between two is no damage", () => {
  const found = new Found().push(packetsOf([longPat(1)]));
  found.assembler.gap();
  found.push(packetsOf([longPat(2)]));
  assert.equal(found.sections.length, 2);
  assert.equal(found.damaged, 0);
});

Deno.test("sections: entered in the middle of one, the next is read", () => {
  const found = new Found().push(packetsOf([longPat(120), longPat(1)]).slice(1));
  assert.deepEqual(found.sections, [withoutCrc(longPat(1))]);
  assert.equal(found.damaged, 0);
});

Deno.test("sections: one that should have ended at the pointer did not", () => {
  const long = packetsOf([longPat(120)]);
  const found = new Found().push(long.slice(0, 1)).push(packetsOf([longPat(1)]));
  assert.deepEqual(found.sections, [withoutCrc(longPat(1))]);
  assert.equal(found.damaged, 1);
});

function lying(payload: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(184).fill(0xff);
  bytes.set(payload);
  return tsPacket({ pid: PID, payload: bytes, unitStart: true });
}

const LIES: readonly (readonly [string, readonly number[], number])[] = [
  ["a pointer beyond the packet", [200], 1],
  ["a pointer to the packet's end", [183], 0],
  ["a length too short for a CRC", [0, 0, 0xb0, 3, 1, 2, 3], 1],
  ["a length beyond any section's", [0, 0, 0xbf, 0xff, 1, 2, 3], 1],
];

for (const [name, payload, damaged] of LIES) {
  Deno.test(`sections: ${name} is passed over`, () => {
    const found = new Found().push([lying(payload)]).push(packetsOf([longPat(1)]));
    assert.deepEqual(found.sections, [withoutCrc(longPat(1))]);
    assert.equal(found.damaged, damaged);
  });
}
