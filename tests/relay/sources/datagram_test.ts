/** What a datagram holds, kind by kind, from written ones. */
import assert from "node:assert/strict";
import { DatagramReader, passOn } from "../../../relay/sources/datagram.ts";
import { concatBytes } from "../../../shared/bytes.ts";
import { micros } from "../../../shared/units.ts";
import { goProDatagram, goProGroups, tsPackets } from "../../support/gopro_datagrams.ts";
import { rtpDatagram } from "../../support/rtp_datagrams.ts";
import { RecordingOutput } from "../../support/source_output.ts";
import { withTimeCodes } from "../../support/ts_builder.ts";

const TIMED_PACKET = 192;

Deno.test("each kind is told apart, datagram by datagram", () => {
  const reader = new DatagramReader();
  const packets = tsPackets(7, 1);
  assert.deepEqual(reader.read(packets)?.payload, packets);
  const behindHeader = goProDatagram({ group: 1, index: 0, packets: 3 });
  assert.deepEqual(reader.read(behindHeader)?.payload, behindHeader.subarray(12, 12 + 3 * 188));
  assert.deepEqual(reader.read(rtpDatagram({ sequence: 5, payload: packets }))?.payload, packets);
  assert.equal(reader.foreign, 0);
});

Deno.test("packets with parity bytes, and a last packet cut short, are still packets", () => {
  const reader = new DatagramReader();
  const withParity = new Uint8Array(6 * 204);
  for (let i = 0; i < 6; i++) withParity[i * 204] = 0x47;
  assert.deepEqual(reader.read(withParity)?.payload, withParity);
  const cut = tsPackets(3, 1).subarray(0, 500);
  assert.deepEqual(reader.read(cut)?.payload, cut);
});

Deno.test("packets behind time codes are packets, however many", () => {
  const reader = new DatagramReader();
  const packets = Array.from({ length: 7 }, (_, i) => tsPackets(1, i));
  for (const count of [1, 2, 7]) {
    const timed = withTimeCodes(packets.slice(0, count));
    assert.deepEqual(reader.read(timed)?.payload, timed);
    timed[timed.length - TIMED_PACKET + 4] = 0; // of the last, no sync byte
    assert.equal(reader.read(timed), undefined);
  }
  assert.equal(reader.foreign, 3);
});

/** A stream of packets in pieces of that size, wherever that cuts them. */
function inPieces(packets: number, bytes: number): Uint8Array[] {
  const stream = concatBytes(Array.from({ length: packets }, (_, i) => tsPackets(1, i)));
  return Array.from(
    { length: Math.ceil(stream.length / bytes) },
    (_, i) => stream.subarray(i * bytes, (i + 1) * bytes),
  );
}

for (const size of [1472, 1400, 500, 200]) {
  Deno.test(`packets cut every ${size} bytes are one stream`, () => {
    const reader = new DatagramReader();
    const pieces = [...inPieces(40, size), ...inPieces(40, size)];
    for (const piece of pieces) {
      const content = reader.read(piece);
      assert.deepEqual(content?.payload, piece);
      assert.equal(content.lost, 0);
    }
    assert.equal(reader.foreign, 0);
  });
}

Deno.test("a piece that is lost is noticed, and the stream entered again at a packet", () => {
  const reader = new DatagramReader();
  const pieces = inPieces(60, 1472);
  const contents = pieces.filter((_, i) => i !== 3).map((piece) => {
    const content = reader.read(piece);
    return content && [content.payload.length, content.payload[0], content.lost, content.orMore];
  });
  const into = 188 - (4 * 1472) % 188; // the first packet of the piece behind it begins there
  assert.deepEqual(contents.slice(2, 5), [
    [1472, pieces[2]?.[0], 0, false],
    [1472 - into, 0x47, 1, true],
    [1472, pieces[5]?.[0], 0, false],
  ]);
  assert.equal(reader.foreign, 0);
});

Deno.test("what holds no MPEG-TS is counted and left out", () => {
  const reader = new DatagramReader();
  for (const junk of [[], [0x47], [1, 2, 3], new Array(188).fill(0), new Array(1328).fill(0x44)]) {
    assert.equal(reader.read(Uint8Array.from(junk)), undefined);
  }
  assert.equal(reader.foreign, 5);
});

Deno.test("a header's flags and numbers reach the output in their order", () => {
  const out = new RecordingOutput();
  const reader = new DatagramReader();
  const give = (datagram: Uint8Array): void => {
    const content = reader.read(datagram);
    if (content !== undefined) passOn(content, out, micros(1));
  };
  give(goProDatagram({ group: 900, index: 0 }));
  give(goProDatagram({ group: 900, index: 3, endOfFrame: true }));
  give(goProDatagram({ group: 900, index: 3, endOfFrame: true }));
  give(goProDatagram({ group: 1, index: 0 }));
  assert.deepEqual(out.calls.map(({ kind }) => kind), [
    "data",
    "lost",
    "data",
    "endOfFrame",
    "discontinuity",
    "data",
  ]);
  assert.equal(out.datagramsLost(), 2);
  assert.equal(reader.late, 1);
});

Deno.test("a payload shorter than the longest is a short one, unless a header says more", () => {
  const reader = new DatagramReader();
  const short = (datagram: Uint8Array): boolean | undefined => reader.read(datagram)?.short;
  assert.equal(short(tsPackets(3, 1)), false, "the longest so far");
  assert.equal(short(tsPackets(7, 1)), false);
  assert.equal(short(tsPackets(7, 1)), false);
  assert.equal(short(tsPackets(3, 1)), true);
  assert.equal(short(rtpDatagram({ sequence: 5, payload: tsPackets(6, 1) })), true);
  assert.equal(short(goProDatagram({ group: 1, index: 0, packets: 3 })), false);
});

Deno.test("RTP: losses are passed on, a late datagram is dropped", () => {
  const reader = new DatagramReader();
  const payload = tsPackets(7, 1);
  assert.equal(reader.read(rtpDatagram({ sequence: 5, payload }))?.lost, 0);
  assert.equal(reader.read(rtpDatagram({ sequence: 9, payload }))?.lost, 3);
  assert.equal(reader.read(rtpDatagram({ sequence: 6, payload })), undefined);
  assert.equal(reader.late, 1);
  assert.equal(reader.read(rtpDatagram({ sequence: 1, source: 2, payload }))?.restart, true);
});

Deno.test("nothing is lost in an unbroken series", () => {
  const reader = new DatagramReader();
  let [lost, ends] = [0, 0];
  for (const datagram of goProGroups(5, 33)) {
    const content = reader.read(datagram);
    assert.ok(content);
    lost += content.lost;
    if (content.endOfFrame) ends++;
  }
  assert.deepEqual([lost, ends, reader.late, reader.foreign], [0, 55, 0, 0]);
});
