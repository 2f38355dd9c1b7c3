/** Addresses of go2rtc and fmp4streamer over real HTTP: what is behind them, and what bad use of them gets. */

import assert from "node:assert/strict";
import { readAlias } from "../../../relay/http/aliases.ts";
import { describeStream, steadyPictures } from "../../support/batches.ts";
import { DeliveryServer } from "../../support/delivery_server.ts";

/** Every alias without a WebSocket, and what it stands for. */
const SAME: readonly (readonly [alias: string, of: string])[] = [
  ["/api/stream.mp4?src=cam", "/live/cam/stream.mp4"],
  ["/api/stream.ts?src=cam", "/live/cam/stream.ts"],
  ["/api/stream.m3u8?src=cam", "/live/cam/index.m3u8"],
  ["/api/frame.mp4?src=cam", "/live/cam/frame.mp4"],
  ["/stream.mp4", "/live/cam/stream.mp4"],
  ["/stream.m3u8", "/live/cam/index.m3u8"],
  ["/streaminf.m3u8", "/live/cam/index.m3u8"],
];

async function started(): Promise<DeliveryServer> {
  const server = await DeliveryServer.start(["cam", "other/one"]);
  const { segment, batches } = describeStream(steadyPictures({ count: 30, group: 10 }));
  server.stream("cam").hub.init(segment);
  for (const batch of batches) server.stream("cam").hub.publish(batch);
  return server;
}

Deno.test("HEAD of an alias says what HEAD of the stream's own address says", async () => {
  await using server = await started();
  for (const [alias, of] of SAME) {
    if (of.endsWith(".m3u8")) continue; // these lead there: below
    const [one, two] = await Promise.all(
      [alias, of].map((path) => fetch(`${server.url}${path}`, { method: "HEAD" })),
    );
    assert.deepEqual([one?.status, two?.status], [200, 200], alias);
    for (const header of ["content-type", "cache-control", "content-length"]) {
      assert.equal(one?.headers.get(header), two?.headers.get(header), `${alias}: ${header}`);
    }
  }
});

Deno.test("a playlist's alias leads to where its addresses hold, from any page", async () => {
  await using server = await started();
  for (
    const path of [
      ...["/api/stream.m3u8?src=other/one", "/api/stream.m3u8?src=cam"],
      ...["/stream.m3u8", "/streaminf.m3u8"],
    ]
  ) {
    const response = await fetch(`${server.url}${path}`, { redirect: "manual" });
    assert.equal(response.status, 302);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    const name = path.includes("other") ? "other/one" : "cam";
    const to = new URL(response.headers.get("location") ?? "", `${server.url}${path}`);
    assert.equal(to.href, `${server.url}/live/${name}/index.m3u8`);
    await response.body?.cancel();
  }
});

Deno.test("no such stream, or none named: 404 with a problem that says which there are", async () => {
  await using server = await started();
  const paths = SAME.map(([alias]) => alias).filter((alias) => alias.startsWith("/api/"));
  for (const alias of [...paths, "/api/frame.jpeg?src=cam", "/api/ws?src=cam"]) {
    for (const src of ["?src=nobody", "?src=", "", "?src=../cam", "?src=%00"]) {
      const response = await fetch(server.url + alias.replace(/\?.*/, src));
      assert.equal(response.status, 404, alias + src);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      const { type } = await response.json() as { type: string };
      assert.equal(type, "/problems/no-such-stream");
    }
  }
});

Deno.test("the first stream of none is a 404", async () => {
  await using server = await DeliveryServer.start([]);
  for (const path of ["/stream.mp4", "/stream.m3u8"]) {
    const response = await fetch(server.url + path);
    assert.equal(response.status, 404, path);
    await response.body?.cancel();
  }
});

Deno.test("wrong methods are 405, a plain request for the WebSocket is 426", async () => {
  await using server = await started();
  for (const [alias] of SAME) {
    for (const method of ["POST", "DELETE", "PUT"]) {
      const response = await fetch(server.url + alias, { method });
      assert.equal(response.status, 405, `${method} ${alias}`);
      assert.equal(response.headers.get("allow"), "GET, HEAD, OPTIONS");
      await response.body?.cancel();
    }
  }
  const plain = await fetch(`${server.url}/api/ws?src=cam`);
  assert.equal(plain.status, 426);
  assert.equal(plain.headers.get("upgrade"), "websocket");
  await plain.body?.cancel();
});

Deno.test("what is only like an alias is none", () => {
  const query = new URLSearchParams("src=cam");
  for (
    const path of ["/api/ws/", "/api/stream", "/api/streams", "/live/stream.mp4", "/stream.ts"]
  ) {
    assert.equal(readAlias(path, { query, first: () => "cam" }), undefined, path);
  }
});
