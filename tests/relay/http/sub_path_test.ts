/** Below a path of a proxy's: whether the proxy takes its path off or leaves it, the same is served. */

import assert from "node:assert/strict";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { freeUdpPort } from "../../support/ports.ts";

Deno.test("with and without the path of --url", async () => {
  await using relay = await TestRelay.start([
    "--url",
    "https://gate.example.org/rill",
    `cam=udp://127.0.0.1:${freeUdpPort()}`,
  ]);
  const hub = relay.hub("cam");
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  for (const base of ["", "/rill"]) {
    const list = await fetch(`${relay.url}${base}/api/streams`);
    assert.equal(((await list.json()) as { streams: unknown[] }).streams.length, 1, base);
    const { servers } = await (await fetch(`${relay.url}${base}/api/openapi.json`)).json();
    assert.equal(servers[0].url, "/rill", "the outside's");
    const page = await fetch(`${relay.url}${base}/live/cam`);
    assert.equal(page.status, 200);
    await page.body?.cancel();
    const picture = await fetch(`${relay.url}${base}/live/cam/frame.mp4`);
    assert.equal(picture.status, 200, `${base}: a delivery`);
    await picture.body?.cancel();
    const before = hub.takers;
    using _socket = await RawClient.webSocket(relay.port, `${base}/live/cam/ws`);
    await until(() => hub.takers === before + 1, { what: `a viewer at ${base}/live/cam/ws` });
  }
});

Deno.test("a page that came through the proxy may change things, whatever name the proxy asks under", async () => {
  await using relay = await TestRelay.start([
    ...["--url", "https://gate.example.org/rill", "--open", "all"],
    "cam=push",
  ]);
  const ask = async (origin: string, path: string, body?: string): Promise<number> => {
    const answer = await fetch(`${relay.url}${path}`, {
      method: "POST",
      headers: { origin, "content-type": "application/sdp" },
      ...(body === undefined ? {} : { body }),
    });
    await answer.body?.cancel();
    return answer.status;
  };
  for (
    const [path, body, taken] of [
      ["/api/streams/cam/restart", undefined, 200],
      ["/whip/cam", "v=0", 422],
      ["/publish/other", "", 400],
    ] as const
  ) {
    assert.equal(await ask("https://gate.example.org", path, body), taken, path);
    assert.equal(await ask("https://example.org", path, body), 403, path);
  }
});
