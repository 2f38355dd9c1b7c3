/** Sample tables of a movie that is not fragmented, as files have them that lie. */

import assert from "node:assert/strict";
import type { Bytes } from "../../../shared/bytes.ts";
import { ByteWriter } from "../../../relay/bytes/byte_writer.ts";
import { readSampleTables } from "../../../relay/fmp4_in/sample_table.ts";
import type { OpenTrack } from "../../../relay/fmp4_in/samples.ts";

/** Three chunks of two samples; `stsc` states that it has so many lines, and has one. */
function table(chunkLines: number): Bytes {
  const w = new ByteWriter(256);
  const full = (type: string, words: readonly number[]): void => {
    w.box(type, () => {
      for (const word of [0, ...words]) w.u32(word);
    });
  };
  full("stts", [1, 6, 1024]);
  full("stsz", [10, 6]);
  full("stsc", [chunkLines, 1, 2, 1]);
  full("stco", [3, 100, 200, 300]);
  return w.written();
}

const TRACK: OpenTrack = {
  id: 1,
  kind: "audio",
  timescale: 48_000,
  shift: 0,
  taker: { sample: () => {}, gap: () => {} },
  lift: 0,
  next: 0,
};

const PLACES = [[100, 0], [110, 1024], [200, 2048], [210, 3072], [300, 4096], [310, 5120]];

for (const lines of [1, 2, 0x7fff_ffff, 0xffff_ffff]) {
  Deno.test(`a table of chunks that states ${lines} lines and has one is read by that one`, () => {
    const samples = readSampleTables([{ track: TRACK, table: table(lines) }]);
    assert.deepEqual(samples.map(({ offset, dts }) => [offset, dts]), PLACES);
  });
}
