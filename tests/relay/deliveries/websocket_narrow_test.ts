/**
 * A viewer by WebSocket on a link of half the stream's bit rate, whose kernels would hold all of it: it tells how late it
 * is, and so it is moved on to newer groups, whole pictures only; others lose nothing.
 */

import assert from "node:assert/strict";
import { readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { websocket } from "../../../web/src/transports/websocket.ts";
import { describeStream } from "../../support/batches.ts";
import { DeliveryServer } from "../../support/delivery_server.ts";
import { impairTcp } from "../../support/impairment_tcp.ts";
import { until } from "../../support/relay.ts";
import { TakingReceiver } from "../../support/taking_receiver.ts";

const RATE = 30;
const GROUP = 15;
const TICKS = 90_000 / RATE;
const PICTURES = 4 * RATE;
const BYTES = 6_000;

/** Numbers of the pictures that were handed on, in that order. */
function numbers({ messages }: TakingReceiver): number[] {
  return messages.flatMap((bytes) =>
    [...readFragments(bytes)].map(({ tracks }) => (tracks[0]?.dts ?? 0) / TICKS)
  );
}

Deno.test("half the bit rate by WebSocket: moved on to newer groups, though the kernels would take everything", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  await using narrow = impairTcp(server.port, {
    ...{ delayMs: 20, loss: 0, seed: 3 },
    bytesPerSecond: BYTES * RATE / 2,
  });
  const stop = new AbortController();
  const [good, poor] = [new TakingReceiver(), new TakingReceiver()];
  const { signal } = stop;
  await websocket.open(`${server.url}/live/cam`, { receiver: good, signal });
  await websocket.open(`http://127.0.0.1:${narrow.port}/live/cam`, { receiver: poor, signal });
  await until(() => hub.takers === 2, { what: "both viewers" });

  const { segment, batches } = describeStream(
    Array.from({ length: PICTURES }, (_, i) => ({
      kind: "picture" as const,
      dts: i * TICKS,
      key: i % GROUP === 0,
      bytes: BYTES,
      arrival: i * 1e6 / RATE,
    })),
  );
  hub.init(segment);
  for (const batch of batches) {
    hub.publish(batch);
    await new Promise((resolve) => setTimeout(resolve, 1000 / RATE));
  }
  await until(() => numbers(good).length === PICTURES, { what: "all pictures at the good viewer" });
  await until(() => poor.said.some(({ type }) => type === "skip"), { what: "the word of it" });
  const shown = numbers(poor);
  assert.ok(!good.said.some(({ type }) => type === "skip"), "nobody else's matter");
  for (const [i, number] of shown.entries()) {
    const follows = i > 0 && number === (shown[i - 1] ?? 0) + 1;
    assert.ok(follows || number % GROUP === 0, `${number} follows ${shown[i - 1]}`);
  }
  stop.abort();
  await until(() => hub.takers === 0, { what: "no takers" });
});
