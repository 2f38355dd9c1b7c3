/** Packets of 188, 192 and 204 bytes: found, found again after damage, and after they have changed. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import { looksLikeTransportStream } from "../../../relay/mpegts/sniff.ts";
import { Demuxed, numbered } from "../../support/demuxed.ts";
import { TsBuilder, VIDEO_PID, withParity, withTimeCodes } from "../../support/ts_builder.ts";
import { upTo } from "../../support/up_to.ts";

const LAYOUTS = [
  ["188 bytes", concatBytes, 188],
  ["192 bytes: a time code before each", withTimeCodes, 192],
  ["204 bytes: parity behind each", withParity, 204],
] as const;

/** Tables and pictures of three packets each. */
function packets(first: number, count: number, builder = new TsBuilder()): Uint8Array[] {
  builder.packets.length = 0;
  builder.pat().pmt();
  for (let i = first; i < first + count; i++) {
    builder.pes(VIDEO_PID, { payload: numbered(i, 450), pts: 90_000 + i * 3000 });
  }
  return [...builder.packets];
}

for (const [name, lay, stride] of LAYOUTS) {
  Deno.test(`packets of ${name} are found, cut anywhere, and none of their bytes is noise`, () => {
    const bytes = lay(packets(0, 5));
    assert.equal(looksLikeTransportStream(bytes), true);
    for (const size of [bytes.length, 1, 7, 188, 189, 192, 204, 409, 1316]) {
      const found = new Demuxed();
      for (let at = 0; at < bytes.length; at += size) found.push(bytes.slice(at, at + size));
      found.end();
      assert.deepEqual(found.numbers(VIDEO_PID), upTo(5), `${size} at a time`);
      for (const [counter, count] of Object.entries(found.counters)) {
        assert.equal(count, 0, counter);
      }
    }
  });

  Deno.test(`packets of ${name} are found from the middle of one on`, () => {
    const builder = new TsBuilder();
    const bytes = lay([...packets(0, 2, builder), ...packets(2, 3, builder)]);
    const found = new Demuxed().push(bytes.slice(100)).end();
    assert.equal(found.counters.resyncBytes, stride - 100);
    assert.deepEqual(found.numbers(VIDEO_PID), [2, 3, 4]);
  });

  Deno.test(`packets of ${name} are found again behind noise and behind a turned sync byte`, () => {
    const builder = new TsBuilder();
    const noise = new Uint8Array(777).fill(0x47, 300, 310);
    const before = lay(packets(0, 2, builder));
    const part = packets(2, 4, builder);
    const turned = part[6]; // of picture 3
    if (turned) turned[0] = 0x46;
    const bytes = concatBytes([before, noise, lay(part)]);
    const found = new Demuxed().push(bytes).end();
    assert.deepEqual(found.numbers(VIDEO_PID).slice(-3), [2, 4, 5]);
    assert.equal(found.counters.resyncBytes, noise.length + stride);
  });

  Deno.test(`packets of ${name}: what the last has behind it may be missing`, () => {
    const bytes = lay(packets(0, 3));
    const found = new Demuxed().push(bytes.slice(0, bytes.length - (stride === 204 ? 16 : 0)))
      .end();
    assert.deepEqual(found.packets(VIDEO_PID).map(({ payload }) => payload.length), [
      450,
      450,
      450,
    ]);
  });
}

Deno.test("a stream may go from any layout to any other", () => {
  for (const [from, before] of LAYOUTS) {
    for (const [to, after] of LAYOUTS) {
      const builder = new TsBuilder();
      const bytes = concatBytes([before(packets(0, 3, builder)), after(packets(3, 3, builder))]);
      for (const size of [bytes.length, 1, 500]) {
        const found = new Demuxed();
        for (let at = 0; at < bytes.length; at += size) found.push(bytes.slice(at, at + size));
        assert.deepEqual(found.end().numbers(VIDEO_PID), upTo(6), `${from}, then ${to}`);
      }
    }
  }
});

Deno.test("sync bytes at another layout's distance inside payloads do not mislead a stream that is followed", () => {
  const builder = new TsBuilder().pat().pmt();
  for (let i = 0; i < 6; i++) {
    const payload = numbered(i, 450).fill(0x47, 1);
    builder.pes(VIDEO_PID, { payload, pts: 90_000 + i * 3000 });
  }
  for (const [name, lay] of LAYOUTS) {
    assert.deepEqual(
      new Demuxed().push(lay(builder.packets)).end().numbers(VIDEO_PID),
      upTo(6),
      name,
    );
  }
});
