/** A client that would rather speak another protocol (RFC 9110 §7.8) and is answered in the one that it asks in. */

import assert from "node:assert/strict";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestRelay, until } from "../../support/relay.ts";

/** As `curl --http2` and Java's HttpClient send it over plain HTTP. */
const H2C = [
  "Connection: Upgrade, HTTP2-Settings",
  "Upgrade: h2c",
  "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
] as const;

Deno.test("who offers HTTP/2 over the plain port is answered in HTTP/1.1, whatever is asked for", async () => {
  await using relay = await TestRelay.silent("cam");
  const hub = relay.hub("cam");
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  for (
    const [line, status] of [
      ["GET /live/cam/frame.mp4", 200],
      ["HEAD /live/cam/stream.mp4", 200],
      ["GET /live/none/stream.mp4", 404],
      ["GET /live/cam/ws", 426],
      ["GET /api/streams", 200],
      ["GET /metrics", 200],
      ["GET /", 200],
    ] as const
  ) {
    using client = await RawClient.request(relay.port, `${line} HTTP/1.1`, H2C);
    assert.ok(await client.until((text) => text.includes("\r\n\r\n")), line);
    assert.match(
      new TextDecoder().decode(client.received),
      new RegExp(`^HTTP/1\\.1 ${status} `),
      line,
    );
  }
});

Deno.test("an endless body for such a client goes on, and ends with it", async () => {
  await using relay = await TestRelay.silent("cam");
  const hub = relay.hub("cam");
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  {
    using client = await RawClient.request(relay.port, "GET /live/cam/stream.mp4 HTTP/1.1", H2C);
    await until(() => hub.takers === 1, { what: "a taker" });
    for (let sequence = 1; sequence <= 20; sequence++) {
      hub.publish(plainBatch({ sequence, bytes: 1_000 }));
    }
    await client.until((text) => text.length > 20_000);
  }
  await until(() => hub.takers === 0, { what: "nobody" });
});

Deno.test("what such a client sends is read as ever", async () => {
  await using relay = await TestRelay.start(["--open", "publish"]);
  const body = "nonsense that is no media";
  using client = await RawClient.request(relay.port, "PUT /publish/cam HTTP/1.1", [
    ...H2C,
    `Content-Length: ${body.length}`,
  ]);
  await client.send(body);
  assert.ok(await client.until((text) => /^HTTP\/1\.1 \d{3}[^]*\r\n\r\n/.test(text)));
  assert.ok(relay.hasStream("cam"), "it was published");
});
