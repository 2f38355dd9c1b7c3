/** How soon a destination is tried again: what will still say no is left alone for a while, what may be back is not. */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { DestinationInfo } from "../../../shared/api.ts";
import { askUntil } from "../../support/ask.ts";
import { TestRelay } from "../../support/relay.ts";

/** From a try that failed to the next, for so many tries. */
async function waits(relay: TestRelay, tries: number): Promise<number[]> {
  const found = new Map<string, number>();
  const ask = async (): Promise<Map<string, number>> => {
    const answer = await fetch(`${relay.url}/api/destinations/forward`);
    const { state }: DestinationInfo = await answer.json();
    if (state.kind === "offline" && state.retryAt !== undefined && !found.has(state.retryAt)) {
      found.set(state.retryAt, Date.parse(state.retryAt) - Date.now());
    }
    return found;
  };
  await askUntil(ask, { accept: ({ size }) => size >= tries, what: `${tries} tries` });
  return [...found.values()];
}

function forward(url: string): Promise<TestRelay> {
  return TestRelay.start(["--open", "all", "--forward", `cam=${url}`, "cam=demo"]);
}

/** A proxy whose own server is not there: a relay that is being started anew. */
async function answering(status: number): Promise<Server> {
  const server = createServer((_, response) => response.writeHead(status).end());
  server.on("upgrade", (_, socket) => {
    socket.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return server;
}

Deno.test("a name that no name server knows for now, the network being gone, is asked for again at once, however often", async () => {
  await using relay = await forward("ws://relay.invalid/publish/out");
  const found = await waits(relay, 6);
  assert.ok(found.every((ms) => ms <= 1_000), `${found} ms`);
});

for (const scheme of ["ws", "http"]) {
  Deno.test(`by ${scheme}: a proxy without its relay is asked again soon, one that says no later`, async () => {
    for (const [status, isNo] of [[502, false], [503, false], [403, true]] as const) {
      const server = await answering(status);
      try {
        const { port } = server.address() as AddressInfo;
        await using relay = await forward(`${scheme}://127.0.0.1:${port}/publish/out`);
        const [first = 0] = await waits(relay, 1);
        assert.equal(first > 2_000, isNo, `${status}: ${first} ms`);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    }
  });
}

for (const scheme of ["ws", "http"]) {
  Deno.test(`by ${scheme}: a destination that is changed, or named anew, is not taken for another publisher by its far side`, async () => {
    await using there = await TestRelay.start(["--open", "publish", "none=push"]);
    await using here = await TestRelay.start(["--open", "all", "cam=demo"]);
    const url = `${scheme}://127.0.0.1:${there.port}/publish/out`;
    const put = async (id: string, token: string): Promise<void> => {
      const body = JSON.stringify({ id, url, token });
      const made = await fetch(`${here.url}/api/destinations`, { method: "POST", body });
      assert.ok(made.ok, await made.text());
      const ask = async (): Promise<DestinationInfo> =>
        await (await fetch(`${here.url}/api/destinations/${id}`)).json();
      await askUntil(ask, { accept: ({ bytes }) => bytes > 0, what: `pictures by ${token}` });
    };
    for (let round = 0; round < 4; round++) {
      await put("a", `a${round}`);
      await fetch(`${here.url}/api/destinations/a`, { method: "DELETE" });
      await put("b", `b${round}`);
      await put("b", `c${round}`);
      await fetch(`${here.url}/api/destinations/b`, { method: "DELETE" });
    }
    assert.deepEqual(here.log.filter((line) => line.includes("Somebody publishes")), []);
  });
}
