/** `/publish/{name}`: who may bring a stream, what they are told, and what becomes of it when they end. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import type { StreamInfo } from "../../../shared/api.ts";
import { concatBytes } from "../../../shared/bytes.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { TsBuilder, VIDEO_PID } from "../../support/ts_builder.ts";
import { Viewer } from "../../support/viewer.ts";

const JSON_TYPE = "application/problem+json";

/** A transport stream of so many groups of ten pictures, and what follows it. */
function groups(count: number, camera = new CameraStream()): Uint8Array<ArrayBuffer> {
  camera.tables();
  for (let i = 0; i < count; i++) camera.group(10);
  return camera.take().slice();
}

/** A transport stream of what Rill does not play. */
function mpeg2(): Uint8Array<ArrayBuffer> {
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: 0x02 }]);
  for (let i = 0; i < 30; i++) {
    builder.pes(VIDEO_PID, { payload: new Uint8Array(500).fill(i), pts: 90_000 + i * 3_000 });
  }
  return builder.take().slice();
}

async function info(relay: TestRelay, name: string): Promise<StreamInfo | undefined> {
  const answer = await fetch(`${relay.url}/api/streams/${name}`);
  const body = await answer.json();
  return answer.ok ? body : undefined;
}

function open(...more: string[]): Promise<TestRelay> {
  return TestRelay.start(["--open", "publish", ...more]);
}

/** A body that goes on until it is told to stop. */
class Sending implements AsyncDisposable {
  readonly answer: Promise<Response>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly #abort = new AbortController();

  constructor(url: string, method = "POST") {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
    });
    this.answer = fetch(url, { method, body, signal: this.#abort.signal });
    this.answer.catch(() => undefined); // looked at where it matters
  }

  send(bytes: Uint8Array): void {
    this.#controller?.enqueue(bytes);
  }

  end(): void {
    this.#controller?.close();
  }

  /** As if the network were gone. */
  breakOff(): void {
    this.#abort.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.breakOff();
    await this.answer.then(
      (answer) => answer.bodyUsed ? undefined : answer.body?.cancel(),
      () => undefined,
    );
  }
}

Deno.test("a body of MPEG-TS: the stream appears under its name, plays, and ends with its publisher", async () => {
  await using relay = await open();
  assert.equal(await info(relay, "field/cam"), undefined);
  await using sending = new Sending(`${relay.url}/publish/field/cam`, "PUT");
  const camera = new CameraStream();
  sending.send(groups(3, camera));
  await until(() => relay.hasStream("field/cam"), { what: "the stream" });
  await using viewer = await Viewer.open(`${relay.url}/live/field/cam`);
  sending.send(groups(2, camera));
  await until(() => viewer.media.length > 5, { what: "pictures" });
  assert.equal((await info(relay, "field/cam"))?.state.kind, "live");
  assert.equal((await info(relay, "field/cam"))?.source, "push");
  sending.end();
  const answer = await sending.answer;
  assert.equal(answer.status, 200);
  const told = await answer.json();
  assert.equal(told.stream, "field/cam");
  assert.ok(told.bytes > 10_000);
  const { hub } = relay.stream("field/cam");
  await until(() => relay.stream("field/cam").offline !== undefined, { what: "the end" });
  assert.equal(hub.takers, 1, "who watches stays");
  const state = (await info(relay, "field/cam"))?.state;
  assert.ok(state?.kind === "offline");
  assert.equal(state.reason, "the publisher has ended");
});

Deno.test("a publisher that comes back: its viewers stay, and a new generation begins", async () => {
  await using relay = await open();
  await using first = new Sending(`${relay.url}/publish/cam`);
  first.send(groups(3));
  await until(() => relay.hasStream("cam"), { what: "the stream" });
  await using viewer = await Viewer.open(`${relay.url}/live/cam`);
  await until(() => viewer.media.length > 3, { what: "pictures" });
  first.breakOff();
  const told = (): boolean =>
    viewer.control.some((message) =>
      message.type === "offline" && /connection broke off/.test(message.reason)
    );
  await until(told, { what: "the break" });
  await using second = new Sending(`${relay.url}/publish/cam`);
  second.send(groups(3, new CameraStream(123)));
  const generations = (): number[] =>
    viewer.control.flatMap((message) => message.type === "stream" ? [message.generation] : []);
  await until(() => generations().includes(2), { what: "generation 2" });
});

