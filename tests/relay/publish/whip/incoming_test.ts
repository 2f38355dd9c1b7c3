/** A track of a peer connection whose packets are missing: asked for again, waited for, given up. */

import assert from "node:assert/strict";
import { Incoming, nowUs } from "../../../../relay/publish/whip/incoming.ts";
import { newPacket, type RtpPacket } from "../../../../relay/rtp/packet.ts";
import { until } from "../../../support/relay.ts";

interface Heard {
  readonly sequences: number[];
  readonly asked: number[][];
  lost: number;
}

function open(kind: "video" | "audio"): { readonly incoming: Incoming; readonly heard: Heard } {
  const heard: Heard = { sequences: [], asked: [], lost: 0 };
  const incoming = new Incoming({
    kind,
    packet: ({ sequence }) => heard.sequences.push(sequence),
    ask: (_source, sequences) => heard.asked.push([...sequences]),
    lost: () => heard.lost++,
  });
  return { incoming, heard };
}

function packet(sequence: number): RtpPacket {
  return { ...newPacket(), sequence, source: 7, payload: new Uint8Array(1) };
}

Deno.test("a missing picture packet is asked for at once and again, and what waits goes on with it", async () => {
  const { incoming, heard } = open("video");
  for (const sequence of [1, 2, 4, 5]) incoming.push(packet(sequence), nowUs());
  assert.deepEqual(heard.asked, [[3]]);
  await until(() => heard.asked.length > 1, { what: "a second asking" });
  incoming.push(packet(3), nowUs());
  assert.deepEqual(heard.sequences, [1, 2, 3, 4, 5]);
  assert.equal(heard.lost, 0);
  incoming.close();
});

Deno.test("what does not come is given up, and the rest goes on; sound is not asked for", async () => {
  for (const kind of ["video", "audio"] as const) {
    const { incoming, heard } = open(kind);
    for (const sequence of [1, 3]) incoming.push(packet(sequence), nowUs());
    await until(() => heard.sequences.length === 2, { what: "the packet behind the missing one" });
    assert.equal(heard.lost, 1);
    assert.equal(heard.asked.length > 0, kind === "video");
    incoming.close();
  }
});

Deno.test("a relay that stood still reads what came meanwhile before it gives anything up", async () => {
  const { incoming, heard } = open("video");
  for (const sequence of [1, 3]) incoming.push(packet(sequence), nowUs());
  const stuckUntil = performance.now() + 400; // longer than a packet is waited for
  while (performance.now() < stuckUntil);
  const asked = heard.asked.length;
  await until(() => heard.asked.length > asked, {
    what: "another asking, as the timer fires late",
  });
  assert.equal(heard.lost, 0);
  incoming.push(packet(2), nowUs());
  assert.deepEqual(heard.sequences, [1, 2, 3]);
  incoming.close();
});
