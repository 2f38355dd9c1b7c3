/** WebSocket viewers over real sockets: what they get, what they may say, and what a dead one costs. */

import assert from "node:assert/strict";
import { concatBytes, equalBytes, toHex } from "../../../shared/bytes.ts";
import { CLOSE, parseServerMessage } from "../../../shared/control.ts";
import type { Batch, InitSegment } from "../../../shared/media.ts";
import { readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { micros } from "../../../shared/units.ts";
import { MAX_BACKLOG_BYTES } from "../../../relay/hub/catch_up.ts";
import { monotonicMicros } from "../../../relay/ingest/origin_clock.ts";
import { describeStream, interleave, steadyPictures, steadySounds } from "../../support/batches.ts";
import { DeliveryServer, type TestStream } from "../../support/delivery_server.ts";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";
import { RawClient } from "../../support/raw_client.ts";
import { until } from "../../support/relay.ts";
import { StalledViewer } from "../../support/stalled_viewer.ts";
import { Viewer } from "../../support/viewer.ts";

/** A stream of pictures and sound that has begun. */
function begin(
  { hub }: TestStream,
  media: { segment: InitSegment; batches: readonly Batch[] },
): void {
  hub.init(media.segment);
  for (const batch of media.batches) hub.publish(batch);
}

function clip(generation = 1): { segment: InitSegment; batches: readonly Batch[] } {
  const samples = interleave(steadyPictures({ count: 30, group: 10 }), steadySounds({ count: 47 }));
  return describeStream(samples, { generation });
}

Deno.test("a joiner: the stream message, the init segment, the whole group, then live", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const cam = server.stream("cam");
  const { segment, batches } = clip();
  const begun = batches.slice(0, 15);
  begin(cam, { segment, batches: begun });
  await using viewer = await Viewer.open(`${server.url}/live/cam`);
  const group = begun.slice(begun.findLastIndex(({ key }) => key));
  await viewer.until(() => viewer.media.length === 1 + group.length, { what: "init and group" });
  for (const batch of batches.slice(15)) cam.hub.publish(batch);
  const expected = [
    segment.bytes,
    ...group.map(({ bytes }) => bytes),
    ...batches.slice(15).map(
      ({ bytes }) => bytes,
    ),
  ];
  await viewer.until(() => viewer.media.length === expected.length, { what: "everything" });
  viewer.media.forEach(({ bytes }, i) => assert.equal(toHex(bytes), toHex(expected[i] ?? bytes)));
  assert.deepEqual(viewer.control, [{
    type: "stream",
    generation: 1,
    mime: "video/mp4",
    tracks: [
      { id: 1, kind: "video", codec: "avc1.42c00d", width: 320, height: 180 },
      { id: 2, kind: "audio", codec: "mp4a.40.2", sampleRate: 48_000, channels: 2 },
    ],
    clock: { errorUs: 0 },
  }]);
});

Deno.test("messages are whole fragments: each begins with one and ends with one", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  begin(server.stream("cam"), clip());
  await using viewer = await Viewer.open(`${server.url}/live/cam`);
  await viewer.until(() => viewer.media.length > 5, { what: "some messages" });
  for (const { bytes } of viewer.media.slice(1)) {
    const fragments = [...readFragments(bytes)];
    assert.ok(fragments.length > 0);
    assert.equal(fragments.at(-1)?.end, bytes.length);
  }
});

