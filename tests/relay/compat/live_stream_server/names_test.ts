/** What Live Stream Server's clients' live streams are called. */

import assert from "node:assert/strict";
import { Names } from "../../../../relay/compat/live_stream_server/names.ts";

/** Names on a clock of the test's own. */
function names(): Names & { pass(ms: number): void } {
  let now = 1_000;
  return Object.assign(new Names(() => now), { pass: (ms: number) => void (now += ms) });
}

Deno.test("each is called as it calls itself, the second of a name otherwise; what is no name counts for nothing", () => {
  const all = names();
  for (const id of ["1", "2", "3", "4"]) all.add(id);
  all.wish("1", "Front porch/../x");
  all.wish("2", "Front porch/../x");
  all.wish("3", "…");
  all.wish("1", "another");
  assert.deepEqual(["1", "2", "3", "4", "5"].map((id) => all.of(id)), [
    "live-stream-server/Front-porch-x",
    "live-stream-server/Front-porch-x-2",
    "live-stream-server/3",
    "live-stream-server/4",
    "live-stream-server/5",
  ]);
  all.remove("1");
  all.add("6");
  all.wish("6", "Front porch/../x");
  assert.equal(all.of("6"), "live-stream-server/Front-porch-x");
});

Deno.test("a camera that comes back while its broken connection is still there has its name again", () => {
  const all = names();
  all.add("1");
  all.wish("1", "porch");
  assert.equal(all.of("1"), "live-stream-server/porch");
  all.pass(4_000);
  all.heard("1");
  all.pass(4_000);
  all.add("2");
  all.wish("2", "porch");
  assert.equal(all.of("2"), "live-stream-server/porch-2", "the first is alive");
  all.pass(4_000);
  all.add("3");
  all.wish("3", "porch");
  assert.equal(all.of("3"), "live-stream-server/porch");
  all.heard("1");
  assert.equal(all.of("1"), "live-stream-server/1", "it lives after all");
  assert.equal(all.of("2"), "live-stream-server/porch-2");
});
