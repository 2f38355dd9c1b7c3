/** A viewer on a link of half the stream's bit rate: newer groups overtake, what is shown is clean, others lose nothing. */

import assert from "node:assert/strict";
import { readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { webtransport } from "../../../web/src/transports/webtransport.ts";
import { describeStream } from "../../support/batches.ts";
import { impairUdp } from "../../support/impairment_udp.ts";
import { until } from "../../support/relay.ts";
import { TakingReceiver } from "../../support/taking_receiver.ts";
import { WebTransportServer } from "../../support/webtransport_server.ts";

const RATE = 30;
const GROUP = 15;
const TICKS = 90_000 / RATE;
const PICTURES = 5 * RATE;
const BYTES = 6_000;

/** Numbers of the pictures that were handed on, in that order. */
function numbers({ messages }: TakingReceiver): number[] {
  return messages.flatMap((bytes) =>
    [...readFragments(bytes)].map(({ tracks }) => (tracks[0]?.dts ?? 0) / TICKS)
  );
}

Deno.test("half the bit rate: a newer group overtakes an older, and every run begins at a key picture", async () => {
  await using server = await WebTransportServer.start(["cam"]);
  const hub = server.hub("cam");
  await using narrow = impairUdp(server.transport.port, {
    ...{ delayMs: 20, loss: 0, seed: 3 },
    bytesPerSecond: BYTES * RATE / 2,
  });
  const stop = new AbortController();
  const [good, poor] = [new TakingReceiver(), new TakingReceiver()];
  await webtransport.open(`${server.url}/live/cam`, { receiver: good, signal: stop.signal });
  server.offeredPort = narrow.port;
  await webtransport.open(`${server.url}/live/cam`, { receiver: poor, signal: stop.signal });
  await until(() => hub.takers === 2, { what: "both viewers" });

  const { segment, batches } = describeStream(
    Array.from({ length: PICTURES }, (_, i) => ({
      kind: "picture" as const,
      dts: i * TICKS,
      key: i % GROUP === 0,
      bytes: BYTES,
    })),
  );
  hub.init(segment);
  for (const batch of batches) {
    hub.publish(batch);
    await new Promise((resolve) => setTimeout(resolve, 1000 / RATE));
  }
  await until(() => numbers(good).length === PICTURES, { what: "all pictures at the good viewer" });
  await until(() => numbers(poor).some((number) => number >= PICTURES - GROUP), {
    what: "the newest group at the poor viewer",
  });
  const shown = numbers(poor);
  assert.deepEqual(numbers(good), Array.from({ length: PICTURES }, (_, i) => i), "nothing is lost");
  assert.ok(shown.length < PICTURES, "not everything fits");
  assert.ok(poor.said.some(({ type }) => type === "skip"), "it is told");
  for (const [i, number] of shown.entries()) {
    const follows = i > 0 && number === (shown[i - 1] ?? 0) + 1;
    assert.ok(follows || number % GROUP === 0, `${number} follows ${shown[i - 1]}`);
  }
  stop.abort();
});