Deno.test("frames of every length form arrive whole: 7 bits, 16 bits, 64 bits", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.init(plainSegment());
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/live/cam/ws`);
  socket.binaryType = "arraybuffer";
  const messages: Uint8Array[] = [];
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data !== "string") messages.push(new Uint8Array(data));
  };
  await new Promise((resolve) => socket.onopen = resolve);
  const lengths = [1, 125, 126, 127, 65_535, 65_536, 70_000, 3_000_000];
  const batches = lengths.map((bytes, i) => plainBatch({ key: true, bytes, sequence: i }));
  batches.forEach(({ bytes }, i) => bytes.fill(i + 1));
  for (const batch of batches) hub.publish(batch);
  await until(() => messages.length === 1 + lengths.length, { what: "all messages" });
  messages.slice(1).forEach((message, i) => {
    assert.ok(equalBytes(message, batches[i]?.bytes ?? new Uint8Array()), `${lengths[i]} bytes`);
  });
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});

Deno.test("a batch is the same for all viewers: nothing of it changes, nothing is copied", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const { segment, batches } = clip();
  const before = batches.map(({ bytes }) => toHex(bytes));
  begin(server.stream("cam"), { segment, batches: batches.slice(0, 1) });
  await using one = await Viewer.open(`${server.url}/live/cam`);
  await using two = await Viewer.open(`${server.url}/live/cam`);
  for (const batch of batches.slice(1)) hub.publish(batch);
  for (const viewer of [one, two]) {
    await viewer.until(() => viewer.media.length === 1 + batches.length, { what: "everything" });
    assert.deepEqual(viewer.media.slice(1).map(({ bytes }) => toHex(bytes)), before);
  }
  assert.deepEqual(batches.map(({ bytes }) => toHex(bytes)), before);
});

Deno.test("a new generation: its message, its init, its media; together a playable sequence", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const cam = server.stream("cam");
  begin(cam, clip(1));
  await using viewer = await Viewer.open(`${server.url}/live/cam`);
  await viewer.until(() => viewer.media.length > 3, { what: "the first generation" });
  const second = clip(2);
  begin(cam, second);
  const expected = 1 + second.batches.length;
  const ofSecond = () => viewer.media.filter(({ generation }) => generation === 2);
  await viewer.until(() => ofSecond().length === expected, { what: "the second generation" });
  assert.deepEqual(
    viewer.control.map((message) => message.type === "stream" && message.generation),
    [
      1,
      2,
    ],
  );
  assert.equal(
    toHex(concatBytes(ofSecond().map(({ bytes }) => bytes))),
    toHex(concatBytes([second.segment.bytes, ...second.batches.map(({ bytes }) => bytes)])),
  );
});

/** A text conversation with the relay. */
async function converse(
  server: DeliveryServer,
  said: readonly (string | Uint8Array<ArrayBuffer>)[],
): Promise<string[]> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/live/cam/ws`);
  const answers: string[] = [];
  const done = new Promise<void>((resolve) => {
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== "string") return;
      answers.push(data);
      if (data.includes('"last"')) resolve();
    };
  });
  await new Promise((resolve) => socket.onopen = resolve);
  for (const text of said) socket.send(text);
  socket.send(JSON.stringify({ type: "ping", id: "last" }));
  await done;
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  return answers;
}

Deno.test("ping: the answer has its id and the origin's clock", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const offset = 7_000_000_000;
  const { segment, batches } = clip();
  begin(server.stream("cam"), { segment: { ...segment, clockOffset: micros(offset) }, batches });
  const before = monotonicMicros() + offset;
  const answers = await converse(server, [JSON.stringify({ type: "ping", id: 41 })]);
  const after = monotonicMicros() + offset;
  const pongs = answers.map(parseServerMessage).filter((message) => message?.type === "pong");
  assert.deepEqual(pongs.map(({ id }) => id), [41, "last"]);
  for (const { t } of pongs) assert.ok(t >= before && t <= after, `${before} ≤ ${t} ≤ ${after}`);
});

Deno.test("what is not understood is ignored", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const answers = await converse(server, [
    "",
    "hello",
    "{}",
    "[1]",
    "null",
    '{"type":"ping"}',
    '{"type":"ping","id":{}}',
    '{"type":"dance","id":1}',
    JSON.stringify({ type: "ping", id: "x".repeat(20_000) }),
    new Uint8Array([1, 2, 3]),
    JSON.stringify({ type: "ping", id: 5 }),
  ]);
  assert.deepEqual(answers.map(parseServerMessage).map((m) => m?.type === "pong" && m.id), [
    5,
    "last",
  ]);
});

Deno.test("no such stream: accepted, then closed with 4404 and a sentence, however long the name", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  for (const name of ["none", "a/b/c", "é".repeat(200), "x".repeat(5000)]) {
    const url = `${server.url.replace("http", "ws")}/live/${encodeURIComponent(name)}/ws`;
    const socket = new WebSocket(url);
    const { code, reason } = await new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    assert.equal(code, CLOSE.noSuchStream);
    assert.match(reason, /^there is no stream /);
    assert.ok(new TextEncoder().encode(reason).length <= 123);
  }
});

Deno.test("a stream that does not run says so and waits; one that is no more closes", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.offline("The camera answered 500.");
  await using viewer = await Viewer.open(`${server.url}/live/cam`);
  await viewer.until(() => viewer.control.length === 1, { what: "the reason" });
  assert.deepEqual(viewer.control, [{ type: "offline", reason: "The camera answered 500." }]);
  begin(server.stream("cam"), clip());
  await viewer.until(() => viewer.media.length > 1, { what: "the stream that came back" });
  hub.close("this stream was taken out of the configuration");
  const { code, reason } = await viewer.closed;
  assert.deepEqual([code, reason], [
    CLOSE.noSuchStream,
    "this stream was taken out of the configuration",
  ]);
});

Deno.test("one that leaves is forgotten, whether it says goodbye or not", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  begin(server.stream("cam"), clip());
  const polite = await Viewer.open(`${server.url}/live/cam`);
  const rude = await RawClient.webSocket(server.port, "/live/cam/ws");
  await until(() => hub.takers === 2, { what: "two takers" });
  await polite.close();
  rude[Symbol.dispose]();
  await until(() => hub.takers === 0, { what: "no takers" });
  for (const batch of clip().batches) hub.publish(batch);
});

