/** `stream.mp4`: an endless body over real sockets, its end, and what a client that stops reading costs. */

import assert from "node:assert/strict";
import { concatBytes, toHex } from "../../../shared/bytes.ts";
import { readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { openProgressive } from "../../../relay/deliveries/progressive.ts";
import { MAX_BACKLOG_BYTES } from "../../../relay/hub/catch_up.ts";
import { describeStream, steadyPictures } from "../../support/batches.ts";
import { DeliveryServer } from "../../support/delivery_server.ts";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";
import { RawClient } from "../../support/raw_client.ts";
import { until } from "../../support/relay.ts";

/** Reads a body until it has so many bytes, or to its end. */
async function readBody(
  body: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  bytes = Infinity,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < bytes) {
    const { done, value } = await body.read();
    if (done) break;
    parts.push(value);
    length += value.length;
  }
  return concatBytes(parts);
}

async function open(server: DeliveryServer): Promise<{
  response: Response;
  body: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
}> {
  const response = await fetch(`${server.url}/live/cam/stream.mp4`);
  const body = response.body?.getReader();
  if (!body) throw new Error("There is no body.");
  return { response, body };
}

Deno.test("the body: init, the current group at once, then live, as one file", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const { segment, batches } = describeStream(steadyPictures({ count: 30, group: 10 }));
  hub.init(segment);
  for (const batch of batches.slice(0, 15)) hub.publish(batch);
  const { response, body } = await open(server);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "video/mp4");
  assert.equal(response.headers.get("cache-control"), "no-store");
  for (const batch of batches.slice(15)) hub.publish(batch);
  const expected = concatBytes([segment.bytes, ...batches.slice(10).map(({ bytes }) => bytes)]);
  assert.equal(toHex(await readBody(body, expected.length)), toHex(expected));
  await body.cancel();
  await until(() => hub.takers === 0, { what: "no takers" });
});

Deno.test("a new generation ends the body: a file has one init segment", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.init(plainSegment(1));
  hub.publish(plainBatch({ key: true }));
  const { body } = await open(server);
  hub.init(plainSegment(2));
  hub.publish(plainBatch({ key: true, generation: 2 }));
  hub.publish(plainBatch({ generation: 2 }));
  assert.equal((await readBody(body)).length, 50 + 100);
});

Deno.test("a stream that is no more ends the body", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  const { body } = await open(server);
  hub.close("over");
  assert.equal((await readBody(body)).length, 50 + 100);
});

Deno.test("HEAD: what GET would say, at once", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const head = () => fetch(`${server.url}/live/cam/stream.mp4`, { method: "HEAD" });
  const none = await head();
  assert.equal(none.status, 503);
  assert.ok(none.headers.has("retry-after"));
  hub.init({ ...plainSegment(), mime: 'video/mp4; codecs="avc1.42c00d"' });
  const response = await head();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), 'video/mp4; codecs="avc1.42c00d"');
  assert.equal(await response.text(), "");
  assert.equal(hub.takers, 0);
});

Deno.test("nothing comes: 503 with the reason and when to try again", async () => {
  await using server = await DeliveryServer.start(["cam"], [openProgressive(50)]);
  const cam = server.stream("cam");
  for (const reason of [undefined, "The camera answered 500."]) {
    cam.offline = reason;
    const response = await fetch(`${server.url}/live/cam/stream.mp4`);
    assert.equal(response.status, 503);
    assert.ok(Number(response.headers.get("retry-after")) > 0);
    const { type, detail } = await response.json() as { type: string; detail: string };
    assert.equal(type, "/problems/stream-offline");
    assert.equal(detail, reason ?? "No picture has come from cam yet; try again.");
  }
  assert.equal(cam.hub.takers, 0);
});

Deno.test("one that waits gets the stream when it comes", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const waiting = fetch(`${server.url}/live/cam/stream.mp4`);
  await until(() => hub.takers === 1, { what: "a taker" });
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  const response = await waiting;
  assert.equal(response.status, 200);
  await response.body?.cancel();
});

Deno.test("one that waits for a stream that goes away is told so", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const waiting = fetch(`${server.url}/live/cam/stream.mp4`);
  await until(() => hub.takers === 1, { what: "a taker" });
  hub.close("this stream was taken out of the configuration");
  const response = await waiting;
  assert.equal(response.status, 503);
  assert.ok(response.headers.has("retry-after"));
  await response.body?.cancel();
});

Deno.test("one that gives up waiting is forgotten", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const client = await RawClient.request(server.port, "GET /live/cam/stream.mp4 HTTP/1.1");
  await until(() => hub.takers === 1, { what: "a taker" });
  client[Symbol.dispose]();
  await until(() => hub.takers === 0, { what: "no takers" });
});

Deno.test("one that stops reading is owed its bound; reading again, it goes on at a key picture", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const cam = server.stream("cam");
  const bytes = 150_000;
  const count = 600; // 90 MB
  const { segment, batches } = describeStream(
    steadyPictures({ count, group: 10 }).map((picture) => ({ ...picture, bytes })),
  );
  cam.hub.init(segment);
  const [first] = batches;
  if (first) cam.hub.publish(first);
  using dead = await RawClient.request(server.port, "GET /live/cam/stream.mp4 HTTP/1.1");
  await until(() => cam.sinks.length === 1, { what: "the dead client" });
  const { body } = await open(server);
  const owed = cam.sinks[0];
  let most = 0;
  const size = first?.bytes.length ?? 0;
  const got: Uint8Array[] = [await readBody(body, segment.bytes.length + size)];
  for (const batch of batches.slice(1)) {
    cam.hub.publish(batch);
    most = Math.max(most, owed?.backlog ?? Infinity);
    got.push(await readBody(body, batch.bytes.length));
  }
  assert.ok(most > 1_000_000, `it did fall behind: ${most}`);
  assert.ok(most <= MAX_BACKLOG_BYTES + 2 * bytes, `${most} bytes were kept for it`);
  const sequences = [...readFragments(concatBytes(got))].map(({ sequence }) => sequence);
  assert.deepEqual(sequences, Array.from({ length: count }, (_, i) => i + 1));
  await body.cancel();
  // It reads again.
  const reading = (async () => {
    while (await dead.read()) if (owed?.backlog === 0 && cam.hub.stats.skips > 0) return;
  })();
  for (let i = 0; cam.hub.stats.skips === 0; i++) {
    cam.hub.publish(plainBatch({ key: true, sequence: count + i }));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  cam.hub.close("over");
  await reading;
});
