/** What a player makes of its `src`, whoever wrote it. */

import assert from "node:assert/strict";
import { addressOf, streamNameOf } from "../../../web/src/ui/stream_address.ts";

const BASE = "https://gate.example/rill/";

Deno.test("an address below the page's base, or of another relay, is made whole", () => {
  assert.equal(addressOf("live/porch", BASE), "https://gate.example/rill/live/porch");
  assert.equal(addressOf("http://cam.local/live/porch", BASE), "http://cam.local/live/porch");
});

Deno.test("what is no address is left for the player to name", () => {
  for (const src of ["http://", "https://[gate/live/porch"]) {
    assert.equal(addressOf(src, BASE), src);
  }
});

Deno.test("a stream is called what stands behind live/", () => {
  assert.equal(streamNameOf("live/porch"), "porch");
  assert.equal(streamNameOf("https://gate.example/s/token/live/yard/gate/?muted#now"), "yard/gate");
  assert.equal(streamNameOf("live/caf%C3%A9"), "café");
  assert.equal(streamNameOf("https://gate.example/"), "");
});

Deno.test("a name that is no proper address is shown as it was written", () => {
  assert.equal(streamNameOf("live/100%"), "100%");
});
