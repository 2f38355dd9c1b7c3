/** RTP before MPEG-TS: where the payload lies, and what its numbers say. */
import assert from "node:assert/strict";
import { findRtpPayload, RtpSequence } from "../../../relay/sources/rtp_header.ts";
import { concatBytes } from "../../../shared/bytes.ts";
import { tsPackets } from "../../support/gopro_datagrams.ts";
import { rtpDatagram } from "../../support/rtp_datagrams.ts";

function payloadOf(datagram: Uint8Array): Uint8Array | undefined {
  const range = { start: 0, end: 0 };
  return findRtpPayload(datagram, range) ? datagram.subarray(range.start, range.end) : undefined;
}

const packets = tsPackets(3, 9);

Deno.test("the payload is found behind contributing sources, extension and before padding", () => {
  for (const csrc of [0, 1, 15]) {
    for (const extensionWords of [undefined, 0, 3]) {
      for (const padding of [0, 1, 40]) {
        const datagram = rtpDatagram({
          sequence: 1,
          payload: packets,
          csrc,
          padding,
          ...(extensionWords === undefined ? {} : { extensionWords }),
        });
        assert.deepEqual(payloadOf(datagram), packets);
      }
    }
  }
});

Deno.test("another payload type is taken when whole TS packets lie in it", () => {
  assert.deepEqual(payloadOf(rtpDatagram({ sequence: 1, payload: packets, type: 96 })), packets);
  const cut = packets.subarray(0, 200);
  assert.equal(payloadOf(rtpDatagram({ sequence: 1, payload: cut, type: 96 })), undefined);
  assert.deepEqual(payloadOf(rtpDatagram({ sequence: 1, payload: cut, type: 33 })), cut);
});

Deno.test("what is no RTP, or has no payload, is refused", () => {
  const good = rtpDatagram({ sequence: 1, payload: packets });
  assert.equal(payloadOf(concatBytes([Uint8Array.of(0x40), good.subarray(1)])), undefined);
  assert.equal(payloadOf(good.subarray(0, 11)), undefined, "cut in the header");
  assert.equal(payloadOf(good.subarray(0, 12)), undefined, "nothing behind it");
  const extended = rtpDatagram({ sequence: 1, payload: packets, extensionWords: 200 });
  assert.equal(payloadOf(extended.subarray(0, 400)), undefined, "extension beyond the end");
  assert.equal(payloadOf(extended.subarray(0, 14)), undefined, "cut in the extension's header");
  const padded = rtpDatagram({ sequence: 1, payload: packets, padding: 1 });
  padded[padded.length - 1] = 0;
  assert.equal(payloadOf(padded), undefined, "padding of no bytes");
  const overPadded = rtpDatagram({ sequence: 1, payload: packets.subarray(0, 188), padding: 255 });
  assert.deepEqual(payloadOf(overPadded), packets.subarray(0, 188));
  assert.equal(payloadOf(rtpDatagram({ sequence: 1, payload: new Uint8Array(188) })), undefined);
});

function verdicts(...sequences: readonly (number | readonly [number, number])[]): unknown[] {
  const follower = new RtpSequence();
  return sequences.map((entry) => {
    const [sequence, source] = typeof entry === "number" ? [entry, 7] : entry;
    return follower.accept(rtpDatagram({ sequence, source, payload: packets }));
  });
}

Deno.test("gaps are exact, also where the number wraps", () => {
  assert.deepEqual(verdicts(10, 11, 14, 15), [0, 0, 2, 0]);
  assert.deepEqual(verdicts(65_534, 1, 2), [0, 2, 0]);
});

Deno.test("duplicates and late datagrams are dropped", () => {
  assert.deepEqual(verdicts(10, 12, 12, 11, 13), [0, 1, "late", "late", 0]);
});

Deno.test("a far jump is believed when the next number follows", () => {
  assert.deepEqual(verdicts(10, 30_000, 30_001, 30_002), [0, "late", "restart", 0]);
  assert.deepEqual(verdicts(10, 30_000, 11, 12), [0, "late", 0, 0], "a stray one is left out");
});

Deno.test("another synchronisation source is a new sender", () => {
  assert.deepEqual(verdicts(10, [500, 8], [501, 8]), [0, "restart", 0]);
  assert.deepEqual(verdicts([1, 0xffff_fffe], [2, 0xffff_fffe]), [0, 0], "any source is one");
});
