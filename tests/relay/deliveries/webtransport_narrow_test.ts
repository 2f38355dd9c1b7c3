/** A viewer on a link of half the stream's bit rate: newer groups overtake, what is shown is clean, others lose nothing. */

import assert from "node:assert/strict";
import { webtransport } from "../../../web/src/transports/webtransport.ts";
import { impairUdp } from "../../support/impairment_udp.ts";
import {
  assertClean,
  GROUP,
  HALF_RATE,
  numbers,
  playPictures,
  wasMovedOn,
} from "../../support/narrow_pictures.ts";
import { until } from "../../support/relay.ts";
import { TakingReceiver } from "../../support/taking_receiver.ts";
import { upTo } from "../../support/up_to.ts";
import { WebTransportServer } from "../../support/webtransport_server.ts";

const SECONDS = 5;

Deno.test("half the bit rate: a newer group overtakes an older, and every run begins at a key picture", async () => {
  await using server = await WebTransportServer.start(["cam"]);
  const hub = server.hub("cam");
  await using narrow = impairUdp(server.transport.port, {
    ...{ delayMs: 20, loss: 0, seed: 3 },
    bytesPerSecond: HALF_RATE,
  });
  const stop = new AbortController();
  const [good, poor] = [new TakingReceiver(), new TakingReceiver()];
  await webtransport.open(`${server.url}/live/cam`, { receiver: good, signal: stop.signal });
  server.offeredPort = narrow.port;
  await webtransport.open(`${server.url}/live/cam`, { receiver: poor, signal: stop.signal });
  await until(() => hub.takers === 2, { what: "both viewers" });

  const pictures = await playPictures(hub, SECONDS);
  await until(() => numbers(good).length === pictures, { what: "all pictures at the good viewer" });
  await until(() => numbers(poor).some((number) => number >= pictures - GROUP), {
    what: "the newest group at the poor viewer",
  });
  const shown = numbers(poor);
  assert.deepEqual(numbers(good), upTo(pictures), "nothing is lost");
  assert.ok(shown.length < pictures, "not everything fits");
  assert.ok(wasMovedOn(poor), "it is told");
  assertClean(shown);
  stop.abort();
});
