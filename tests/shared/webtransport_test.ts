/** The framing of WebTransport sessions: there and back, cut anywhere, and what is no frame. */

import assert from "node:assert/strict";
import { concatBytes, toHex } from "../../shared/bytes.ts";
import {
  encodeFarewell,
  encodeFrame,
  encodeGroupHeader,
  encodeReceipt,
  FRAME,
  FrameError,
  FrameReader,
  GROUP_DONE,
  readFarewell,
  readGroupHeader,
  readReceipt,
} from "../../shared/webtransport.ts";

Deno.test("bytes of a frame, a receipt, a group header", () => {
  assert.equal(toHex(encodeFrame(FRAME.message, Uint8Array.of(0x7b, 0x7d))), "01000000027b7d");
  assert.equal(toHex(encodeReceipt({ ordinal: 3, bytes: 258 })), "03000000080000000300000102");
  assert.equal(toHex(encodeGroupHeader({ generation: 2, ordinal: 9 })), "0000000200000009");
  assert.deepEqual(readGroupHeader(encodeGroupHeader({ generation: 2, ordinal: 9 })), {
    generation: 2,
    ordinal: 9,
  });
});

Deno.test("a farewell is the body of a WebSocket's close frame", () => {
  const frame = encodeFarewell({ code: 1001, reason: "ab" });
  assert.equal(toHex(frame), "050000000403e96162");
  assert.deepEqual(readFarewell(frame.subarray(5)), { code: 1001, reason: "ab" });
  assert.equal(readFarewell(Uint8Array.of(3)), undefined);
});

Deno.test("frames cut at every place come out the same", () => {
  const sent = concatBytes([
    encodeFrame(FRAME.hello, new Uint8Array(0)),
    encodeReceipt({ ordinal: 1, bytes: GROUP_DONE }),
    encodeFrame(77, Uint8Array.of(1, 2, 3)),
  ]);
  for (let cut = 0; cut <= sent.length; cut++) {
    const reader = new FrameReader();
    const got: string[] = [];
    for (const part of [sent.subarray(0, cut), sent.subarray(cut)]) {
      reader.push(part, (kind, body) => void got.push(`${kind} ${toHex(body)}`));
    }
    assert.deepEqual(got, ["0 ", "3 00000001ffffffff", "77 010203"]);
  }
});

Deno.test("a frame too long is refused before it is held; a receipt of another size is none", () => {
  assert.throws(
    () => new FrameReader().push(Uint8Array.of(1, 0xff, 0, 0, 0), () => {}),
    FrameError,
  );
  assert.equal(readReceipt(new Uint8Array(7)), undefined);
});
