/** The sample tables: each box's form, by what was entered. */

import assert from "node:assert/strict";
import { dumpBoxes } from "../../../shared/mp4/dump.ts";
import { ByteWriter } from "../../../relay/bytes/byte_writer.ts";
import { type IndexedSample, SampleTable } from "../../../relay/recordings/sample_table.ts";

const SAMPLE: IndexedSample = { size: 10, duration: 3000, compositionOffset: 0, key: true };

function lines(table: SampleTable): Map<string, string> {
  const w = new ByteWriter(1024);
  table.write(w);
  return new Map(
    dumpBoxes(w.written()).trim().split("\n").map((line) => {
      const [name = "", , ...fields] = line.split(" ");
      return [name, fields.join(" ")];
    }),
  );
}

function tableOf(samples: readonly Partial<IndexedSample>[]): SampleTable {
  const table = new SampleTable();
  for (const sample of samples) table.add({ ...SAMPLE, ...sample });
  return table;
}

Deno.test("equal durations are one entry, each change another", () => {
  const table = tableOf([{}, {}, { duration: 1 }, {}, {}]);
  assert.equal(
    lines(table).get("stts"),
    "v0 flags=000000 entries=3 {count=2 delta=3000} {count=1 delta=1} {count=2 delta=3000}",
  );
  assert.equal(table.decodeEnd, 4 * 3000 + 1);
});

Deno.test("key samples are listed from the first that is none; all keys need no list", () => {
  assert.equal(lines(tableOf([{}, {}])).has("stss"), false);
  assert.equal(
    lines(tableOf([{}, {}, { key: false }, {}, { key: false }])).get("stss"),
    "v0 flags=000000 entries=3 {sample=1} {sample=2} {sample=4}",
  );
  assert.equal(
    lines(tableOf([{ key: false }, {}])).get("stss"),
    "v0 flags=000000 entries=1 {sample=2}",
  );
});

Deno.test("composition offsets are left out, unsigned, or signed where one is negative", () => {
  const offsets = (...values: number[]): string | undefined =>
    lines(tableOf(values.map((compositionOffset) => ({ compositionOffset })))).get("ctts");
  assert.equal(offsets(0, 0), undefined);
  assert.equal(
    offsets(0, 6000, 6000),
    "v0 flags=000000 entries=2 {count=1 offset=0} {count=2 offset=6000}",
  );
  assert.equal(
    offsets(-1, -1, 2),
    "v1 flags=000000 entries=2 {count=2 offset=-1} {count=1 offset=2}",
  );
});

Deno.test("presentation begins at the earliest picture and ends with the latest", () => {
  const table = tableOf([
    { compositionOffset: 6000 },
    { compositionOffset: 9000, duration: 3000 },
    { compositionOffset: -1000 },
  ]);
  assert.equal(table.presentationStart, 5000);
  assert.equal(table.presentationEnd, 15_000);
  assert.equal(new SampleTable().presentationStart, 0);
});

Deno.test("chunks are counted in runs, and 64 bits are used only past 4 GiB", () => {
  const table = tableOf([{}, {}, {}, {}, {}]);
  table.addChunk(100, 2);
  table.addChunk(200, 2);
  table.addChunk(0, 0);
  table.addChunk(300, 1);
  const short = lines(table);
  assert.equal(
    short.get("stsc"),
    "v0 flags=000000 entries=2 {first_chunk=1 samples=2 description=1} {first_chunk=3 samples=1 description=1}",
  );
  assert.equal(
    short.get("stco"),
    "v0 flags=000000 entries=3 {offset=100} {offset=200} {offset=300}",
  );
  table.addChunk(2 ** 32 + 8, 1);
  const long = lines(table);
  assert.equal(long.has("stco"), false);
  assert.equal(
    long.get("co64"),
    "v0 flags=000000 entries=4 {offset=100} {offset=200} {offset=300} {offset=4294967304}",
  );
});

Deno.test("sizes are listed one by one", () => {
  assert.equal(
    lines(tableOf([{ size: 1 }, { size: 2 ** 24 }])).get("stsz"),
    "v0 flags=000000 size=0 samples=2 {size=1} {size=16777216}",
  );
});

Deno.test("an hour of pictures and a long pause stay exact", () => {
  const table = new SampleTable();
  for (let i = 0; i < 216_000; i++) table.add({ ...SAMPLE, duration: 1500, key: i % 60 === 0 });
  table.add({ ...SAMPLE, duration: 90_000 * 3600 });
  assert.equal(table.count, 216_001);
  assert.equal(table.decodeEnd, 2 * 90_000 * 3600);
});
