/** Who is counted as watching by HLS. */

import assert from "node:assert/strict";
import { Audience, clientOf, MAX_CLIENTS } from "../../../../relay/deliveries/hls/audience.ts";

Deno.test("a client is counted once, as long as it asks", () => {
  const audience = new Audience();
  audience.saw("a", 0);
  audience.saw("b", 100);
  audience.saw("a", 200);
  assert.equal(audience.since(0), 2);
  assert.equal(audience.since(150), 1, "b was silent");
  assert.equal(audience.since(0), 1, "what is forgotten does not come back");
  assert.equal(audience.since(201), 0);
});

Deno.test("no number of clients takes more memory than the limit", () => {
  const audience = new Audience();
  for (let i = 0; i < MAX_CLIENTS + 10; i++) audience.saw(`${i}`, i);
  assert.equal(audience.since(0), MAX_CLIENTS);
  audience.saw("0", MAX_CLIENTS + 10);
  assert.equal(audience.since(MAX_CLIENTS + 10), 1, "the newest are kept");
});

Deno.test("clients differ by address and by program, however long its name", () => {
  assert.notEqual(clientOf("::1", "a"), clientOf("::1", "b"));
  assert.notEqual(clientOf("::1", "a"), clientOf("::2", "a"));
  assert.ok(clientOf("::1", "x".repeat(10_000)).length < 300);
  assert.equal(clientOf(undefined, undefined), clientOf(undefined, undefined));
});
