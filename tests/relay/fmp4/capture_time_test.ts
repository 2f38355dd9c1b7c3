/** The capture time, read back as it was written. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import { readFragment } from "../../../shared/mp4/fragment_reader.ts";
import { micros, ticks } from "../../../shared/units.ts";
import { ByteWriter } from "../../../relay/bytes/byte_writer.ts";
import { prft } from "../../../relay/fmp4/capture_time.ts";
import { buildFragment } from "../../support/fragments.ts";

Deno.test("capture times survive to the microsecond", () => {
  const rest = buildFragment({
    trafs: [{ track: 1, dts: 0, samples: [{ size: 1 }] }],
    payload: new Uint8Array(1),
  });
  for (const time of [0, 1, 999_999, 1_700_000_000_123_457, 2_000_000_000_999_999]) {
    const capture = { track: 3, time: micros(time), mediaTime: ticks(2 ** 40 + 1) };
    const w = new ByteWriter(32);
    prft(w, capture);
    assert.equal(w.position, 32);
    assert.deepEqual(readFragment(concatBytes([w.written(), rest]))?.capture, capture);
  }
});
