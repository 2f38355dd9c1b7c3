/** The plain port: which request goes where, what is refused and how, and how it stops. */

import assert from "node:assert/strict";
import { DeliveryServer } from "../../support/delivery_server.ts";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";
import { RawClient } from "../../support/raw_client.ts";
import { until } from "../../support/relay.ts";
import { Hono } from "hono";
import { ListenError } from "../../../relay/http/listener.ts";
import { listenPlain } from "../../../relay/http/plain_listener.ts";
import { listen } from "../../../relay/http/server.ts";

/** The status and the problem's type of an answer. */
async function ask(url: string, init: RequestInit = {}): Promise<readonly [number, string]> {
  const response = await fetch(url, init);
  const isProblem = response.headers.get("content-type") === "application/problem+json";
  const text = await response.text();
  if (!isProblem) return [response.status, ""];
  const problem = JSON.parse(text) as { type: string; status: number; detail: string };
  assert.equal(problem.status, response.status);
  assert.match(problem.detail, /\.$/, "a sentence");
  assert.equal(response.headers.get("cache-control"), "no-store");
  return [response.status, problem.type];
}

const REFUSALS: readonly (readonly [string, string, number, string])[] = [
  ["GET", "/live/none/stream.mp4", 404, "/problems/no-such-stream"],
  ["GET", "/live/none/frame.mp4", 404, "/problems/no-such-stream"],
  ["GET", "/live/cam/ws", 426, "/problems/upgrade-required"],
  ["POST", "/live/cam/ws", 426, "/problems/upgrade-required"],
  ["POST", "/live/cam/stream.mp4", 405, "/problems/method-not-allowed"],
  ["DELETE", "/live/cam/frame.mp4", 405, "/problems/method-not-allowed"],
  ["GET", "/live/cam", 404, ""],
  ["GET", "/nothing", 404, ""],
];

Deno.test("what is not there is refused in words", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  for (const [method, path, status, type] of REFUSALS) {
    assert.deepEqual(await ask(server.url + path, { method }), [status, type], `${method} ${path}`);
  }
  const wrong = await fetch(`${server.url}/live/cam/stream.mp4`, { method: "PUT" });
  assert.equal(wrong.headers.get("allow"), "GET, HEAD, OPTIONS");
  await wrong.body?.cancel();
  const upgrade = await fetch(`${server.url}/live/cam/ws`);
  assert.equal(upgrade.headers.get("upgrade"), "websocket");
  await upgrade.body?.cancel();
});

Deno.test("a plain request for a WebSocket is told to upgrade, as RFC 9110 §7.8 has it", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  using client = await RawClient.request(server.port, "GET /live/cam/ws HTTP/1.1");
  assert.ok(await client.until((text) => text.includes("/problems/upgrade-required")));
  const head = new TextDecoder().decode(client.received).toLowerCase();
  assert.match(head, /\r\nconnection: [^\r]*upgrade/);
  assert.match(head, /\r\nupgrade: websocket\r\n/);
});

Deno.test("media, and why there are none, may be read by pages of any origin, without credentials", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  const paths = [
    "/live/cam/stream.mp4",
    "/live/cam/frame.mp4",
    "/live/none/stream.mp4",
    "/live/cam/ws",
    "/live/cam/hls/other.m4s",
    "/api/stream.mp4?src=cam",
    "/api/frame.mp4?src=none",
    "/stream.mp4",
  ];
  for (const path of paths) {
    const url = server.url + path;
    const { headers, body } = await fetch(url, { headers: { origin: "https://example.org" } });
    await body?.cancel();
    assert.equal(headers.get("access-control-allow-origin"), "*", path);
    assert.equal(headers.get("access-control-allow-credentials"), null, path);
    assert.equal(headers.get("cross-origin-resource-policy"), "cross-origin", path);
  }
  const asked = await fetch(`${server.url}/live/cam/stream.mp4`, {
    method: "OPTIONS",
    headers: {
      "origin": "https://example.org",
      "access-control-request-method": "GET",
      "access-control-request-headers": "x-player",
    },
  });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get("access-control-allow-origin"), "*");
  assert.match(asked.headers.get("access-control-allow-methods") ?? "", /GET/);
  assert.equal(asked.headers.get("access-control-allow-headers"), "*");
  assert.equal(hub.takers, 0, "who only asks is no viewer");
});

Deno.test("HEAD of a refusal has its status and no body", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const response = await fetch(`${server.url}/live/none/stream.mp4`, { method: "HEAD" });
  assert.deepEqual([response.status, await response.text()], [404, ""]);
});

