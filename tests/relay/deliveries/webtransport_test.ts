/** WebTransport sessions over real QUIC: the transport of the web app at one end, hubs that the test feeds at the other. */

import assert from "node:assert/strict";
import { concatBytes, equalBytes } from "../../../shared/bytes.ts";
import { CLOSE } from "../../../shared/control.ts";
import type { WebTransportOffer } from "../../../shared/api.ts";
import { encodeFrame, FRAME, FrameReader, readFarewell } from "../../../shared/webtransport.ts";
import { GATHER_MS } from "../../../web/src/transports/receipts.ts";
import { webtransport } from "../../../web/src/transports/webtransport.ts";
import { MAX_BACKLOG_BYTES } from "../../../relay/hub/catch_up.ts";
import type { Hub } from "../../../relay/hub/hub.ts";
import type { Sink } from "../../../relay/hub/sink.ts";
import { TransportError } from "../../../web/src/transports/transport.ts";
import {
  type DescribedStream,
  describeStream,
  interleave,
  steadyPictures,
  steadySounds,
} from "../../support/batches.ts";
import { until } from "../../support/relay.ts";
import { TakingReceiver } from "../../support/taking_receiver.ts";
import { WebTransportServer } from "../../support/webtransport_server.ts";

const { segment, batches } = describeStream(
  interleave(steadyPictures({ count: 60, group: 10 }), steadySounds({ count: 90 })),
);
const FILE = concatBytes([segment.bytes, ...batches.map(({ bytes }) => bytes)]);

async function join(url: string): Promise<{
  readonly taken: TakingReceiver;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly stop: AbortController;
  readonly send: (message: { type: "ping"; id: number }) => void;
}> {
  const taken = new TakingReceiver();
  const stop = new AbortController();
  const { closed, send } = await webtransport.open(url, { receiver: taken, signal: stop.signal });
  return { taken, closed, stop, send };
}

/**
 * Publishes all, as fast as the viewer takes it. Resolves with what was sent to it: on a machine so busy that its receipts
 * are late the hub spares it some.
 */
async function publish(
  hub: Hub,
  { segment, batches }: DescribedStream,
  taken: TakingReceiver,
): Promise<readonly Uint8Array[]> {
  const sent = [segment.bytes];
  const sentBytes = (): number => hub.outlets().get("webtransport")?.bytes ?? 0;
  for (const [i, batch] of batches.entries()) {
    const before = sentBytes();
    hub.publish(batch);
    if (sentBytes() === before) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    else sent.push(batch.bytes);
    await until(() => taken.length >= sentBytes(), { what: `batch ${i}` });
  }
  return sent;
}

async function untilLogged({ log }: WebTransportServer, line: RegExp): Promise<void> {
  await until(() => log.some((each) => line.test(each)), { what: String(line) });
}

async function offer(url: string, stream = "cam"): Promise<WebTransportOffer> {
  const response = await fetch(`${url}/api/webtransport`, {
    method: "POST",
    body: JSON.stringify({ stream }),
  });
  assert.equal(response.status, 200);
  return await response.json();
}

function openSession({ url, certificateHashes }: WebTransportOffer): WebTransport {
  const session = new WebTransport(url, {
    serverCertificateHashes: certificateHashes.map(({ algorithm, value }) => ({
      algorithm,
      value: Uint8Array.fromBase64(value),
    })),
  });
  void Promise.allSettled([session.ready, session.closed]); // asked for below
  return session;
}

Deno.test("a viewer gets the stream's bytes, all and in order; many groups, and the clock", async () => {
  await using server = await WebTransportServer.start(["cam"]);
  const hub = server.hub("cam");
  const { taken, closed, stop, send } = await join(`${server.url}/live/cam`);
  await until(() => hub.takers === 1, { what: "the viewer" });
  assert.equal(hub.outlets().get("webtransport")?.viewers, 1, "counted by its transport");
  hub.init(segment);
  const sent = await publish(hub, { segment, batches }, taken);
  assert.ok(equalBytes(taken.bytes, concatBytes(sent)), "the bytes of a WebSocket");
  assert.equal(taken.said[0]?.type, "stream");
  send({ type: "ping", id: 7 });
  await until(() => taken.said.some(({ type }) => type === "pong"), { what: "an answer" });
  stop.abort();
  assert.deepEqual(await closed, { code: 1000, reason: "" });
  await until(() => hub.takers === 0, { what: "no takers" });
  await until(() => server.transport.sessions === 0, { what: "no sessions" });
  await untilLogged(server, /session of cam ended after [\d.]+ s: its viewer closed it/);
});

