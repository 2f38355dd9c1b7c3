/** gopro-stream's gateway and viewers, re-enacted message by message, with what mux.js makes of the demo clip. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import { findBox } from "../../../shared/mp4/box_reader.ts";
import { readFragments, readSampleDefaults } from "../../../shared/mp4/fragment_reader.ts";
import { ffprobe } from "../../support/ffprobe.ts";
import { gatewayMessages } from "../../support/gopro_gateway.ts";
import { SegmentClient } from "../../support/gopro_stream_client.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { upgradeStatus } from "../../support/upgrade_status.ts";

const CLIP = new URL("../../../relay/sources/demo_clip.mpegts", import.meta.url);
const COMPAT = "compat: {gopro_stream: 127.0.0.1:0}";

function open(...sources: string[]): Promise<TestRelay> {
  return TestRelay.start(sources, {}, COMPAT);
}

Deno.test("the gateway's messages reach a viewer, and play from any that begins with an init segment", async () => {
  await using relay = await open();
  const url = relay.compatUrl("gopro_stream");
  await using early = await SegmentClient.open(`${url}/`);
  await until(() => early.texts.length > 0, { what: "word that nobody publishes" });
  assert.match(early.texts[0] ?? "", /"offline".*Nobody publishes/);
  await using gateway = await SegmentClient.open(`${url}/publish`);
  const messages = gatewayMessages(await Deno.readFile(CLIP), "before key pictures").slice(0, 20);
  gateway.send("text is passed over");
  for (const message of messages) gateway.send(message);
  const video = (): number => relay.stream("default").info.counters.videoSamples;
  await until(() => video() > 90, { what: "pictures" });
  await using late = await SegmentClient.open(`${url}/`);
  await until(() => late.segments.length > 0, { what: "the current group" });
  assert.equal(relay.stream("default").info.generation, 1, "repeated init segments are one stream");

  assert.match(
    early.texts.at(-1) ?? "",
    /"mime":"video\/mp4; codecs=\\"avc1\.[^"]*,mp4a\.40\.2\\""/,
  );
  for (const segment of [...early.segments, ...late.segments]) assertWhole(segment);
  for (const { segments: [first] } of [early, late]) {
    assert.ok(first && beginsAnew(first));
    assert.deepEqual(tracksOf(first), [1, 2], "the original's page needs both at once");
  }
  const folder = await Deno.makeTempDir({ prefix: "rill-gopro-stream-" });
  try {
    // Of repeated init segments ffprobe has a word to say, and a browser none.
    const init = initOf(early.segments[0] ?? new Uint8Array());
    const parts = early.segments.map((segment) =>
      beginsAnew(segment) ? segment.subarray(init.length) : segment
    );
    await Deno.writeFile(`${folder}/viewer.mp4`, concatBytes([init, ...parts]));
    // At the level of errors: mux.js rounds each message's times by itself, and ffprobe has a word about that.
    const probed = await ffprobe(`${folder}/viewer.mp4`, {
      args: ["-count_frames", "-show_entries", "stream=codec_name,nb_read_frames"],
      level: "error",
    });
    const { streams } = probed as { streams: { codec_name: string; nb_read_frames: string }[] };
    assert.deepEqual(streams.map(({ codec_name }) => codec_name), ["h264", "aac"]);
    assert.ok(Number(streams[0]?.nb_read_frames) > 80, "the pictures are decoded");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("one gateway at a time; one that left makes room, and viewers stay", async () => {
  await using relay = await open();
  const url = relay.compatUrl("gopro_stream");
  const messages = gatewayMessages(await Deno.readFile(CLIP), "before key pictures").slice(0, 8);
  await using viewer = await SegmentClient.open(`${url}/`);
  {
    await using first = await SegmentClient.open(`${url}/publish`);
    for (const message of messages) first.send(message);
    await using second = await SegmentClient.open(`${url}/publish`);
    const { code, reason } = await second.closed;
    assert.equal(code, 4409);
    assert.equal(reason, "another gateway publishes here already");
    await until(() => viewer.segments.length > 3, { what: "pictures" });
  }
  await until(() => /has ended/.test(viewer.texts.at(-1) ?? ""), { what: "the end, in words" });
  const count = viewer.segments.length;
  await using third = await SegmentClient.open(`${url}/publish`);
  for (const message of messages) third.send(message);
  await until(() => viewer.segments.length > count + 3, { what: "pictures of the next gateway" });
});

Deno.test("a stream default with a source of its own is watched here, and no gateway's", async () => {
  await using relay = await open("default=demo");
  const url = relay.compatUrl("gopro_stream");
  await using viewer = await SegmentClient.open(`${url}/`);
  await until(() => viewer.segments.length > 2, { what: "pictures" });
  for (const segment of viewer.segments) assertWhole(segment);
  await using gateway = await SegmentClient.open(`${url}/publish`);
  assert.match((await gateway.closed).reason, /has a source of its own/);
});

Deno.test("what is no MP4 does no harm", async () => {
  await using relay = await open();
  const url = relay.compatUrl("gopro_stream");
  const messages = gatewayMessages(await Deno.readFile(CLIP), "before key pictures").slice(0, 8);
  {
    await using gateway = await SegmentClient.open(`${url}/publish`);
    for (let i = 0; i < 50; i++) gateway.send(crypto.getRandomValues(new Uint8Array(10_000)));
    await until(() => relay.hasStream("default"), { what: "the stream" });
  }
  await until(() => !relay.stream("default").isPublished, { what: "the end" });
  await using gateway = await SegmentClient.open(`${url}/publish`);
  for (const message of messages) gateway.send(message);
  await using viewer = await SegmentClient.open(`${url}/`);
  await until(() => viewer.segments.length > 0, { what: "pictures" });
});

Deno.test("only gopro-stream's addresses, and not for the pages of other sites", async () => {
  await using relay = await open();
  const url = relay.compatUrl("gopro_stream");
  const status = async (path: string, init: RequestInit = {}): Promise<number> => {
    const response = await fetch(url + path, init);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await status("/"), 200);
  assert.equal(await status("/player.js"), 200);
  assert.equal(await status("/publish"), 404);
  assert.equal(await status("/", { method: "POST" }), 405);
  for (const path of ["/api/streams", "/live/default/ws", "/healthz", "/%00", "/..%2f"]) {
    assert.equal(await status(path), 404, path);
  }
  const port = Number(new URL(url).port);
  const ask = (path: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    upgradeStatus({ port, path, headers });
  const own = `127.0.0.1:${port}`;
  assert.equal(await ask("/publish", { host: own }), 101, "a program");
  assert.equal(await ask("/publish", { host: own, origin: `http://${own}` }), 101, "its own page");
  assert.equal(await ask("/publish", { host: own, origin: "http://site.example" }), 403);
  assert.equal(await ask("/", { host: own, origin: "http://site.example" }), 403);
  assert.equal(await ask("/", { host: own, origin: "http://localhost:8080" }), 101, "a local page");
  const rebound = { host: "site.example", origin: "http://site.example" };
  assert.equal(await ask("/", rebound), 421, "a name that was made to point here");
  assert.equal(await ask("/elsewhere", { host: own }), 404);
});

function tracksOf(segment: Bytes): number[] {
  const init = initOf(segment);
  const fragments = [
    ...readFragments(segment, { at: init.length, defaults: readSampleDefaults(init) }),
  ];
  return [...new Set(fragments.flatMap(({ tracks }) => tracks.map(({ track }) => track)))].sort();
}

function beginsAnew(segment: Bytes): boolean {
  return new TextDecoder().decode(segment.subarray(4, 8)) === "ftyp";
}

/** Fragments, before a key picture `ftyp moov`; nothing cut. */
function assertWhole(segment: Bytes): void {
  const types: string[] = [];
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  for (let at = 0; at < segment.length; at += view.getUint32(at)) {
    types.push(new TextDecoder().decode(segment.subarray(at + 4, at + 8)));
  }
  assert.match(types.join(" "), /^(?:ftyp moov )?(?:(?:prft )?moof mdat ?)+$/);
}

function initOf(segment: Bytes): Bytes {
  const moov = findBox(segment, "moov");
  assert.ok(moov);
  return segment.subarray(0, moov.start + moov.byteLength);
}
