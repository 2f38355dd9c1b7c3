/** The stream followed by HLS: each picture once, whether its segment is listed by parts, whole, or one and then the other. */

import assert from "node:assert/strict";
import { readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { hls } from "../../../web/src/transports/hls.ts";
import { describeStream, steadyPictures } from "../../support/batches.ts";
import { DeliveryServer } from "../../support/delivery_server.ts";
import { until } from "../../support/relay.ts";
import { TakingReceiver } from "../../support/taking_receiver.ts";

const STEP = 3_000;
const SLOW_STEP = 45_000;
const QUICK = 30 * 15;
/** Half a minute: the oldest segments are listed without their parts. */
const SLOW = 24;

Deno.test("each picture comes once, in order, also where parts are not listed any more, or never were", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const { segment, batches } = describeStream([
    ...steadyPictures({ count: QUICK, group: 30 }),
    ...steadyPictures({ count: SLOW, group: 4, step: SLOW_STEP, first: QUICK * STEP }),
  ]);
  hub.init(segment);
  let played = 0;
  const play = (to: number): void => {
    for (; played < to; played++) {
      const batch = batches[played];
      if (batch) hub.publish(batch);
    }
  };
  play(1);
  const taken = new TakingReceiver();
  const stop = new AbortController();
  const opening = hls.open(`${server.url}/live/cam`, { receiver: taken, signal: stop.signal });
  await until(() => hub.takers === 1, { what: "the window" });
  play(75);
  await opening;
  const times = (): number[] =>
    taken.messages.flatMap((bytes) =>
      [...readFragments(bytes)].flatMap(({ tracks }) => tracks[0]?.dts ?? [])
    );
  const dts = (at: number): number =>
    at < QUICK ? at * STEP : QUICK * STEP + (at - QUICK) * SLOW_STEP;
  for (let to = 90; to <= batches.length; to += to < QUICK ? 15 : 4) {
    play(to);
    // The last pictures may wait for their part or segment to be full.
    const complete = dts(to - 6);
    await until(() => (times().at(-1) ?? 0) >= complete, { what: `picture ${to}` });
  }
  stop.abort();
  const all = times();
  assert.ok(all.length > QUICK - 75);
  for (const [i, time] of all.entries()) {
    if (i > 0) assert.ok(time > (all[i - 1] ?? 0), `${time} after ${all[i - 1]}`);
  }
});
