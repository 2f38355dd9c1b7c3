/**
 * A viewer by WebSocket on a link of half the stream's bit rate, whose kernels would hold all of it: it tells how late it
 * is, and so it is moved on to newer groups, whole pictures only; others lose nothing.
 */

import assert from "node:assert/strict";
import { websocket } from "../../../web/src/transports/websocket.ts";
import { DeliveryServer } from "../../support/delivery_server.ts";
import { impairTcp } from "../../support/impairment_tcp.ts";
import {
  assertClean,
  HALF_RATE,
  numbers,
  playPictures,
  wasMovedOn,
} from "../../support/narrow_pictures.ts";
import { until } from "../../support/relay.ts";
import { TakingReceiver } from "../../support/taking_receiver.ts";

const SECONDS = 4;

Deno.test("half the bit rate by WebSocket: moved on to newer groups, though the kernels would take everything", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  await using narrow = impairTcp(server.port, {
    ...{ delayMs: 20, loss: 0, seed: 3 },
    bytesPerSecond: HALF_RATE,
  });
  const stop = new AbortController();
  const [good, poor] = [new TakingReceiver(), new TakingReceiver()];
  const { signal } = stop;
  await websocket.open(`${server.url}/live/cam`, { receiver: good, signal });
  await websocket.open(`http://127.0.0.1:${narrow.port}/live/cam`, { receiver: poor, signal });
  await until(() => hub.takers === 2, { what: "both viewers" });

  const pictures = await playPictures(hub, SECONDS);
  await until(() => numbers(good).length === pictures, { what: "all pictures at the good viewer" });
  await until(() => wasMovedOn(poor), { what: "the word of it" });
  assert.ok(!wasMovedOn(good), "nobody else's matter");
  assertClean(numbers(poor));
  stop.abort();
  await until(() => hub.takers === 0, { what: "no takers" });
});
