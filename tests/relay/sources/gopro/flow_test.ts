/** Whether datagrams come. */
import assert from "node:assert/strict";
import { Flow } from "../../../../relay/sources/gopro/flow.ts";

const never = new AbortController().signal;

Deno.test("the next datagram is waited for, up to a time", async () => {
  const flow = new Flow();
  const coming = flow.next(3_600_000, never);
  flow.seen();
  assert.equal(await coming, true);
  assert.equal(await flow.next(5, never), false);
  assert.equal(await flow.next(3_600_000, AbortSignal.abort()), false);
});

Deno.test("silence is counted from the last datagram", async () => {
  const flow = new Flow();
  let seen = 0;
  const timer = setInterval(() => {
    flow.seen();
    if (++seen === 5) clearInterval(timer);
  }, 10);
  assert.equal(await flow.end(60, never), "silent");
  assert.equal(seen, 5);
  assert.ok(flow.silentFor() >= 60);
  assert.equal(await flow.end(3_600_000, AbortSignal.abort()), "silent");
});

Deno.test("datagrams without pictures in them are no flow, once that is said", async () => {
  const flow = new Flow();
  flow.frozen(); // of what was before
  const ending = flow.end(3_600_000, never);
  flow.seen();
  flow.frozen();
  assert.equal(await ending, "frozen");
});
