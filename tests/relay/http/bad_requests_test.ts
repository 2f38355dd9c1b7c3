/** A whole relay and what no well-behaved client sends: the right status, and the next request is answered. */

import assert from "node:assert/strict";
import { Hono } from "hono";
import { loggablePath } from "../../../relay/http/request_log.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestRelay } from "../../support/relay.ts";

const REQUESTS: readonly (readonly [string, number, string?])[] = [
  ["GET /nothing HTTP/1.1", 404],
  ["GET /api/nothing HTTP/1.1", 404, "no-such-route"],
  ["GET /api/streams/none HTTP/1.1", 404, "no-such-stream"],
  ["POST /api/nothing HTTP/1.1", 404, "no-such-route"],
  ["POST /api/streams HTTP/1.1", 405, "method-not-allowed"],
  ["GET /api/streams/cam/restart HTTP/1.1", 404, "no-such-stream"],
  ["POST / HTTP/1.1", 405, "method-not-allowed"],
  ["DELETE /healthz HTTP/1.1", 405, "method-not-allowed"],
  ["PUT /live/cam/stream.mp4 HTTP/1.1", 405, "method-not-allowed"],
  ["GET /live/none/stream.mp4 HTTP/1.1", 404, "no-such-stream"],
  ["GET /live/cam/ws HTTP/1.1", 426, "upgrade-required"],
  ["OPTIONS * HTTP/1.1", 400],
  ["GET /%ff HTTP/1.1", 404],
  ["GET nonsense HTTP/1.1", 400],
  ["BREW / HTTP/1.1", 400],
  ["GET / HTTP/9.9", 400],
  ["hello", 400],
];

Deno.test("requests of every wrong kind get their status, in words where there is a type", async () => {
  await using relay = await TestRelay.silent("cam");
  for (const [line, status, type] of REQUESTS) {
    using client = await RawClient.request(relay.port, line, [
      "Connection: close",
      "Content-Length: 0",
    ]);
    const answer = await client.rest();
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), line);
    if (type) assert.match(answer, new RegExp(`problem\\+json[^]*/problems/${type}"`), line);
  }
  const well = await fetch(`${relay.url}/api/streams`);
  assert.equal(well.status, 200);
  await well.body?.cancel();
});

Deno.test("a request that names two hosts is for neither, whichever of them a proxy looked at", async () => {
  await using relay = await TestRelay.silent("cam");
  const upgrade = [
    ...["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  for (
    const [path, headers] of [
      ["/healthz", ["Connection: close"]],
      ["/live/cam/stream.mp4", ["Connection: close"]],
      ["/live/cam/ws", upgrade],
    ] as const
  ) {
    using client = await RawClient.request(relay.port, `GET ${path} HTTP/1.1`, [
      "HOST: gate.example.org",
      ...headers,
    ]);
    const answer = await client.rest();
    assert.match(answer, /^HTTP\/1\.1 400 [^]*more than one Host header/, path);
  }
});

Deno.test("a method that an address does not have is answered with those that it has", async () => {
  await using relay = await TestRelay.silent("cam");
  for (
    const [method, path, allow] of [
      ["POST", "/api/streams", "GET, HEAD"],
      ["PATCH", "/api/streams/cam", "GET, HEAD, PUT, DELETE"],
      ["PUT", "/metrics", "GET, HEAD"],
      ["GET", "/api/webtransport", "POST"],
      ["DELETE", "/", "GET, HEAD"],
    ] as const
  ) {
    const answer = await fetch(relay.url + path, { method });
    assert.equal(answer.status, 405, `${method} ${path}`);
    assert.equal(answer.headers.get("allow"), allow, `${method} ${path}`);
    const words = allow.replace(/, (?=[^,]+$)/, " or ");
    assert.equal((await answer.json()).detail, `${method} means nothing here; use ${words}.`);
  }
});

Deno.test("a head that is too large, and a header without end", async () => {
  await using relay = await TestRelay.silent("cam");
  using large = await RawClient.request(relay.port, "GET / HTTP/1.1", [
    `X-Large: ${"a".repeat(100_000)}`,
  ]);
  assert.match(await large.rest(), /^HTTP\/1\.1 4(?:31|00|13) /);
});

Deno.test("a body that trickles in without end is not waited for", async () => {
  const { readJson } = await import("../../../relay/api/read_json.ts");
  const app = new Hono();
  app.post("/", async (c) => {
    const { refusal } = await readJson(c, "Shutter", 50);
    return refusal ?? c.text("read");
  });
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"on":')),
  });
  const answer = await app.request("/", { method: "POST", body });
  assert.equal(answer.status, 408);
  assert.equal((await answer.json()).type, "/problems/too-slow");
});

Deno.test("a range of what has no end is answered with all of it", async () => {
  await using relay = await TestRelay.start(["cam=demo"]);
  for (const range of ["bytes=0-", "bytes=100-200", "bytes=-1", "bytes=9999999999999-", "x=y"]) {
    for (const resource of ["stream.mp4", "stream.ts"]) {
      const answer = await fetch(`${relay.url}/live/cam/${resource}`, { headers: { range } });
      assert.equal(answer.status, 200, `${range} of ${resource}`);
      assert.equal(answer.headers.get("accept-ranges"), null);
      const reader = answer.body?.getReader();
      assert.ok(((await reader?.read())?.value?.length ?? 0) > 0);
      await reader?.cancel();
    }
  }
});

Deno.test("what a log holds of a target names no secret", () => {
  assert.equal(loggablePath("/live/cam/ws?token=abc"), "/live/cam/ws");
  assert.equal(loggablePath("/s/SECRET.lease/live/cam/index.m3u8"), "/s/…/live/cam/index.m3u8");
  assert.equal(loggablePath(`/${"a".repeat(5000)}`).length, 200);
});

Deno.test("each request is one line at debug level, with its stream and without its query", async () => {
  await using relay = await TestRelay.silent("cam");
  await (await fetch(`${relay.url}/live/cam/frame.mp4?token=SECRET`)).body?.cancel();
  await (await fetch(`${relay.url}/healthz`)).body?.cancel();
  const line = relay.log.find((each) => each.includes("path=/live/cam/frame.mp4"));
  assert.match(
    line ?? "",
    /debug cam: answered method=GET path=\S+ status=503 http=1\.1 client=127/,
  );
  assert.ok(!relay.log.some((each) => each.includes("SECRET")));
});
