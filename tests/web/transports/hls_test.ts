/** The stream followed by HLS: each picture once, whether its segment is listed by parts, whole, or one and then the other. */

import assert from "node:assert/strict";
import { openHls } from "../../../relay/deliveries/hls/hls.ts";
import { readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { hls } from "../../../web/src/transports/hls.ts";
import { TransportError } from "../../../web/src/transports/transport.ts";
import { describeStream, interleave, steadyPictures, steadySounds } from "../../support/batches.ts";
import { DeliveryServer } from "../../support/delivery_server.ts";
import { RawServer } from "../../support/raw_server.ts";
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
  assert.equal((await opening).quietMs, 3_000, "once and a half the target duration");
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

Deno.test("a new generation's tracks are those it has, not those of the one before", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const silent = describeStream(steadyPictures({ count: 75, group: 30 }));
  const first = silent.batches.length;
  hub.init(silent.segment);
  for (const batch of silent.batches.slice(0, 1)) hub.publish(batch);
  const taken = new TakingReceiver();
  const stop = new AbortController();
  const opening = hls.open(`${server.url}/live/cam`, { receiver: taken, signal: stop.signal });
  await until(() => hub.takers === 1, { what: "the window" });
  for (const batch of silent.batches.slice(1, first)) hub.publish(batch);
  await opening;
  const heard = describeStream(
    interleave(steadyPictures({ count: 75, group: 30 }), steadySounds({ count: 110 })),
    { generation: 2 },
  );
  hub.init(heard.segment);
  for (const batch of heard.batches) hub.publish(batch);
  const kinds = (): string[] =>
    taken.said.flatMap((said) =>
      said.type === "stream" ? [said.tracks.map(({ kind }) => kind).join()] : []
    );
  await until(() => kinds().length === 2, { what: "the second generation" });
  assert.deepEqual(kinds(), ["video", "video,audio"]);
  stop.abort();
});

Deno.test("a stream that does not run: why, in the relay's words; what answers in no words of ours has a number", async () => {
  await using server = await DeliveryServer.start(["cam"], [
    openHls({ idle: 60_000, patience: 8_000, offline: 50 }),
  ]);
  server.stream("cam").offline = "The camera answered 500.";
  using other = new RawServer(() => "HTTP/1.1 502 Bad\r\nconnection: close\r\n\r\n<html>");
  for (
    const [url, reason] of [
      [server.url, "The camera answered 500."],
      [other.url, "The stream does not run (502)."],
    ] as const
  ) {
    const { signal } = new AbortController();
    const opening = hls.open(`${url}/live/cam`, { receiver: new TakingReceiver(), signal });
    await assert.rejects(opening, new TransportError(reason));
  }
});

const MAIN = `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.42c01f"\nhls/live.m3u8\n`;
const MEDIA = `#EXTM3U
#EXT-X-PART-INF:PART-TARGET=0.2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="g1.mp4"
#EXT-X-PART:DURATION=0.2,URI="7-0.m4s",INDEPENDENT=YES
`;

/** An answer that says it is so long, and is what there is. */
function answer(body: string, length = body.length): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`;
}

for (const broken of ["index.m3u8", "live.m3u8", "live.m3u8?", "g1.mp4", "7-0.m4s"]) {
  Deno.test(`${broken} breaks off while it comes: the connection has ended, and may be made again`, async () => {
    using server = new RawServer((target) => {
      const [path = "", query] = (target.split("/").at(-1) ?? "").split("?");
      const asked = query === undefined ? path : `${path}?`;
      const body = path === "index.m3u8" ? MAIN : path === "live.m3u8" ? MEDIA : "media";
      return answer(body, asked === broken ? 100_000 : body.length);
    });
    const stop = new AbortController();
    const opening = hls.open(`${server.url}/live/cam`, {
      receiver: new TakingReceiver(),
      signal: stop.signal,
    });
    if (["index.m3u8", "live.m3u8"].includes(broken)) {
      await assert.rejects(opening, TransportError);
    } else {
      assert.deepEqual(await (await opening).closed, {
        code: 1006,
        reason: "The connection broke.",
      });
    }
  });
}

Deno.test("a relay that takes the request and says nothing is given up", async () => {
  const limit = new AbortController();
  const timeout = AbortSignal.timeout;
  AbortSignal.timeout = () => limit.signal;
  try {
    let asked = 0;
    using server = new RawServer(() => void asked++);
    const opening = hls.open(`${server.url}/live/cam`, {
      receiver: new TakingReceiver(),
      signal: new AbortController().signal,
    });
    await until(() => asked === 1, { what: "a request" });
    limit.abort(new DOMException("It took too long.", "TimeoutError"));
    await assert.rejects(
      opening,
      (error) => error instanceof TransportError && error.message === "The relay does not answer.",
    );
  } finally {
    AbortSignal.timeout = timeout;
  }
});
