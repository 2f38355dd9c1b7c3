/** Reports that the package cannot write, mended. What is asserted of it first says when the mending can go. */

import assert from "node:assert/strict";
import { RtcpReceiverInfo, RtcpRrPacket } from "werift";
import { mendReports } from "../../../../relay/publish/whip/receiver_reports.ts";

const FINE = { ssrc: 1, packetsLost: 3, highestSequence: 4, lsr: 5, dlsr: 6 };

for (
  const [what, said, mended] of [
    ["a jitter below 0", { fractionLost: 2, jitter: -80_596_751 }, { fractionLost: 2, jitter: 0 }],
    ["all lost", { fractionLost: 256, jitter: 7 }, { fractionLost: 255, jitter: 7 }],
  ] as const
) {
  Deno.test(`${what}: the report is sent all the same`, () => {
    const packet = new RtcpRrPacket({
      ssrc: 9,
      reports: [new RtcpReceiverInfo({ ...FINE, ...said })],
    });
    assert.throws(() => packet.serialize(), RangeError);
    mendReports([packet]);
    const [report] = RtcpRrPacket.deSerialize(packet.serialize().subarray(4), 1).reports;
    assert.deepEqual({ ...report }, { ...FINE, ...mended });
  });
}
