/** Streams by the API on a relay with no more permissions than its launcher grants: kept, and in force when they may be. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { RestartNeeded, SandboxReport, Stats, StreamList } from "../../shared/api.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { freeUdpPort } from "../support/udp_ports.ts";

async function get<Body>(relay: RelayProcess, path: string): Promise<Body> {
  return await (await fetch(`${relay.url}${path}`)).json();
}

async function names(relay: RelayProcess): Promise<string[]> {
  const { streams } = await get<StreamList>(relay, "/api/streams");
  return streams.map(({ name }) => name);
}

function put(relay: RelayProcess, name: string, source: string): Promise<Response> {
  const body = JSON.stringify({ source });
  return fetch(`${relay.url}/api/streams/${name}`, { method: "PUT", body });
}

Deno.test("what needs more than was granted is kept, said, and granted at the next start", async () => {
  const data = await Deno.makeTempDir({ prefix: "rill-api-" });
  try {
    const args = ["--open", "all", "--data", data, "guest=push"];
    const host = `[::1]:${freeUdpPort()}`;
    const need = `the network address ${host}`;
    {
      await using relay = await RelayProcess.start({ args });
      assert.equal((await put(relay, "now", "demo")).status, 201, "it needs nothing more");
      const answer = await put(relay, "later", `udp://${host}`);
      assert.equal(answer.status, 202);
      const { restart, needs }: RestartNeeded = await answer.json();
      assert.deepEqual([restart, needs], [true, [need]]);
      assert.ok((await get<Stats>(relay, "/api/stats")).restart.includes(`later: ${need}`));
      assert.deepEqual(await names(relay), ["guest", "now"]);
      const { streams, ...leave }: SandboxReport = await get(relay, "/api/sandbox");
      assert.deepEqual(Object.keys(streams), ["guest", "now"]);
      for (const [kind, entries] of Object.entries(leave)) assert.notEqual(entries, true, kind);
      assert.ok(leave.net !== true && leave.net.includes(`127.0.0.1:${relay.port}`));
      assert.ok(!leave.net.includes(host));
      assert.equal(await relay.stop(), 0);
    }
    const path = join(data, "streams.json");
    const kept = JSON.parse(await Deno.readTextFile(path));
    kept.streams.smuggled = { source: "exec:cat /etc/hostname" };
    await Deno.writeTextFile(path, JSON.stringify(kept));
    await using relay = await RelayProcess.start({ args });
    assert.deepEqual(await names(relay), ["guest", "now", "later"]);
    const sandbox: SandboxReport = await get(relay, "/api/sandbox");
    assert.ok(sandbox.net !== true && sandbox.net.includes(host));
    assert.deepEqual(sandbox.streams["later"]?.net, [host]);
    assert.match(relay.output, /a stream of the API is not run: smuggled/);
    assert.deepEqual((await get<Stats>(relay, "/api/stats")).restart, []);
    assert.equal(await relay.stop(), 0);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
