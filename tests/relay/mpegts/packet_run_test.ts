/** Runs of usual packets, found and copied by vectors: the same as packet by packet, whatever the layout. */

import assert from "node:assert/strict";
import { PAYLOAD_BYTES } from "../../../relay/mpegts/packet.ts";
import { PacketRuns } from "../../../relay/mpegts/packet_run.ts";
import { randomFrom } from "../../support/random.ts";

const HEAD = [0x47, 0x01, 0x00] as const;
const PAYLOAD_ONLY = 0x10;

/** Packets of one PID whose counters go up from `first`, `stride` bytes apart, payloads of any bytes. */
function packets(
  count: number,
  { stride, first, seed }: Record<"stride" | "first" | "seed", number>,
): Uint8Array {
  const random = randomFrom(seed);
  const bytes = Uint8Array.from({ length: count * stride }, () => random(256));
  for (let i = 0; i < count; i++) {
    bytes.set([...HEAD, PAYLOAD_ONLY | (first + i) & 0x0f], i * stride);
  }
  return bytes;
}

function payloads(
  bytes: Uint8Array,
  at: number,
  { stride, count }: Record<"stride" | "count", number>,
): number[] {
  return Array.from({ length: count }, (_, i) => at + i * stride + 4)
    .flatMap((start) => [...bytes.subarray(start, start + PAYLOAD_BYTES)]);
}

function open(): PacketRuns {
  const runs = PacketRuns.open();
  assert.ok(runs, "the processor has vectors");
  return runs;
}

function found(runs: PacketRuns, count: number): number[] {
  return [...runs.memory.subarray(runs.payloadAt, runs.payloadAt + count * PAYLOAD_BYTES)];
}

for (const stride of [188, 192, 204]) {
  Deno.test(`a run of packets ${stride} bytes apart, its counter coming round, its payloads back to back`, () => {
    const runs = open();
    const bytes = packets(40, { stride, first: 9, seed: stride });
    assert.equal(runs.find(bytes, 0, stride, 40), 40);
    assert.deepEqual(found(runs, 40), payloads(bytes, 0, { stride, count: 40 }));
    assert.equal(runs.find(bytes, 5 * stride, stride, 7), 7, "no more than are wanted");
    assert.deepEqual(found(runs, 7), payloads(bytes, 5 * stride, { stride, count: 7 }));
  });
}

const BREAKS: readonly (readonly [name: string, offset: number, value: number])[] = [
  ["no sync byte", 0, 0x46],
  ["a transport error", 1, 0x81],
  ["a unit that starts", 1, 0x41],
  ["another PID", 2, 0x01],
  ["an adaptation field", 3, 0x30 | 6],
  ["scrambling", 3, 0x90 | 6],
  ["a counter that jumps", 3, 0x10 | 7],
  ["a counter that stands", 3, 0x10 | 5],
];

for (const [name, offset, value] of BREAKS) {
  Deno.test(`a run ends before ${name}`, () => {
    const bytes = packets(12, { stride: 188, first: 0, seed: 3 });
    bytes[6 * 188 + offset] = value;
    const runs = open();
    assert.equal(runs.find(bytes, 0, 188, 12), 6);
    assert.deepEqual(found(runs, 6), payloads(bytes, 0, { stride: 188, count: 6 }));
  });
}

Deno.test("a run longer than is looked at at once comes in parts, nothing between them missing", () => {
  const stride = 188;
  const count = 2000;
  const bytes = packets(count, { stride, first: 1, seed: 5 });
  const runs = open();
  const all: number[] = [];
  for (let at = 0; at < count;) {
    const part = runs.find(bytes, at * stride, stride, count - at);
    if (part === 0) {
      assert.ok(count - at < 3, "only what is not worth it is left");
      break;
    }
    all.push(...found(runs, part));
    at += part;
  }
  assert.deepEqual(all, payloads(bytes, 0, { stride, count: all.length / PAYLOAD_BYTES }));
  assert.ok(all.length >= (count - 2) * PAYLOAD_BYTES);
});

Deno.test("bytes that were overwritten are looked at anew once they are forgotten", () => {
  const bytes = packets(8, { stride: 188, first: 0, seed: 1 });
  const runs = open();
  assert.equal(runs.find(bytes, 0, 188, 8), 8);
  bytes.set(packets(8, { stride: 188, first: 4, seed: 2 }));
  bytes[3 * 188] = 0;
  runs.forget();
  assert.equal(runs.find(bytes, 0, 188, 8), 3);
  assert.deepEqual(found(runs, 3), payloads(bytes, 0, { stride: 188, count: 3 }));
});

Deno.test("two streams by turns are not taken for each other", () => {
  const one = packets(8, { stride: 188, first: 0, seed: 1 });
  const other = packets(8, { stride: 188, first: 0, seed: 2 });
  const runs = open();
  for (const bytes of [one, other, one]) {
    assert.equal(runs.find(bytes, 188, 188, 7), 7);
    assert.deepEqual(found(runs, 7), payloads(bytes, 188, { stride: 188, count: 7 }));
  }
});
