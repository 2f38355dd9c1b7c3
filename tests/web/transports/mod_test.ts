/** Which transports are tried. */

import assert from "node:assert/strict";
import { candidates, TRANSPORTS } from "../../../web/src/transports/mod.ts";
import { websocket } from "../../../web/src/transports/websocket.ts";

Deno.test("unless one is wanted, all are candidates, in the order of the table", () => {
  assert.deepEqual(candidates().map(({ name }) => name), Object.keys(TRANSPORTS));
});

Deno.test("the WebSocket is always among them: it alone must be able to carry everything", () => {
  assert.ok(candidates().some(({ transport }) => transport === websocket));
});

Deno.test("one that is wanted is the only candidate", () => {
  assert.deepEqual(candidates("websocket"), [
    { name: "websocket", transport: websocket, lastResort: false },
  ]);
});

Deno.test("of what is no transport nothing is tried, whatever objects inherit", () => {
  for (const name of ["", "carrier-pigeon", "toString", "constructor", "WEBSOCKET"]) {
    assert.deepEqual(candidates(name), []);
  }
});

Deno.test("one that is not supported here is no candidate", () => {
  const before = globalThis.WebSocket;
  Object.defineProperty(globalThis, "WebSocket", { value: undefined, configurable: true });
  try {
    assert.deepEqual(candidates("websocket"), []);
  } finally {
    Object.defineProperty(globalThis, "WebSocket", {
      value: before,
      configurable: true,
      writable: true,
    });
  }
});