Deno.test("names with several parts, and names that look like resources inside", async () => {
  await using server = await DeliveryServer.start(["yard/north", "ws/a"]);
  for (const name of ["yard/north", "ws/a"]) {
    const response = await fetch(`${server.url}/live/${name}/stream.mp4`, { method: "HEAD" });
    assert.equal(response.status, 503, "known, and nothing has come yet");
  }
  assert.deepEqual(await ask(`${server.url}/live/north/stream.mp4`), [
    404,
    "/problems/no-such-stream",
  ]);
});

const STRANGE_TARGETS = [
  "/live/%/ws",
  "/live/%ff/stream.mp4",
  "//",
  "/live//stream.mp4",
  "*",
  "/%00",
];

Deno.test("strange targets are answered, and the server lives on", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  for (const target of STRANGE_TARGETS) {
    using client = await RawClient.request(server.port, `GET ${target} HTTP/1.1`, [
      "Connection: close",
    ]);
    assert.match(await client.rest(), /^HTTP\/1\.1 4\d\d /, target);
  }
  const head = await fetch(`${server.url}/live/cam/stream.mp4`, { method: "HEAD" });
  assert.equal(head.status, 503);
});

Deno.test("an upgrade of what is no socket is refused, and the connection ends", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  for (const path of ["/live/cam/stream.mp4", "/live/cam", "/", "/live/%ff/ws"]) {
    using client = await RawClient.request(server.port, `GET ${path} HTTP/1.1`, [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]);
    assert.match(await client.rest(), /^HTTP\/1\.1 404 /, path);
  }
});

Deno.test("a port that is taken is said in a sentence", async () => {
  await using server = await DeliveryServer.start([]);
  const again = listen({ app: new Hono(), streams: new Map(), deliveries: [] }, {
    plain: { hostname: "127.0.0.1", port: server.port },
  });
  await assert.rejects(again, (error) => {
    assert.ok(error instanceof ListenError);
    assert.match(error.message, new RegExp(`^port ${server.port} is taken: .*--listen`));
    return true;
  });
});

Deno.test("an address that is not this machine's is said in a sentence", async () => {
  const elsewhere = listen({ app: new Hono(), streams: new Map(), deliveries: [] }, {
    plain: { hostname: "192.0.2.1", port: 0 },
  });
  await assert.rejects(elsewhere, /no address 192\.0\.2\.1.*--listen/);
});

Deno.test("stopping ends every kind of connection, those that read nothing too, within five seconds", async () => {
  const server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  using idle = await RawClient.request(server.port, "GET /live/none/frame.mp4 HTTP/1.1");
  await idle.until((text) => text.includes("\r\n\r\n"));
  using body = await RawClient.request(server.port, "GET /live/cam/stream.mp4 HTTP/1.1");
  using dead = await RawClient.webSocket(server.port, "/live/cam/ws");
  using refused = await RawClient.request(server.port, "GET /live/cam HTTP/1.1", [
    "Connection: Upgrade",
    "Upgrade: websocket",
  ]);
  await refused.until((text) => text.includes("\r\n\r\n")); // and does not close its end
  const viewer = new WebSocket(`${server.url.replace("http", "ws")}/live/cam/ws`);
  const closed = new Promise<CloseEvent>((resolve) => viewer.onclose = resolve);
  await until(() => hub.takers === 3, { what: "three takers" });
  for (let i = 0; i < 40; i++) hub.publish(plainBatch({ bytes: 500_000 }));
  const began = performance.now();
  await server[Symbol.asyncDispose]();
  assert.ok(performance.now() - began < 5000);
  const { code, reason } = await closed;
  assert.deepEqual([code, reason], [1001, "the relay stops"]);
  await body.rest(); // ends
  await dead.rest();
  assert.equal(hub.takers, 0);
});

Deno.test("a next request's head that does not come is not waited for", async () => {
  await using listener = await listenPlain(
    {
      request: (_request, response) => void response.end("here"),
      upgrade: (_request, socket) => void socket.destroy(),
    },
    { hostname: "127.0.0.1", port: 0 },
    { headersTimeoutMs: 300 },
  );
  const { port } = listener.address;
  for (const rest of ["GET / HT", `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: y`]) {
    using client = await RawClient.request(port, "GET / HTTP/1.1");
    assert.ok(await client.until((text) => text.endsWith("here")));
    await client.send(rest);
    assert.equal(await client.until((text) => text.includes("never")), false, "it is closed");
  }
});
