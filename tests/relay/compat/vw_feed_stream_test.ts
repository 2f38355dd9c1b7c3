/** Which feeds of vw's become streams, and what becomes of one that pauses. */

import assert from "node:assert/strict";
import { concatBytes, equalBytes } from "../../../shared/bytes.ts";
import { FeedStream } from "../../../relay/compat/vw/feed_stream.ts";
import { announcesKnownMedia } from "../../../relay/compat/vw/ts_contents.ts";
import { Gatherer, MAX_MESSAGE_BYTES } from "../../../relay/compat/vw/ts_feed.ts";
import { Log } from "../../../relay/log.ts";
import { Streams } from "../../../relay/streams/streams.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { until } from "../../support/relay.ts";

const CLIP = new URL("../../../relay/sources/demo_clip.mpegts", import.meta.url);

Deno.test("a transport stream is known by its program map, wherever it is entered", async () => {
  const clip = await Deno.readFile(CLIP);
  for (const start of [0, 1, 187, 188, 1000, 100_000]) {
    assert.equal(announcesKnownMedia(clip.subarray(start, start + 300_000)), true, `from ${start}`);
  }
  assert.equal(announcesKnownMedia(clip.subarray(0, 188)), undefined, "no map yet");
  assert.equal(announcesKnownMedia(new Uint8Array(0)), undefined);
  assert.equal(announcesKnownMedia(crypto.getRandomValues(new Uint8Array(60_000))), false);
  assert.equal(announcesKnownMedia(clip.slice(0, 100_000).fill(0, 188)), false, "broken off");
});

Deno.test("a feed that pauses is offline meanwhile, and a stream again when it goes on", async () => {
  const log = new Log({ level: "error", format: "text", write: () => {} });
  await using streams = new Streams(log);
  const feed = new FeedStream("lab", { streams, log, silenceMs: 100 });
  const camera = new CameraStream();
  const send = (): void => {
    camera.tables();
    for (let i = 0; i < 3; i++) camera.group(10);
    void feed.write(camera.take().slice());
  };
  send();
  const samples = (): number => streams.get("lab")?.info.counters.videoSamples ?? 0;
  await until(() => samples() > 20, { what: "pictures" });
  await until(() => /has brought nothing/.test(streams.get("lab")?.offline ?? ""), {
    what: "the pause",
  });
  const before = samples();
  send();
  await until(() => samples() > before, { what: "pictures again" });
  feed.end();
});

Deno.test("a feed that comes byte by byte is looked at a few times, and known all the same", async () => {
  const log = new Log({ level: "error", format: "text", write: () => {} });
  await using streams = new Streams(log);
  const feed = new FeedStream("lab", { streams, log });
  const camera = new CameraStream();
  camera.tables();
  for (let i = 0; i < 3; i++) camera.group(10);
  for (const byte of camera.take().slice()) void feed.write(new Uint8Array([byte]));
  await until(() => (streams.get("lab")?.info.counters.videoSamples ?? 0) > 20, {
    what: "pictures",
  });
  feed.end();
});

Deno.test("what comes without a pause is one message, in whatever pieces it comes", () => {
  const messages: Uint8Array[] = [];
  const gatherer = new Gatherer((message) => void messages.push(message));
  const sent = Uint8Array.from({ length: MAX_MESSAGE_BYTES + 100_000 }, (_, at) => at * 7);
  for (let at = 0, size = 1; at < sent.length; at += size, size = size * 2 + 1) {
    gatherer.push(sent.slice(at, at + size));
  }
  gatherer.flush();
  assert.deepEqual(messages.map(({ length }) => length), [MAX_MESSAGE_BYTES, 100_000]);
  assert.ok(equalBytes(concatBytes(messages), sent));
  const [first = new Uint8Array()] = messages;
  gatherer.push(new Uint8Array(10));
  gatherer.flush();
  assert.equal(first[1], 7, "a message is its takers' to keep");
});
