/** Packets found in byte streams that have them bare, time-stamped and check-summed, cut anywhere. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes, toHex } from "../../../../shared/bytes.ts";
import { PacketFramer } from "../../../../relay/deliveries/mpegts/packet_framer.ts";

/** A packet with its number in it, and no other sync byte. */
function packet(number: number): Bytes {
  const bytes = new Uint8Array(188).fill(number & 0x3f);
  bytes[0] = 0x47;
  return bytes;
}

const PACKETS = Array.from({ length: 40 }, (_, i) => packet(i));

function framed(bytes: Bytes, chunk: number): { text: string; framer: PacketFramer } {
  const framer = new PacketFramer();
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    out.push(framer.push(bytes.slice(at, at + chunk)));
  }
  return { text: toHex(concatBytes(out)), framer };
}

const WAYS: readonly (readonly [string, (packet: Bytes) => Uint8Array[]])[] = [
  ["bare", (bytes) => [bytes]],
  ["behind a time stamp", (bytes) => [Uint8Array.of(1, 2, 3, 4), bytes]],
  ["before a check sum", (bytes) => [bytes, new Uint8Array(16).fill(9)]],
];

for (const [name, wrap] of WAYS) {
  Deno.test(`packets ${name}, cut anywhere`, () => {
    const all = concatBytes(PACKETS.flatMap(wrap));
    for (const chunk of [1, 7, 187, 188, 189, 1316, all.length]) {
      assert.ok(framed(all, chunk).text === toHex(concatBytes(PACKETS)), `cut by ${chunk}`);
    }
  });
}

Deno.test("rubbish before and between is left out, whole packets are not", () => {
  const rubbish = new Uint8Array(333).fill(1);
  const all = concatBytes([rubbish, ...PACKETS.slice(0, 20), rubbish, ...PACKETS.slice(20)]);
  assert.ok(framed(all, 100).text === toHex(concatBytes(PACKETS)));
});

Deno.test("what is no transport stream is said to be none, and is not kept", () => {
  const { text, framer } = framed(new Uint8Array(100_000).fill(7), 1000);
  assert.equal(text, "");
  assert.equal(framer.isTransportStream, false);
});