const BROKEN_FRAMES: readonly (readonly [string, readonly number[]])[] = [
  ["not masked", [0x81, 2, 0x68, 0x69]],
  ["reserved bits", [0xf1, 0x80, 0, 0, 0, 0]],
  ["an unknown opcode", [0x83, 0x80, 0, 0, 0, 0]],
  ["a message of 4 GiB", [0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["text that is no UTF-8", [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]],
  ["a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0]],
];

for (const [name, frame] of BROKEN_FRAMES) {
  Deno.test(`a broken frame costs its viewer the connection and nobody else: ${name}`, async () => {
    await using server = await DeliveryServer.start(["cam"]);
    const { hub } = server.stream("cam");
    begin(server.stream("cam"), clip());
    await using steady = await Viewer.open(`${server.url}/live/cam`);
    using broken = await RawClient.webSocket(server.port, "/live/cam/ws");
    await broken.send(new Uint8Array(frame));
    await broken.rest();
    await until(() => hub.takers === 1, { what: "one taker" });
    const before = steady.media.length;
    hub.publish(plainBatch({ key: true, sequence: 30 }));
    await steady.until(() => steady.media.length > before, { what: "the next message" });
  });
}

Deno.test("one that stops reading is owed its bound, and the other viewer's sequence is complete", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const cam = server.stream("cam");
  const bytes = 150_000;
  const count = 600; // 90 MB
  const { segment, batches } = describeStream(
    steadyPictures({ count, group: 10 }).map((picture) => ({ ...picture, bytes })),
  );
  begin(cam, { segment, batches: batches.slice(0, 1) });
  await using steady = await Viewer.open(`${server.url}/live/cam`);
  using dead = await StalledViewer.open(server.port, "/live/cam/ws");
  await until(() => cam.sinks.length === 2, { what: "two takers" });
  const owed = cam.sinks[1];
  let most = 0;
  for (const [index, batch] of batches.entries()) {
    if (index === 0) continue;
    cam.hub.publish(batch);
    most = Math.max(most, owed?.backlog ?? Infinity);
    await steady.until(() => steady.media.length === index + 2, { what: `batch ${index}` });
  }
  assert.ok(most > 1_000_000, "it did fall behind");
  assert.ok(most <= MAX_BACKLOG_BYTES + 2 * bytes, `${most} bytes were kept for it`);
  const sequences = steady.media.flatMap(({ fragments }) =>
    fragments.map(({ sequence }) => sequence)
  );
  assert.deepEqual(sequences, Array.from({ length: count }, (_, i) => i + 1));
  assert.ok(steady.control.every(({ type }) => type !== "skip"));
  // It reads again: told what it missed, it goes on with a key picture.
  const reading = dead.readUntilSkip();
  const keys = batches.filter(({ key }) => key);
  let told = false;
  void reading.then(() => told = true);
  for (let i = 0; !told; i++) {
    cam.hub.publish(keys[i % keys.length] ?? plainBatch({ key: true }));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { message, next } = await reading;
  assert.equal(message.reason, "slow");
  assert.ok(message.fragments > 100 && message.ms >= 0);
  assert.equal(next.tracks[0]?.key, true);
});

for (
  const [path, first, question] of [
    ["/live/cam/ws", undefined, '{"type":"ping","id":1}'],
    ["/api/ws?src=cam", '{"type":"mse"}', '{"type":"hls"}'],
  ] as const
) {
  Deno.test(`one that asks and asks on ${path}, and takes no answer, is let go`, async () => {
    await using server = await DeliveryServer.start(["cam"]);
    const cam = server.stream("cam");
    const bytes = 150_000;
    const { segment, batches } = describeStream(
      steadyPictures({ count: 600, group: 10 }).map((picture) => ({ ...picture, bytes })),
    );
    begin(cam, { segment, batches: batches.slice(0, 1) });
    using client = await RawClient.webSocket(server.port, path);
    if (first !== undefined) await client.send(textFrame(first));
    await until(() => cam.sinks.length === 1, { what: "a taker" });
    const owed = cam.sinks[0];
    for (const batch of batches.slice(1)) { // what it does not read fills the kernel's buffers
      cam.hub.publish(batch);
      await new Promise((resolve) => setTimeout(resolve));
      if ((owed?.backlog ?? 0) > 1_000_000) break;
    }
    const questions = concatBytes(Array.from({ length: 5_000 }, () => textFrame(question)));
    // It may be let go in the middle.
    await client.send(questions).catch((error) =>
      assert.ok(
        error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset,
      )
    );
    await until(() => cam.hub.takers === 0, { what: "nobody left" });
  });
}

/** A short text as a client's frame, masked with zeros (RFC 6455 §5.2). */
function textFrame(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return concatBytes([Uint8Array.of(0x81, 0x80 | bytes.length, 0, 0, 0, 0), bytes]);
}
