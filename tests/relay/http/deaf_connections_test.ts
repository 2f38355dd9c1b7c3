/**
 * Clients that vanish or read nothing more, over real sockets, on each port and by each way out: the relay lets go of the
 * viewer and of the socket. And those that only take their time, which it keeps.
 */

import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import { Hono } from "hono";
import type { CertificateSource } from "../../../relay/certificates/certificate_source.ts";
import { issue } from "../../../relay/certificates/x509.ts";
import { DELIVERIES } from "../../../relay/deliveries/mod.ts";
import { cutDeaf } from "../../../relay/http/deaf_connections.ts";
import { listen } from "../../../relay/http/server.ts";
import { Hub } from "../../../relay/hub/hub.ts";
import { describeStream, steadyPictures } from "../../support/batches.ts";
import { CutProxy } from "../../support/cut_proxy.ts";
import { FakeTime } from "../../support/fake_time.ts";
import { RawClient } from "../../support/raw_client.ts";
import { until } from "../../support/relay.ts";

const DEAF_MS = 1_500;
/** More than the kernel keeps of one connection at both of its ends. */
const LARGE = 40 * 1024 * 1024;
const DAY_MS = 86_400_000;
const UPGRADE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

interface Bench extends AsyncDisposable {
  readonly hub: Hub;
  readonly plain: number;
  readonly tls: number;
  /** What a client trusts. */
  readonly ca: string;
}

async function start(): Promise<Bench> {
  const hub = new Hub();
  const current = await issue({
    subject: "deaf",
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    names: { dns: ["localhost"], ip: ["127.0.0.1"] },
  });
  const certificate: CertificateSource = {
    current,
    onRenewed: () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const app = new Hono();
  app.get("/api/large", (c) => c.body(new Uint8Array(LARGE)));
  const streams = new Map([["cam", { name: "cam", hub, offline: undefined }]]);
  const address = { hostname: "127.0.0.1", port: 0 };
  const server = await listen(
    { app, streams, deliveries: DELIVERIES.map((open) => open()) },
    { plain: address, tls: { address, certificate }, limits: { deafMs: DEAF_MS } },
  );
  return {
    hub,
    plain: server.plain?.port ?? 0,
    tls: server.tls?.port ?? 0,
    ca: current.certificate,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Where the kernel's table of connections has what is asked of it (`proc_pid_net_tcp(5)`). */
const [LOCAL, STATE, INODE] = [1, 3, 9] as const;
const LISTENS = "0A";

/** This machine's ends of connections to `port` that a program holds, by inode: the kernel's own leavings have none. */
function ends(port: number): ReadonlySet<string> {
  const local = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = Deno.readTextFileSync("/proc/self/net/tcp").split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row[LOCAL]?.endsWith(`:${local}`) && row[STATE] !== LISTENS);
  return new Set(rows.map((row) => row[INODE] ?? "0").filter((inode) => inode !== "0"));
}

/** A client that asks for `path`; resolves when something has come. */
type Ask = (
  path: string,
  at: { port: number; ca: string; headers: readonly string[] },
) => Promise<Disposable>;

const ASKS: Readonly<Record<string, Ask>> = {
  "HTTP/1.1": async (path, { port, headers }) => {
    const client = await RawClient.request(port, `GET ${path} HTTP/1.1`, headers);
    await client.read();
    return client;
  },
  "HTTP/1.1 over TLS": async (path, { port, ca, headers }) => {
    const socket = connectTls({ port, host: "127.0.0.1", ca, ALPNProtocols: ["http/1.1"] });
    socket.on("error", () => socket.destroy()); // it is cut, as it should be
    const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers, "", ""];
    socket.write(lines.join("\r\n"));
    await new Promise((resolve) => socket.once("data", resolve));
    return { [Symbol.dispose]: () => void socket.destroy() };
  },
  "HTTP/2": async (path, { port, ca }) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, {
      ca,
      settings: { initialWindowSize: LARGE },
    });
    session.on("error", () => session.destroy());
    session.on("connect", () => session.setLocalWindowSize(LARGE));
    const stream = session.request({ ":path": path });
    stream.on("error", () => stream.destroy());
    await new Promise((resolve) => stream.once("data", resolve));
    return { [Symbol.dispose]: () => session.destroy() };
  },
};

