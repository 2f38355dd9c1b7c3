/** What may wait for a slow client of vw's: so many bytes, and so many messages, however small. */

import assert from "node:assert/strict";
import { WayOut } from "../../../relay/compat/vw/way_out.ts";

Deno.test("a client that reads nothing has neither bytes nor small messages without end waiting for it", () => {
  const sent: (() => void)[] = [];
  const ws = {
    bufferedAmount: 0,
    send: (_bytes: Uint8Array, _options: object, done: () => void) => void sent.push(done),
  };
  const out = new WayOut(ws);
  const message = { bytes: new Uint8Array(1), isText: false };
  while (out.send(message)) assert.ok(sent.length < 100_000, "they have an end");
  assert.equal(sent.length, 16_384);
  sent.shift()?.();
  assert.equal(out.send(message), true, "there is room again");
  sent.shift()?.();
  ws.bufferedAmount = 17 * 1024 * 1024;
  assert.equal(out.send(message), false);
});

Deno.test("the more clients there are, the less may wait for each", () => {
  let clients = 2;
  const ws = { bufferedAmount: 3_000, send: () => undefined };
  const out = new WayOut(ws, () => 8_000 / clients);
  const message = { bytes: new Uint8Array(1), isText: false };
  assert.equal(out.send(message), true);
  clients = 4;
  assert.equal(out.send(message), false);
  ws.bufferedAmount = 0;
  clients = 100_000;
  assert.equal(out.send(message), true, "one that has taken all it was sent is sent more");
});
