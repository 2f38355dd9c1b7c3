/** The TLS port: each protocol it speaks, the certificate exchanged while it listens, what a stalled client costs. */

import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { X509Certificate } from "node:crypto";
import { Hono } from "hono";
import { WebSocket } from "ws";
import type { CertificateSource } from "../../../relay/certificates/certificate_source.ts";
import { type Identity, issue } from "../../../relay/certificates/x509.ts";
import { DELIVERIES } from "../../../relay/deliveries/mod.ts";
import { Hub } from "../../../relay/hub/hub.ts";
import { listen, type RunningServer } from "../../../relay/http/server.ts";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";
import { until } from "../../support/relay.ts";

const DAY_MS = 86_400_000;

function identity(subject: string): Promise<Identity> {
  return issue({
    subject,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    names: { dns: ["localhost"], ip: ["127.0.0.1"] },
  });
}

/** A certificate that the test exchanges. */
class TestCertificate implements CertificateSource {
  current: Identity;
  #use: (identity: Identity) => void = () => {};

  constructor(first: Identity) {
    this.current = first;
  }

  onRenewed(use: (identity: Identity) => void): void {
    this.#use = use;
  }

  renew(next: Identity): void {
    this.current = next;
    this.#use(next);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

interface Bench extends AsyncDisposable {
  readonly server: RunningServer;
  readonly port: number;
  readonly hub: Hub;
  readonly certificate: TestCertificate;
}

async function start(
  limits: { maxConnections?: number; headersTimeoutMs?: number; keepAliveMs?: number } = {},
): Promise<Bench> {
  const hub = new Hub();
  const certificate = new TestCertificate(await identity("first"));
  const app = new Hono();
  app.get("/hello", (c) => c.text("hello"));
  const server = await listen({
    app,
    streams: new Map([["cam", { name: "cam", hub, offline: undefined }]]),
    deliveries: DELIVERIES.map((open) => open()),
  }, { limits, tls: { address: { hostname: "127.0.0.1", port: 0 }, certificate } });
  return {
    server,
    port: server.address.port,
    hub,
    certificate,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A TLS connection that trusts what `certificate` says now. */
async function dial({ port, certificate }: Bench, protocol: string): Promise<TLSSocket> {
  const socket = connect({
    port,
    host: "127.0.0.1",
    ca: certificate.current.certificate,
    ALPNProtocols: [protocol],
  });
  await new Promise((resolve, reject) => socket.on("secureConnect", resolve).on("error", reject));
  return socket;
}

/** Everything that comes until the end. */
async function rest(socket: TLSSocket): Promise<string> {
  let text = "";
  for await (const part of socket) text += String(part);
  return text;
}

Deno.test("HTTP/1.1 and HTTP/2 reach the same routes", async () => {
  await using bench = await start();
  const one = await dial(bench, "http/1.1");
  one.write("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  assert.match(await rest(one), /^HTTP\/1\.1 200 [^]*hello$/);
  const session = connectHttp2(`https://127.0.0.1:${bench.port}`, {
    ca: bench.certificate.current.certificate,
  });
  const get = (path: string): Promise<readonly [number, string]> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":path": path });
      let status = 0;
      let body = "";
      stream.on("response", (headers) => status = Number(headers[":status"]));
      stream.on("data", (data) => body += String(data));
      stream.on("end", () => resolve([status, body]));
      stream.on("error", reject);
    });
  assert.deepEqual(await get("/hello"), [200, "hello"]);
  const [missing, problem] = await get("/live/none/stream.mp4");
  assert.equal(missing, 404);
  assert.match(problem, /no-such-stream/);
  const [upgrade] = await get("/live/cam/ws");
  assert.equal(upgrade, 426, "no connection header, which HTTP/2 forbids");
  session.destroy();
});

Deno.test("no connection holds back the end of a picture until the one before is acknowledged", async () => {
  await using bench = await start();
  /** Ports of clients to which is sent at once (TCP_NODELAY). */
  const prompt = new Set<number | undefined>();
  const { setNoDelay } = Socket.prototype;
  Socket.prototype.setNoDelay = function (this: Socket, on?: boolean): Socket {
    if (on === true) prompt.add(this.remotePort);
    return setNoDelay.call(this, on);
  };
  try {
    for (const protocol of ["http/1.1", "h2"]) {
      const socket = await dial(bench, protocol);
      assert.ok(prompt.has(socket.localPort), protocol);
      socket.destroy();
    }
  } finally {
    Socket.prototype.setNoDelay = setNoDelay;
  }
});

Deno.test("media over HTTP/2 and over a WebSocket is the plain port's", async () => {
  await using bench = await start();
  bench.hub.init(plainSegment());
  bench.hub.publish(plainBatch({ key: true }));
  const session = connectHttp2(`https://127.0.0.1:${bench.port}`, {
    ca: bench.certificate.current.certificate,
  });
  const stream = session.request({ ":path": "/live/cam/stream.mp4" });
  let body = 0;
  stream.on("data", (data: Uint8Array) => body += data.length);
  const expected = plainSegment().bytes.length + plainBatch({ key: true }).bytes.length;
  await until(() => body === expected, { what: "init and first group" });
  const viewer = new WebSocket(`wss://127.0.0.1:${bench.port}/live/cam/ws`, {
    ca: bench.certificate.current.certificate,
  });
  let received = 0;
  viewer.on("message", (data: Uint8Array, isBinary: boolean) => {
    if (isBinary) received += data.byteLength;
  });
  await until(() => received === expected, { what: "the same over wss" });
  assert.equal(bench.hub.takers, 2);
  stream.close();
  viewer.close();
  await until(() => bench.hub.takers === 0, { what: "nobody left" });
  session.destroy();
});

Deno.test("a renewed certificate serves new connections, and old ones live on", async () => {
  await using bench = await start();
  const before = await dial(bench, "http/1.1");
  const next = await identity("second");
  bench.certificate.renew(next);
  const after = await dial(bench, "http/1.1");
  const serial = new X509Certificate(next.certificate).serialNumber;
  assert.equal(after.getPeerCertificate().serialNumber, serial);
  after.destroy();
  before.write("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  assert.match(await rest(before), /200 [^]*hello$/);
});

Deno.test("handshakes and heads that stall are ended", async () => {
  await using bench = await start({ headersTimeoutMs: 200 });
  const silent = await Deno.connect({ port: bench.port });
  assert.equal(await silent.read(new Uint8Array(1)), null, "no handshake");
  const slow = await dial(bench, "http/1.1");
  slow.write("GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  assert.match(await rest(slow), /^HTTP\/1\.1 408 /);
  const idle = await dial(bench, "h2");
  idle.resume();
  await new Promise((resolve) => idle.on("close", resolve));
  silent.close();
});

Deno.test("a connection that has asked is not ended by the limit on its head", async () => {
  await using bench = await start({ headersTimeoutMs: 500 });
  bench.hub.init(plainSegment());
  bench.hub.publish(plainBatch({ key: true }));
  const ca = bench.certificate.current.certificate;
  const session = connectHttp2(`https://127.0.0.1:${bench.port}`, { ca });
  const stream = session.request({ ":path": "/live/cam/stream.mp4" });
  let bytes = 0;
  stream.on("data", (data: Uint8Array) => bytes += data.length);
  const one = await dial(bench, "http/1.1");
  one.write("GET /live/cam/stream.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  one.resume();
  const viewer = new WebSocket(`wss://127.0.0.1:${bench.port}/live/cam/ws`, { ca });
  await until(() => bench.hub.takers === 3 && bytes > 0, { what: "three takers" });
  const idle = await dial(bench, "http/1.1"); // came last: when it is ended, the others' time is over too
  await rest(idle);
  const before = bytes;
  bench.hub.publish(plainBatch({ key: true }));
  await until(() => bytes > before, { what: "more over HTTP/2" });
  assert.equal(bench.hub.takers, 3);
  viewer.close();
  one.destroy();
  session.destroy();
});

Deno.test("an HTTP/2 connection with nothing to do is ended, one with a viewer on it is not", async () => {
  await using bench = await start({ keepAliveMs: 100 });
  bench.hub.init(plainSegment());
  bench.hub.publish(plainBatch({ key: true }));
  const ca = bench.certificate.current.certificate;
  const open = (): ReturnType<typeof connectHttp2> =>
    connectHttp2(`https://127.0.0.1:${bench.port}`, { ca });
  const ask = (session: ReturnType<typeof open>): Promise<unknown> => {
    const stream = session.request({ ":path": "/hello" });
    stream.resume();
    return new Promise((resolve) => stream.on("close", resolve));
  };
  const [idle, busy] = [open(), open()];
  const ended = new Promise((resolve) => idle.on("close", resolve));
  let busyEnded = false;
  busy.on("close", () => void (busyEnded = true));
  const viewer = busy.request({ ":path": "/live/cam/stream.mp4" });
  viewer.resume();
  await until(() => bench.hub.takers === 1, { what: "the viewer" });
  await ask(busy);
  await ask(idle);
  await ended; // it had its last answer later
  assert.equal(busyEnded, false);
  assert.equal(bench.hub.takers, 1);
  viewer.close();
  await until(() => busyEnded, { what: "the other's end" });
});

Deno.test("a viewer over HTTP/2 that reads nothing has a bounded backlog", async () => {
  await using bench = await start();
  bench.hub.init(plainSegment());
  bench.hub.publish(plainBatch({ key: true }));
  const session = connectHttp2(`https://127.0.0.1:${bench.port}`, {
    ca: bench.certificate.current.certificate,
  });
  const stream = session.request({ ":path": "/live/cam/stream.mp4" }); // no one reads it: its window fills
  await until(() => bench.hub.takers === 1, { what: "the viewer" });
  let published = 0;
  await until(() => {
    bench.hub.publish(plainBatch({ bytes: 200_000, key: true }));
    published += 200_000;
    const sent = bench.hub.outlets().get("http")?.bytes ?? 0;
    return published - sent > 5_000_000;
  }, { what: "skipping" });
  assert.ok((bench.hub.outlets().get("http")?.bytes ?? 0) < 16_000_000, "pushed beyond any limit");
  stream.destroy();
  session.destroy();
});

Deno.test("what is no TLS at all is closed, and the port lives on", async () => {
  await using bench = await start();
  const plain = await Deno.connect({ port: bench.port });
  await plain.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const buffer = new Uint8Array(512);
  while (await plain.read(buffer).catch(() => null) !== null);
  plain.close();
  const one = await dial(bench, "http/1.1");
  one.write("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  assert.match(await rest(one), /200 /);
});

Deno.test("one connection beyond the limit is closed at once", async () => {
  await using bench = await start({ maxConnections: 2 });
  const held = [await dial(bench, "http/1.1"), await dial(bench, "http/1.1")];
  const over = await Deno.connect({ port: bench.port });
  assert.equal(await over.read(new Uint8Array(1)).catch(() => null), null);
  over.close();
  for (const socket of held) socket.destroy();
});