const WAYS: readonly (readonly [name: string, path: string, by: readonly string[]])[] = [
  ["a WebSocket", "/live/cam/ws", ["HTTP/1.1", "HTTP/1.1 over TLS"]],
  ["stream.mp4", "/live/cam/stream.mp4", Object.keys(ASKS)],
  ["stream.ts", "/live/cam/stream.ts", Object.keys(ASKS)],
  ["an HLS segment", "hls", Object.keys(ASKS)],
  ["a body of the API", "/api/large", Object.keys(ASKS)],
];

/** The address of a segment that is larger than what the kernel keeps. */
async function largeSegment({ hub, plain }: Bench): Promise<string> {
  const { segment, batches } = describeStream(steadyPictures({ count: 91, group: 45 }));
  const bytes = new Uint8Array(LARGE / 45); // nobody decodes them
  hub.init(segment);
  const master = fetch(`http://127.0.0.1:${plain}/live/cam/index.m3u8`);
  await until(() => hub.takers === 1, { what: "the window" });
  for (const batch of batches) hub.publish({ ...batch, bytes });
  await (await master).body?.cancel();
  const playlist = await (await fetch(`http://127.0.0.1:${plain}/live/cam/hls/live.m3u8`)).text();
  const name = /^[^#].*\.m4s$/m.exec(playlist)?.[0];
  assert.ok(name, playlist);
  return `/live/cam/hls/${name}`;
}

for (const [what, where, by] of WAYS) {
  for (const how of by) {
    Deno.test(`${what} by ${how}, and nothing is read any more: the viewer and the socket are let go of`, async () => {
      await using bench = await start();
      const { hub } = bench;
      const { segment, batches: [first] } = describeStream(
        steadyPictures({ count: 1 }).map((picture) => ({ ...picture, bytes: 500_000 })),
      );
      assert.ok(first);
      const path = where === "hls" ? await largeSegment(bench) : where;
      if (where !== "hls") {
        hub.init(segment);
        hub.publish(first);
      }
      const watches = path.startsWith("/live/cam/") && where !== "hls";
      const before = hub.takers;
      const port = how === "HTTP/1.1" ? bench.plain : bench.tls;
      await using proxy = await CutProxy.start(port);
      const ask = ASKS[how];
      assert.ok(ask);
      const others = ends(port);
      const headers = path.endsWith("/ws") ? UPGRADE : [];
      using _client = await ask(path, { port: proxy.port, ca: bench.ca, headers });
      proxy.deafen();
      if (watches) assert.equal(hub.takers, before + 1);
      const [own, ...more] = ends(port).difference(others);
      assert.ok(own !== undefined && more.length === 0, "the relay's end of the one connection");
      await until(() => {
        if (watches) hub.publish(first);
        return !ends(port).has(own) && hub.takers === before;
      }, { what: "that end gone" });
    });
  }
}

/** A socket's figures, and whether it was cut. */
class FakeSocket {
  bytesWritten = 0;
  cut = false;
  looks = 0;
  #waiting = 0;

  get writableLength(): number {
    this.looks++;
    return this.#waiting;
  }

  set writableLength(bytes: number) {
    this.#waiting = bytes;
  }

  destroy(): void {
    this.cut = true;
  }
}

Deno.test("one that takes a little now and then is kept, and one that is owed nothing; one that takes nothing is not", async () => {
  using time = new FakeTime();
  const [slow, idle, deaf] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
  for (const socket of [slow, deaf]) {
    socket.bytesWritten = 1000;
    socket.writableLength = 900;
  }
  using _cutting = cutDeaf(new Set([slow, idle, deaf]), 30);
  const looked = async (): Promise<void> => {
    const before = deaf.looks;
    await until(() => deaf.looks > before + 4, { what: "another look" });
  };
  await looked();
  for (let taken = 101; taken < 110; taken++) {
    time.pass(29);
    slow.bytesWritten += 50;
    slow.writableLength = slow.bytesWritten - taken;
    deaf.bytesWritten += 50; // what it is sent is not what it takes
    deaf.writableLength = deaf.bytesWritten - 100;
    await looked();
  }
  assert.deepEqual([slow.cut, idle.cut, deaf.cut], [false, false, true]);
});