Deno.test("a WebSocket's binary messages, cut anywhere; its text is ignored", async () => {
  await using relay = await open();
  const socket = new WebSocket(`${relay.url.replace("http", "ws")}/publish/cam`);
  await new Promise((resolve) => socket.onopen = resolve);
  const bytes = groups(4);
  socket.send("hello");
  for (let at = 0; at < bytes.length; at += 1001) socket.send(bytes.slice(at, at + 1001));
  await until(() => relay.hasStream("cam"), { what: "the stream" });
  await until(() => (relay.stream("cam").info.counters.videoSamples) >= 39, {
    what: "40 pictures",
  });
  assert.equal(relay.stream("cam").info.counters.bytesIn, bytes.length);
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  await until(() => relay.stream("cam").offline !== undefined, { what: "the end" });
  assert.equal(relay.stream("cam").offline, "the publisher has ended");
});

Deno.test("a second publisher: 409 and 4409, unless it says ?replace=1", async () => {
  await using relay = await open();
  await using first = new Sending(`${relay.url}/publish/cam`);
  first.send(groups(2));
  await until(() => relay.hasStream("cam"), { what: "the stream" });
  const second = await fetch(`${relay.url}/publish/cam`, { method: "POST", body: groups(1) });
  assert.equal(second.status, 409);
  assert.equal(second.headers.get("content-type"), JSON_TYPE);
  const problem = await second.json();
  assert.equal(problem.type, "/problems/taken");
  assert.match(problem.detail, /\?replace=1/);
  const socket = new WebSocket(`${relay.url.replace("http", "ws")}/publish/cam`);
  const refused = await new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  assert.equal(refused.code, 4409);
  await using third = new Sending(`${relay.url}/publish/cam?replace=1`);
  third.send(groups(3));
  const told = await first.answer;
  assert.equal(told.status, 409);
  assert.match((await told.json()).detail, /another publisher took its place/i);
  await until(() => relay.stream("cam").info.generation >= 2, { what: "the third's pictures" });
  assert.ok(relay.stream("cam").isPublished);
});

Deno.test("a stream with a source of its own is not for publishers; one that waits for them is", async () => {
  await using relay = await open("demo", "guest=push");
  const refused = await fetch(`${relay.url}/publish/demo?replace=1`, { method: "PUT", body: "x" });
  assert.equal(refused.status, 409);
  assert.match((await refused.json()).detail, /source of its own/);
  const waiting = (await info(relay, "guest"))?.state;
  assert.ok(waiting?.kind === "offline");
  assert.match(waiting.reason, /nobody publishes/i);
  const health = await (await fetch(`${relay.url}/healthz`)).json();
  assert.equal(health.streams.guest, "waiting");
  const done = await fetch(`${relay.url}/publish/guest`, { method: "PUT", body: groups(3) });
  assert.equal(done.status, 200, await done.text());
  await until(() => relay.stream("guest").info.counters.videoSamples >= 29, { what: "pictures" });
});

Deno.test("without the right, from another site, under no name, by another method: in words", async () => {
  await using closed = await TestRelay.start(["demo"]);
  const put = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url, { method: "PUT", body: groups(1), headers });
  const cases: [Response, number, RegExp][] = [
    [await put(`${closed.url}/publish/cam`), 403, /--open publish/],
  ];
  await using relay = await open();
  cases.push(
    [
      await put(`${relay.url}/publish/cam`, { origin: "https://evil.example" }),
      403,
      /another site/,
    ],
    [await put(`${relay.url}/publish/no%20name`), 400, /letters, digits/],
    [await put(`${relay.url}/publish/`), 400, /letters, digits/],
    [await put(`${relay.url}/publish/a/ws`), 400, /letters, digits/],
    [await fetch(`${relay.url}/publish/cam`), 405, /POST or PUT/],
  );
  for (const [answer, status, words] of cases) {
    const { detail } = await answer.json();
    assert.equal(answer.status, status, detail);
    assert.match(detail, words);
    assert.equal(answer.headers.get("content-type"), JSON_TYPE);
  }
  assert.deepEqual(relay.names, ["demo"], "the stream that is there when no source is named");
  const socket = new WebSocket(`${closed.url.replace("http", "ws")}/publish/cam`);
  const { code, reason } = await new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  assert.equal(code, 4403);
  assert.match(reason, /right to publish/);
});

Deno.test("what is nothing that plays ends the publication and says what it is", async () => {
  await using relay = await open();
  const webm = concatBytes([
    new Uint8Array([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 1, 0x42, 0xf7, 0x81, 1]),
    new Uint8Array(20_000),
  ]);
  await using sending = new Sending(`${relay.url}/publish/cam`);
  sending.send(webm);
  const answer = await sending.answer;
  assert.equal(answer.status, 415);
  const { detail } = await answer.json();
  assert.match(detail, /WebM|Matroska/);
  assert.equal(relay.stream("cam").offline, detail);
});

