/** The index of a finished recording: length, edits, what is left out. */

import assert from "node:assert/strict";
import type { Bytes } from "../../../shared/bytes.ts";
import { dumpBoxes } from "../../../shared/mp4/dump.ts";
import { writeFlatMoov } from "../../../relay/recordings/flat_moov.ts";
import { SampleTable } from "../../../relay/recordings/sample_table.ts";
import { PICTURE_TRACK, SOUND_TRACK } from "../../support/batches.ts";

const HOUR = 3600 * 90_000;

function tableOf(durations: readonly number[], compositionOffset = 0): SampleTable {
  const table = new SampleTable();
  for (const duration of durations) table.add({ size: 1, duration, compositionOffset, key: true });
  table.addChunk(100, durations.length);
  return table;
}

/** Boxes of that name, their fields. */
function boxes(moov: Bytes, name: string): string[] {
  return dumpBoxes(moov).split("\n").map((line) => line.trim())
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.split(" ").slice(2).join(" "));
}

Deno.test("thirteen hours fit into 32 bits, fourteen take 64", () => {
  for (const [hours, version] of [[13, "v0"], [14, "v1"]] as const) {
    const table = tableOf(Array.from({ length: hours }, () => HOUR), 3000);
    const moov = writeFlatMoov([{ track: PICTURE_TRACK, table, start: 0 }], { creationTime: 1 });
    for (const name of ["mvhd", "tkhd", "mdhd", "elst"]) {
      assert.deepEqual(boxes(moov, name).map((box) => box.slice(0, 2)), [version], name);
    }
    assert.match(
      boxes(moov, "mvhd")[0] ?? "",
      new RegExp(`creation=1 .* duration=${hours * HOUR} `),
    );
    assert.match(
      boxes(moov, "elst")[0] ?? "",
      new RegExp(`duration=${hours * HOUR} media_time=3000`),
    );
  }
});

Deno.test("a track that never had a sample is left out", () => {
  const moov = writeFlatMoov([
    { track: PICTURE_TRACK, table: tableOf([3000]), start: 5 },
    { track: SOUND_TRACK, table: new SampleTable(), start: 0 },
  ], { creationTime: 0 });
  assert.equal(boxes(moov, "tkhd").length, 1);
  assert.deepEqual(boxes(moov, "elst"), [], "it begins with the movie: no edit");
});

Deno.test("the later track waits by an empty edit", () => {
  const moov = writeFlatMoov([
    { track: PICTURE_TRACK, table: tableOf([3000]), start: 90_000 },
    { track: SOUND_TRACK, table: tableOf([1024]), start: 24_000 },
  ], { creationTime: 0 });
  assert.deepEqual(boxes(moov, "elst"), [
    "v0 flags=000000 entries=2 {duration=45000 media_time=-1 rate=1} {duration=3000 media_time=0 rate=1}",
  ]);
  assert.match(boxes(moov, "mvhd")[0] ?? "", /duration=48000 /);
});