Deno.test("more groups than a connection has streams: each ends, and makes room for another", async () => {
  await using server = await WebTransportServer.start(["cam"]);
  const hub = server.hub("cam");
  const { taken, stop } = await join(`${server.url}/live/cam`);
  await until(() => hub.takers === 1, { what: "the viewer" });
  const many = describeStream(steadyPictures({ count: 400, group: 1 }));
  hub.init(many.segment);
  const sent = await publish(hub, many, taken);
  assert.ok(sent.length > 200, `${sent.length} groups`);
  assert.ok(equalBytes(taken.bytes, concatBytes(sent)));
  stop.abort();
});

Deno.test("one who joins late gets the whole current group; offline and new generations are told", async () => {
  await using server = await WebTransportServer.start(["cam"]);
  const hub = server.hub("cam");
  hub.init(segment);
  for (const batch of batches.slice(0, 15)) hub.publish(batch);
  const group = hub.group;
  const { taken, stop } = await join(`${server.url}/live/cam`);
  const file = concatBytes([segment.bytes, ...group.map(({ bytes }) => bytes)]);
  await until(() => taken.length >= file.length, { what: "init and group" });
  assert.ok(equalBytes(taken.bytes, file));

  hub.offline("the camera is gone");
  await until(() => taken.said.some(({ type }) => type === "offline"), { what: "the reason" });
  const second = describeStream(steadyPictures({ count: 5, group: 5 }), { generation: 2 });
  hub.init(second.segment);
  for (const batch of second.batches) hub.publish(batch);
  const more = concatBytes([second.segment.bytes, ...second.batches.map(({ bytes }) => bytes)]);
  await until(() => taken.length >= file.length + more.length, { what: "the next generation" });
  assert.ok(equalBytes(taken.bytes.subarray(file.length), more));
  const generations = taken.said.flatMap((said) => said.type === "stream" ? [said.generation] : []);
  assert.deepEqual(generations, [1, 2]);
  stop.abort();
});

Deno.test("no ticket, a spent one, a stream that is no more: the session is closed with the reason", async () => {
  await using server = await WebTransportServer.start(["cam"]);
  const good = await offer(server.url);
  const spent = openSession(good);
  await spent.ready;
  for (
    const url of [good.url, good.url.replace(/ticket=.*/, "ticket=x"), good.url.replace(/\?.*/, "")]
  ) {
    const { closeCode } = await openSession({ ...good, url }).closed;
    assert.equal(closeCode, CLOSE.noKey);
  }
  spent.close();
  await assert.rejects(join(`${server.url}/live/none`), TransportError);
});

Deno.test("no more sessions than may be; one that ends makes room", async () => {
  await using server = await WebTransportServer.start(["cam"], { maxSessions: 2 });
  const one = await join(`${server.url}/live/cam`);
  const two = await join(`${server.url}/live/cam`);
  await assert.rejects(join(`${server.url}/live/cam`), TransportError);
  one.stop.abort();
  await until(() => server.transport.sessions === 1, { what: "a place" });
  const three = await join(`${server.url}/live/cam`);
  for (const { stop } of [two, three]) stop.abort();
  await until(() => server.transport.sessions === 0, { what: "no sessions" });
});

Deno.test("one who connects and asks for nothing takes a stranger's place, which is free again when they go", async () => {
  await using server = await WebTransportServer.start(["cam"], { maxStrangers: 1 });
  const serverCertificateHashes = server.certificate.hashes.map((value) => (
    { algorithm: "sha-256", value }
  ));
  const { port } = server.transport;
  // Deno's types do not know of hashes here.
  const way = { hostname: "127.0.0.1", port, alpnProtocols: ["h3"], serverCertificateHashes };
  const stranger = await Deno.connectQuic(way);
  await until(() => server.transport.sessions === 1, { what: "the stranger" });
  await assert.rejects(join(`${server.url}/live/cam`), TransportError);
  stranger.close();
  await until(() => server.transport.sessions === 0, { what: "their place" });
  const { stop } = await join(`${server.url}/live/cam`);
  stop.abort();
});

Deno.test("a viewer that breaks the framing is told so, and no other is the worse for it", async () => {
  await using server = await WebTransportServer.start(["cam"]);
  const hub = server.hub("cam");
  const { taken, stop } = await join(`${server.url}/live/cam`);
  const session = openSession(await offer(server.url));
  await session.ready;
  const { writable } = await session.createBidirectionalStream();
  const writer = writable.getWriter();
  await writer.write(encodeFrame(99, new Uint8Array(3))); // unknown: passed over
  await writer.write(encodeFrame(FRAME.receipt, new Uint8Array(3)));
  await until(() => hub.takers === 2, { what: "both" });
  void Promise.allSettled([writer.write(Uint8Array.of(FRAME.message, 0xff, 0xff, 0xff, 0xff))]);
  assert.equal((await session.closed).closeCode, CLOSE.policy);
  await untilLogged(server, /session of cam ended .*: the relay closed it: .*longer than any/);
  hub.init(segment);
  for (const batch of batches) hub.publish(batch);
  await until(() => taken.length >= FILE.length, { what: "all media" });
  stop.abort();
});

