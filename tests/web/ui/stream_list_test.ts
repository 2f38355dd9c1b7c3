/**
 * The answer of `/api/streams`, whole and broken.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readStreamList } from "../../../web/src/ui/stream_list.ts";
import { stream } from "./streams.ts";

Deno.test("streams are read in the order of the relay", () => {
  const streams = [stream({ name: "b" }), stream({ name: "a" })];
  assert.deepEqual(readStreamList({ streams })?.streams.map(({ name }) => name), ["b", "a"]);
  assert.deepEqual(readStreamList({ streams: [] }), { streams: [], publish: false });
  assert.deepEqual(readStreamList({ streams: [], publish: true })?.publish, true);
});

Deno.test("what is no list of streams is told from an empty one", () => {
  for (const answer of [null, undefined, 3, "x", [], {}, { streams: null }, { streams: {} }]) {
    assert.equal(readStreamList(answer), undefined);
  }
});

Deno.test("entries that this page does not understand are left out", () => {
  const good = stream({ name: "good" });
  const odd = [
    null,
    "x",
    { ...good, name: 3 },
    { ...good, state: { kind: "dreaming" } },
    { ...good, state: { kind: "offline" } },
    { ...good, tracks: undefined },
    { ...good, fps: "30" },
  ];
  assert.deepEqual(readStreamList({ streams: [...odd, good] })?.streams, [good]);
});

Deno.test("an older relay, which knows no warnings, has none", () => {
  const { warnings: _, ...old } = stream({ name: "old" });
  assert.deepEqual(readStreamList({ streams: [old] })?.streams[0]?.warnings, []);
});
