/** A peer connection's packets on their way to the pipeline: what crosses at once, and what waits for company. */

import assert from "node:assert/strict";
import { micros } from "../../../../shared/units.ts";
import { newPacket, readPacket } from "../../../../relay/rtp/packet.ts";
import { Media, type ReceivedPacket } from "../../../../relay/publish/whip/media.ts";

const PICTURES = 102;
const AGAIN = 103;
const SOUND = 111;

/** Numbers of what was handed on, `!` behind those that go at once. */
class Handed implements Disposable {
  readonly packets: string[] = [];
  readonly media = new Media({
    accepted: {
      ufrag: "abcd",
      video: { payloadType: PICTURES, parameters: "", retransmission: AGAIN },
      audio: { payloadType: SOUND, parameters: "" },
    },
    extension: undefined,
    packet: (bytes, { atOnce }) => {
      const packet = newPacket();
      assert.ok(readPacket(bytes, packet));
      this.packets.push(`${packet.sequence}${atOnce ? "!" : ""}`);
    },
    reply: () => {},
  });
  #now = performance.now() * 1000;

  take(
    payloadType: number,
    sequence: number,
    options: Partial<ReceivedPacket["header"]> = {},
  ): void {
    const payload = Uint8Array.of(0x41, 0x9a, 0, 0);
    if (payloadType === AGAIN) payload.set([sequence >> 8, sequence & 0xff]);
    const header = {
      ...{ marker: false, payloadType, sequenceNumber: sequence, timestamp: 9000 },
      ...{ ssrc: payloadType, extensions: [], ...options },
    };
    this.media.take({ header, payload }, micros(Math.round(this.#now += 500)));
  }

  [Symbol.dispose](): void {
    this.media[Symbol.dispose]();
  }
}

Deno.test("the packet that ends a picture goes at once, with those that waited; sound waits for company", () => {
  using handed = new Handed();
  handed.take(PICTURES, 1);
  handed.take(PICTURES, 2);
  handed.take(PICTURES, 3, { marker: true });
  handed.take(SOUND, 70, { marker: true });
  handed.take(PICTURES, 4, { marker: true, timestamp: 12_000 });
  assert.deepEqual(handed.packets, ["1", "2", "3!", "70", "4!"]);
});

Deno.test("a picture that lacked a packet goes as soon as that has come again", () => {
  using handed = new Handed();
  handed.take(PICTURES, 1, { marker: true });
  handed.take(PICTURES, 3, { marker: true, timestamp: 12_000 });
  assert.deepEqual(handed.packets, ["1!"]);
  handed.take(AGAIN, 2, { timestamp: 12_000 });
  assert.deepEqual(handed.packets, ["1!", "2", "3!"]);
});
