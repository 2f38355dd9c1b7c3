/** go2rtc's WebSocket, message by message over real sockets, as its own clients and cards speak it. */

import assert from "node:assert/strict";
import { toHex } from "../../../shared/bytes.ts";
import { findBoxes, i32At, i64At, u32At } from "../../../shared/mp4/box_reader.ts";
import { describeStream, steadyPictures } from "../../support/batches.ts";
import { DeliveryServer } from "../../support/delivery_server.ts";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";
import { RawClient } from "../../support/raw_client.ts";
import { until } from "../../support/relay.ts";

const MIME = 'video/mp4; codecs="avc1.42c01f,mp4a.40.2"';

/** A client that keeps what it gets: texts as they are, bytes as hex. */
class Client implements AsyncDisposable {
  readonly got: string[] = [];
  readonly closed: Promise<CloseEvent>;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
      this.got.push(typeof data === "string" ? data : toHex(new Uint8Array(data)));
    this.closed = new Promise((resolve) => socket.onclose = resolve);
  }

  static async open(server: DeliveryServer, src = "cam"): Promise<Client> {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/ws?src=${src}`);
    const client = new Client(socket);
    await new Promise((resolve) => socket.onopen = resolve);
    return client;
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  async until(count: number): Promise<readonly string[]> {
    await until(() => this.got.length >= count, { what: `${count} messages` });
    return this.got;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}

Deno.test("asked for mse: the MIME type, the init segment, the current group, then live", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const { segment, batches } = describeStream(steadyPictures({ count: 30, group: 10 }));
  hub.init({ ...segment, mime: MIME });
  for (const batch of batches.slice(0, 15)) hub.publish(batch);
  await using client = await Client.open(server);
  client.send({ type: "mse", value: "avc1.640029,avc1.64002A,hvc1.1.6.L153.B0,mp4a.40.2,flac" });
  await client.until(2);
  for (const batch of batches.slice(15)) hub.publish(batch);
  const [answer, ...media] = await client.until(2 + 20);
  assert.deepEqual(JSON.parse(answer ?? ""), { type: "mse", value: MIME });
  assert.match(media[0] ?? "", /^.{8}66747970/, "ftyp");
  assert.deepEqual(media.slice(1), batches.slice(10).map(({ bytes }) => toHex(bytes)));
});

Deno.test("a client's time begins at 0, whenever it comes: the init segment says so, the batches are the same", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const { segment, batches } = describeStream(steadyPictures({ count: 30, group: 10 }));
  hub.init({ ...segment, mime: MIME });
  for (const batch of batches.slice(0, 25)) hub.publish(batch);
  const first = batches[20];
  const begins = first?.fragments[0]?.pts ?? 0;
  assert.ok(begins > 0);
  await using one = await Client.open(server);
  await using two = await Client.open(server);
  for (const client of [one, two]) {
    client.send({ type: "mse", value: "avc1.640029" });
    const [, init = "", media = ""] = await client.until(3);
    const [edit] = [
      ...findBoxes(Uint8Array.fromHex(init.replaceAll(/\s/g, "")), "moov/trak/edts/elst"),
    ];
    assert.ok(edit, "there is an edit list");
    assert.equal(u32At(edit.body, 4), 1, "of one entry");
    assert.equal(edit.body[0] === 1 ? i64At(edit.body, 16) : i32At(edit.body, 12), begins);
    assert.equal(media, toHex(first?.bytes ?? new Uint8Array()));
  }
});

Deno.test("nothing is sent, and nothing taken of the stream, before it is asked for", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  await using client = await Client.open(server);
  client.send({ type: "mjpeg" });
  await client.until(1);
  assert.equal(hub.takers, 0);
  client.send({ type: "mse" });
  await client.until(3);
  assert.equal(hub.takers, 1);
});

Deno.test("WebRTC and the rest are refused by name, candidates and nonsense ignored; mse goes on", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.init({ ...plainSegment(), mime: MIME });
  hub.publish(plainBatch({ key: true }));
  await using client = await Client.open(server);
  client.send({ type: "webrtc/candidate", value: "" });
  client.send("{");
  client.send({ type: "webrtc/offer", value: "v=0\r\n".repeat(4_000) });
  client.send({ type: "mjpeg" });
  client.send({ type: "mse", value: "avc1.640029" });
  client.send({ type: "mse", value: "avc1.640029" }); // again is nothing
  const got = await client.until(4);
  const texts = got.slice(0, 3).map((text) => JSON.parse(text) as { type: string; value: string });
  assert.deepEqual(texts.map(({ type }) => type), ["error", "error", "mse"]);
  assert.match(texts[0]?.value ?? "", /^webrtc\/offer: /);
  assert.match(texts[1]?.value ?? "", /^mjpeg: /);
  assert.equal(hub.takers, 1);
});

Deno.test("asked for hls: a playlist whose one address, made as go2rtc's player makes it, leads to the stream's own", async () => {
  await using server = await DeliveryServer.start(["yard/cam"]);
  const { hub } = server.stream("yard/cam");
  const { segment, batches } = describeStream(steadyPictures({ count: 30, group: 10 }));
  hub.init({ ...segment, mime: MIME });
  for (const batch of batches) hub.publish(batch);
  await using client = await Client.open(server, "yard/cam");
  client.send({ type: "hls", value: "avc1.640029,mp4a.40.2" });
  const [answer = ""] = await client.until(1);
  const { type, value } = JSON.parse(answer) as { type: string; value: string };
  assert.equal(type, "hls");
  assert.match(
    value,
    /^#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=\d+,CODECS="avc1.42c01f,mp4a.40.2"\nhls\//,
  );
  const playlist = value.replace("hls/", `${server.url}/api/hls/`);
  const media = await fetch(playlist.trim().split("\n").at(-1) ?? "");
  assert.equal(media.status, 200);
  assert.equal(new URL(media.url).pathname, "/live/yard/cam/hls/live.m3u8");
  assert.equal(media.headers.get("access-control-allow-origin"), "*", "a data URL has no origin");
  assert.match(await media.text(), /#EXT-X-MAP/);
});

Deno.test("a client without Opus gets the stream with its sound in AAC; one that has Opus, or does not say, as it is", async () => {
  const opus = MIME.replace("mp4a.40.2", "opus");
  await using server = await DeliveryServer.start(["cam", "cam~aac"]);
  const [cam, inAac] = [server.stream("cam").hub, server.stream("cam~aac").hub];
  for (const [hub, mime] of [[cam, opus], [inAac, MIME]] as const) {
    hub.init({ ...plainSegment(), mime });
    hub.publish(plainBatch({ key: true }));
  }
  const cases = [["avc1.640029,mp4a.40.2", MIME], ["avc1.640029,opus", opus], ["", opus]] as const;
  for (const [value, mime] of cases) {
    await using client = await Client.open(server);
    client.send({ type: "mse", value });
    const [answer = ""] = await client.until(3);
    assert.deepEqual(JSON.parse(answer), { type: "mse", value: mime });
  }
  await until(() => cam.takers + inAac.takers === 0, { what: "no takers" });
});

Deno.test("asked for hls of a stream with Opus: the playlist with its sound in AAC", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  server.stream("cam").hub.init({ ...plainSegment(), mime: MIME.replace("mp4a.40.2", "opus") });
  await using client = await Client.open(server);
  client.send({ type: "hls", value: "" });
  const [answer = ""] = await client.until(1);
  const { value } = JSON.parse(answer) as { value: string };
  assert.match(value, /CODECS="avc1\.42c01f,mp4a\.40\.2"\nhls\/playlist\.m3u8\?src=cam~aac\n$/);
});

Deno.test("a client that plays none of the codecs is told so, costs nothing, and may ask again", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.init({ ...plainSegment(), mime: MIME });
  hub.publish(plainBatch({ key: true }));
  await using client = await Client.open(server);
  client.send({ type: "mse", value: "hvc1.1.6.L153.B0,flac" });
  const [error = ""] = await client.until(1);
  const { type, value } = JSON.parse(error) as { type: string; value: string };
  assert.equal(type, "error");
  assert.match(value, /^mse: .*avc1\.42c01f/);
  await until(() => hub.takers === 0, { what: "no takers" });
  hub.publish(plainBatch({ key: true, sequence: 2 }));
  client.send({ type: "mse", value: "avc1.640029" });
  const [, answer = ""] = await client.until(3);
  assert.deepEqual(JSON.parse(answer), { type: "mse", value: MIME });
});

Deno.test("one that waits for a camera is told when it is offline, and gets it when it comes", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  await using client = await Client.open(server);
  client.send({ type: "mse", value: "avc1.640029" });
  await until(() => hub.takers === 1, { what: "a taker" });
  hub.offline("The camera answered 500.");
  const [offline = ""] = await client.until(1);
  assert.deepEqual(JSON.parse(offline), { type: "offline", value: "The camera answered 500." });
  hub.init({ ...plainSegment(), mime: MIME });
  hub.publish(plainBatch({ key: true }));
  const [, answer = ""] = await client.until(2);
  assert.deepEqual(JSON.parse(answer), { type: "mse", value: MIME });
});

Deno.test("a new generation ends the connection: the client comes back for it", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.init(plainSegment(1));
  hub.publish(plainBatch({ key: true }));
  await using client = await Client.open(server);
  client.send({ type: "mse" });
  await client.until(3);
  hub.init(plainSegment(2));
  hub.publish(plainBatch({ key: true, generation: 2 }));
  assert.equal((await client.closed).code, 1001);
  assert.equal(client.got.length, 3, "nothing of the second came");
  await until(() => hub.takers === 0, { what: "no takers" });
});

Deno.test("one that leaves is forgotten", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  {
    await using client = await Client.open(server);
    client.send({ type: "mse" });
    await until(() => hub.takers === 1, { what: "a taker" });
  }
  await until(() => hub.takers === 0, { what: "no takers" });
});

Deno.test("no such stream, or none named: 404 with a problem instead of a WebSocket", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  for (const path of ["/api/ws?src=nobody", "/api/ws", "/api/ws?src="]) {
    using client = await RawClient.request(server.port, `GET ${path} HTTP/1.1`, [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]);
    await client.until((text) => /^HTTP\/1\.1 404 [^]*"status":404/.test(text));
  }
});