Deno.test("a body in which nothing could be read: its sender is told what came and what is taken, and so is the stream's page", async () => {
  await using relay = await open();
  const put = (body: BodyInit): Promise<Response> =>
    fetch(`${relay.url}/publish/cam`, { method: "PUT", body });
  const cases: readonly (readonly [BodyInit, number, RegExp])[] = [
    [
      "These are words, and no pictures. ".repeat(1_000),
      415,
      /^Nothing .* MPEG-TS, .* or MP4\. 34000 bytes came, which begin with "These are words,"\.$/,
    ],
    [new Uint8Array(5_000), 415, /5000 bytes came, which begin with 00 00 00 /],
    [new Uint8Array([0x1a, 0x45, 0xdf, 0xa3, ...new Uint8Array(9_000)]), 415, /Matroska or WebM/],
    [
      mpeg2(),
      415,
      /^The camera sends MPEG-2 pictures, and Rill plays H\.264 .* set the camera to H\.264\./,
    ],
    ["", 400, /was empty\. Send MPEG-TS/],
  ];
  for (const [body, status, words] of cases) {
    const answer = await put(body);
    const { detail } = await answer.json();
    assert.equal(answer.status, status, detail);
    assert.match(detail, words);
    assert.equal(answer.headers.get("content-type"), JSON_TYPE);
  }
  const answer = await put("words ".repeat(1_000));
  await answer.body?.cancel();
  await until(() => relay.stream("cam").offline !== undefined, { what: "the reason" });
  assert.match(relay.stream("cam").offline ?? "", /^nothing in what comes can be played: /);
});

Deno.test("a short body that takes another's place is read to its end, however soon that comes", async () => {
  await using relay = await open();
  await using first = new Sending(`${relay.url}/publish/cam`);
  first.send(groups(2));
  await until(() => relay.hasStream("cam") && relay.stream("cam").info.state.kind === "live", {
    what: "the first's picture",
  });
  const answer = await fetch(`${relay.url}/publish/cam?replace=1`, {
    method: "PUT",
    body: groups(3, new CameraStream(123)),
  });
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(relay.stream("cam").info.generation, 2, "it was read before it was answered");
  const told = await first.answer;
  assert.equal(told.status, 409, await told.text());
});

Deno.test("a body faster than the relay reads is held back, and all of it arrives", async () => {
  await using relay = await open();
  const clip = groups(400);
  const body = new ReadableStream<Uint8Array>({
    pull: ((sent = 0) => (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      if (sent >= clip.length) return controller.close();
      controller.enqueue(clip.slice(sent, sent += 256 * 1024));
    })(),
  });
  const answer = await fetch(`${relay.url}/publish/cam`, { method: "POST", body });
  assert.deepEqual(await answer.json(), { stream: "cam", bytes: clip.length });
  await until(() => relay.stream("cam").info.counters.bytesIn === clip.length, {
    what: "all bytes",
  });
  assert.equal(relay.stream("cam").info.counters.continuityGaps, 0);
});

Deno.test("a connection that is gone without a word ends the publication", async () => {
  await using relay = await open();
  const socket = connect(relay.port, "127.0.0.1");
  socket.on("error", () => undefined); // it is destroyed below
  const bytes = groups(3);
  socket.write(
    "POST /publish/cam HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n" +
      `${bytes.length.toString(16)}\r\n`,
  );
  socket.write(bytes);
  await until(() => relay.hasStream("cam") && relay.stream("cam").info.state.kind === "live", {
    what: "the picture",
  });
  socket.destroy();
  await until(() => relay.stream("cam").offline !== undefined, { what: "the end" });
  assert.match(relay.stream("cam").offline ?? "", /broke off/);
});

Deno.test("one large message is a publisher's as good as many small ones", async () => {
  await using relay = await open();
  // Null packets in front: more than may be under way of one who does not wait.
  const packets = 100_000;
  const padding = new Uint8Array(188 * packets);
  for (let at = 0; at < padding.length; at += 188) padding.set([0x47, 0x1f, 0xff, 0x10], at);
  const socket = new WebSocket(`${relay.url.replace("http", "ws")}/publish/large`);
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  socket.send(concatBytes([padding, groups(3)]));
  await until(
    () => relay.hasStream("large") && relay.stream("large").info.counters.videoSamples >= 29,
    { what: "all its pictures" },
  );
  socket.close();
  assert.equal((await closed).code, 1005);
});