Deno.test("a viewer that takes nothing is owed its bound, and the other gets everything", async () => {
  await using server = await WebTransportServer.start(["cam"]);
  const hub = server.hub("cam");
  const sinks: Sink[] = [];
  const subscribe = hub.subscribe.bind(hub);
  hub.subscribe = (sink) => {
    sinks.push(sink);
    return subscribe(sink);
  };
  const { taken, stop } = await join(`${server.url}/live/cam`);
  await until(() => sinks.length === 1, { what: "the viewer" });
  const session = openSession(await offer(server.url)); // reads nothing, says nothing
  await session.ready;
  const { writable } = await session.createBidirectionalStream();
  await writable.getWriter().write(encodeFrame(FRAME.hello, new Uint8Array(0)));
  await until(() => sinks.length === 2, { what: "both" });
  const bytes = 150_000;
  const big = describeStream(
    steadyPictures({ count: 120, group: 10 }).map((sample) => ({ ...sample, bytes })), // 18 MB
  );
  hub.init(big.segment);
  let most = 0;
  let length = big.segment.bytes.length;
  for (const [i, batch] of big.batches.entries()) {
    hub.publish(batch);
    most = Math.max(most, sinks[1]?.backlog ?? Infinity);
    length += batch.bytes.length;
    await until(() => taken.length >= length, { what: `picture ${i} at the other` });
  }
  assert.ok(most > 1_000_000, "it did fall behind");
  assert.ok(most <= MAX_BACKLOG_BYTES + 2 * bytes, `${most} bytes were kept for it`);
  assert.equal(taken.said.filter(({ type }) => type === "skip").length, 0, "nothing is left out");
  stop.abort();
  session.close();
});

Deno.test("certificates turn while sessions run: the old go on, new ones are met with the new", async () => {
  await using server = await WebTransportServer.start(["cam"], { certificateLifeMs: 6_000 });
  const hub = server.hub("cam");
  const before = await offer(server.url);
  const first = await join(`${server.url}/live/cam`);
  await until(() => hub.takers === 1, { what: "the viewer" });
  await until(() => server.log.some((line) => line.includes("new certificate")), {
    what: "a turn",
  });
  const late = openSession(before); // asked before the turn, comes after it
  await late.ready;
  late.close();
  const second = await join(`${server.url}/live/cam`);
  await until(() => hub.takers === 2, { what: "another viewer" });
  hub.init(segment);
  for (const batch of batches) hub.publish(batch);
  await until(() => first.taken.length >= FILE.length, { what: "media in the old session" });
  await until(() => second.taken.length >= FILE.length, { what: "media in the new session" });
  for (const { stop } of [first, second]) stop.abort();
});

Deno.test("the relay stops: viewers are told", async () => {
  const server = await WebTransportServer.start(["cam"]);
  const { closed } = await join(`${server.url}/live/cam`);
  await until(() => server.hub("cam").takers === 1, { what: "the viewer" });
  await server[Symbol.asyncDispose]();
  assert.equal((await closed).code, CLOSE.goingAway);
  await untilLogged(server, /session of cam ended .*: the relay closed it: the relay stops/);
});

Deno.test("a farewell comes before the close, which waits for the viewer, but not for long", async () => {
  await using server = await WebTransportServer.start(["cam"]);
  const session = openSession(await offer(server.url));
  await session.ready;
  const { readable, writable } = await session.createBidirectionalStream();
  await writable.getWriter().write(encodeFrame(FRAME.hello, new Uint8Array(0)));
  await until(() => server.hub("cam").takers === 1, { what: "the viewer" });
  const ending = server.transport.endSessions("a turn");
  const frames = new FrameReader();
  const said: unknown[] = [];
  const reader = readable.getReader();
  while (said.length === 0) {
    const { value } = await reader.read();
    frames.push(value ?? assert.fail("closed without a word"), (kind, body) => {
      if (kind === FRAME.farewell) said.push(readFarewell(body));
    });
  }
  assert.deepEqual(said, [{ code: CLOSE.goingAway, reason: "a turn" }]);
  assert.equal(server.transport.sessions, 1, "it may still close by itself");
  await ending; // this one does not
  assert.equal((await session.closed).closeCode, CLOSE.goingAway);
});
