/** Which names a request may call the relay by. */

import assert from "node:assert/strict";
import { hostCheck } from "../../../relay/http/hosts.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestRelay } from "../../support/relay.ts";

const answers = hostCheck({
  hostname: "Gate.corp.example",
  url: new URL("https://cams.example.org/rill/"),
});

for (
  const host of [
    "127.0.0.1:8000",
    "[::1]:8443",
    "192.168.1.7",
    "localhost:8000",
    "localhost.:8000",
    "gate",
    "rill:8000", // a name inside a container's network
    "gate.local",
    "gate.lan:8443",
    "CAMS.example.org",
    "cams.example.org.",
    undefined,
  ]
) {
  Deno.test(`answered: ${host}`, () => assert.equal(answers(host), true));
}

for (
  const host of [
    "evil.example.org",
    "example.org",
    "gate.evil.com",
    "other.local",
    "ai.", // a top-level domain, and nothing that a network's own names would be
    "gate.:8000",
    "127.0.0.1.evil.com",
    "evil.com@127.0.0.1.evil.com",
    "a b",
    "",
  ]
) {
  Deno.test(`refused: "${host}"`, () => assert.equal(answers(host), false));
}

Deno.test("a foreign name gets 421 in words, for pages, media and sockets alike", async () => {
  await using relay = await TestRelay.silent("cam");
  for (
    const [path, headers] of [
      ["/", []],
      ["/api/streams", []],
      ["/live/cam/stream.mp4", []],
      ["/live/cam/ws", ["Connection: Upgrade", "Upgrade: websocket"]],
    ] as const
  ) {
    using client = await RawClient.request(relay.port, `GET ${path} HTTP/1.1`, [
      "Connection: close",
      ...headers,
    ], "evil.example.com");
    assert.match(await client.rest(), /^HTTP\/1\.1 421 /, path);
  }
});
