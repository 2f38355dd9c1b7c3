/** Transport packet fields: literal headers, and what the builder writes read back. */

import assert from "node:assert/strict";
import * as ts from "../../../relay/mpegts/packet.ts";
import { type PacketDescription, tsPacket } from "../../support/ts_builder.ts";

function fields(b: Uint8Array, at = 0): Record<string, number | boolean> {
  return {
    pid: ts.pid(b, at),
    unitStart: ts.unitStart(b, at),
    transportError: ts.transportError(b, at),
    scrambled: ts.scrambled(b, at),
    hasPayload: ts.hasPayload(b, at),
    hasAdaptation: ts.hasAdaptation(b, at),
    continuity: ts.continuity(b, at),
    discontinuity: ts.discontinuity(b, at),
    payloadOffset: ts.payloadOffset(b, at),
    stuffing: ts.stuffing(b, at),
  };
}

const PLAIN = {
  pid: 0x100,
  unitStart: false,
  transportError: false,
  scrambled: false,
  hasPayload: true,
  hasAdaptation: false,
  continuity: 0,
  discontinuity: false,
  payloadOffset: 4,
  stuffing: 0,
};

const HEADERS: readonly (readonly [string, readonly number[], Partial<typeof PLAIN>])[] = [
  ["plain", [0x47, 0x01, 0x00, 0x10], {}],
  ["highest PID, counter 15", [0x47, 0x1f, 0xff, 0x1f], { pid: 0x1fff, continuity: 15 }],
  ["unit start", [0x47, 0x41, 0x00, 0x10], { unitStart: true }],
  ["transport error", [0x47, 0x81, 0x00, 0x10], { transportError: true }],
  ["priority is nobody's business", [0x47, 0x21, 0x00, 0x10], {}],
  ["scrambled, even key", [0x47, 0x01, 0x00, 0x90], { scrambled: true }],
  ["scrambled, reserved", [0x47, 0x01, 0x00, 0x50], { scrambled: true }],
  ["adaptation field alone", [0x47, 0x01, 0x00, 0x20, 183, 0], {
    hasPayload: false,
    hasAdaptation: true,
    payloadOffset: 188,
    stuffing: 182,
  }],
  ["a field of length 0 is one byte of stuffing", [0x47, 0x01, 0x00, 0x30, 0], {
    hasAdaptation: true,
    payloadOffset: 5,
    stuffing: 1,
  }],
  ["flags alone are no stuffing", [0x47, 0x01, 0x00, 0x30, 1, 0x40], {
    hasAdaptation: true,
    payloadOffset: 6,
  }],
  ["discontinuity", [0x47, 0x01, 0x00, 0x30, 1, 0x80], {
    hasAdaptation: true,
    payloadOffset: 6,
    discontinuity: true,
  }],
  ["PCR is no stuffing", [0x47, 0x01, 0x00, 0x30, 7, 0x10], {
    hasAdaptation: true,
    payloadOffset: 12,
  }],
  ["PCR, OPCR and splice countdown with 3 bytes more", [0x47, 0x01, 0x00, 0x30, 17, 0x1c], {
    hasAdaptation: true,
    payloadOffset: 22,
    stuffing: 3,
  }],
  ["private data of 2 bytes with 5 more", [0x47, 0x01, 0x00, 0x30, 9, 0x02, 2, 1, 1], {
    hasAdaptation: true,
    payloadOffset: 14,
    stuffing: 5,
  }],
  ["an extension of 4 bytes after private data of 1", [
    ...[0x47, 0x01, 0x00, 0x30, 10, 0x03],
    ...[1, 0xaa, 4, 0, 0, 0, 0],
  ], { hasAdaptation: true, payloadOffset: 15, stuffing: 2 }],
  ["private data that would pass the field's end", [0x47, 0x01, 0x00, 0x30, 3, 0x02, 200], {
    hasAdaptation: true,
    payloadOffset: 8,
  }],
  ["a field longer than the packet", [0x47, 0x01, 0x00, 0x30, 250, 0], {
    hasAdaptation: true,
    payloadOffset: 255,
    stuffing: 249,
  }],
];

for (const [name, header, expected] of HEADERS) {
  Deno.test(`packet header: ${name}`, () => {
    const before = new Uint8Array(7).fill(0xee); // fields are read at an offset, not at 0
    const packet = new Uint8Array(ts.PACKET_BYTES);
    packet.set(header);
    assert.deepEqual(fields(new Uint8Array([...before, ...packet]), 7), { ...PLAIN, ...expected });
  });
}

const WRITTEN: readonly (readonly [string, PacketDescription])[] = [
  ["a full payload", { pid: 17, counter: 3, payload: new Uint8Array(184) }],
  ["one byte free", { pid: 17, payload: new Uint8Array(183) }],
  ["two bytes free", { pid: 17, payload: new Uint8Array(182) }],
  ["nearly nothing", { pid: 0x1ffe, unitStart: true, payload: new Uint8Array(1) }],
  ["PCR and a payload", { pid: 300, pcr: 2 ** 33 - 1, payload: new Uint8Array(176) }],
  ["PCR alone", { pid: 300, pcr: 90_000 }],
  ["private data", { pid: 300, privateData: new Uint8Array(6), payload: new Uint8Array(100) }],
];

for (const [name, description] of WRITTEN) {
  Deno.test(`packet written and read: ${name}`, () => {
    const packet = tsPacket(description);
    const bytes = description.payload?.length ?? 0;
    assert.equal(packet.length, ts.PACKET_BYTES);
    assert.equal(ts.pid(packet, 0), description.pid);
    assert.equal(ts.continuity(packet, 0), description.counter ?? 0);
    assert.equal(ts.unitStart(packet, 0), description.unitStart ?? false);
    assert.equal(ts.hasPayload(packet, 0), bytes > 0);
    if (bytes > 0) assert.equal(ts.PACKET_BYTES - ts.payloadOffset(packet, 0), bytes);
    const explained = (description.pcr === undefined ? 0 : 6) +
      (description.privateData ? 1 + description.privateData.length : 0);
    const free = 184 - bytes;
    const expected = free === 0 ? 0 : free === 1 ? 1 : free - 2 - explained;
    assert.equal(ts.stuffing(packet, 0), expected);
  });
}
