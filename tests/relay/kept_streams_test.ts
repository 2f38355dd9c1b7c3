/** Streams that the API adds, changes and removes: run, kept, and refused in words that name the field. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { DestinationList, Problem, Stats, StreamInfo } from "../../shared/api.ts";
import { TestRelay, until } from "../support/relay.ts";
import { readApiSource } from "../../relay/kept_file.ts";
import { parseSource } from "../../relay/sources/mod.ts";
import { freeUdpPort } from "../support/ports.ts";
import { Viewer } from "../support/viewer.ts";

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

async function ask<Body = Problem>(
  relay: TestRelay,
  { method, name, body }: {
    readonly method: string;
    readonly name: string;
    readonly body?: unknown;
  },
): Promise<Answer<Body>> {
  const response = await fetch(`${relay.url}/api/streams/${name}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

function put<Body = Problem>(
  relay: TestRelay,
  name: string,
  source: string,
): Promise<Answer<Body>> {
  return ask<Body>(relay, { method: "PUT", name, body: { source } });
}

async function withData(test: (data: string) => Promise<void>): Promise<void> {
  const data = await Deno.makeTempDir({ prefix: "rill-kept-" });
  try {
    await test(data);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

Deno.test("a stream is added, changed, restarted, kept for the next start, removed for good", () =>
  withData(async (data) => {
    const args = ["--open", "all", "--data", data, "guest=push"];
    {
      await using relay = await TestRelay.start(args);
      const added = await put<StreamInfo>(relay, "yard/north", "demo");
      assert.deepEqual([added.status, added.body.name], [201, "yard/north"]);
      await using viewer = await Viewer.open(`${relay.url}/live/yard/north`);
      await viewer.until(() => viewer.media.length > 3, { what: "pictures" });
      const same = await put<StreamInfo>(relay, "yard/north", "demo");
      assert.deepEqual([same.status, same.body.generation], [200, 1]);
      const again = await ask<StreamInfo>(relay, { method: "POST", name: "yard/north/restart" });
      assert.equal(again.status, 200);
      await viewer.until(() => viewer.stream?.generation === 2, { what: "a new generation" });
      const changed = await put<StreamInfo>(relay, "yard/north", "push");
      assert.deepEqual([changed.status, changed.body.source], [200, "push"]);
      await viewer.until(() => viewer.control.some(({ type }) => type === "offline"), {
        what: "words",
      });
      assert.equal((await put(relay, "yard/south", "demo")).status, 201);
    }
    const { mode } = await Deno.stat(join(data, "state.json"));
    assert.equal((mode ?? 0) & 0o777, 0o600);
    {
      await using relay = await TestRelay.start(args);
      assert.deepEqual(relay.names, ["guest", "yard/north", "yard/south"]);
      await using viewer = await Viewer.open(`${relay.url}/live/yard/south`);
      await viewer.until(() => viewer.media.length > 0, { what: "pictures" });
      assert.equal((await ask(relay, { method: "DELETE", name: "yard/south" })).status, 204);
      assert.equal((await viewer.closed).code, 4404);
      assert.equal((await ask(relay, { method: "DELETE", name: "yard/south" })).status, 404);
    }
    await using relay = await TestRelay.start(args);
    assert.deepEqual(relay.names, ["guest", "yard/north"]);
  }));

Deno.test("what cannot be is refused in words, with the field, and changes nothing", () =>
  withData(async (data) => {
    const local = join(data, "clip.ts");
    await using relay = await TestRelay.start([
      ...["--open", "all", "--data", data, `clip=file:${local}`, "guest=push"],
    ]);
    const cases: readonly (readonly [string, unknown, number, string | undefined, RegExp])[] = [
      ["porch", "", 400, undefined, /must be JSON like/],
      ["porch", [], 400, undefined, /must be JSON like/],
      ["porch", {}, 400, "source", /source must be a source in words/],
      ["porch", { source: 8554 }, 400, "source", /must be a source/],
      ["porch", { source: "demo", sorce: 1 }, 400, "sorce", /no field sorce here; there is source/],
      ["porch", { sauce: "demo" }, 400, "sauce", /no field sauce here; there is source/],
      ["porch", { source: "camera0" }, 400, "source", /Unknown source "camera0"/],
      ["porch", { source: "udp://:99999" }, 400, "source", /from 1 to 65535/],
      ["porch", { source: "file:/etc/hostname" }, 403, "source", /a file or a device/],
      ["porch", { source: "exec:cat /etc/hostname" }, 403, "source", /a command/],
      ["porch", { source: "rtp:/etc/camera.sdp" }, 403, "source", /into the configuration/],
      ["porch", "x".repeat(70_000), 413, undefined, /64 KiB/],
      ["ws", { source: "demo" }, 400, "name", /Rill's own words/],
      ["front%20porch", { source: "demo" }, 400, "name", /letters, digits/],
      ["guest", { source: "demo" }, 409, undefined, /change it there/],
    ];
    for (const [name, body, status, field, words] of cases) {
      const { status: got, body: problem } = await ask(relay, { method: "PUT", name, body });
      const what = `${name} ${JSON.stringify(body).slice(0, 60)}: ${JSON.stringify(problem)}`;
      assert.deepEqual([got, problem.field], [status, field], what);
      assert.match(problem.detail, words, what);
    }
    assert.equal((await ask(relay, { method: "DELETE", name: "guest" })).status, 409);
    assert.equal((await ask(relay, { method: "DELETE", name: "porch" })).status, 404);
    assert.deepEqual(relay.names, ["clip", "guest"]);
    await assert.rejects(() => Deno.stat(join(data, "state.json")), Deno.errors.NotFound);
    const declared = await put<StreamInfo>(relay, "again", `file:${local}`);
    assert.equal(declared.status, 201, "the configuration has this file");
  }));

Deno.test("what is declared no more, and what a hand wrote there, is not run and not lost", () =>
  withData(async (data) => {
    const path = join(data, "state.json");
    const streams = {
      old: { source: "file:/etc/hostname" },
      guest: { source: "demo" },
      port: { source: `udp://127.0.0.1:${freeUdpPort()}` },
    };
    await Deno.writeTextFile(path, JSON.stringify({ streams }));
    const args = ["--open", "all", "--data", data, "guest=push"];
    {
      await using relay = await TestRelay.start(args);
      assert.deepEqual(relay.names, ["guest", "port"]);
      assert.equal(relay.stream("guest").waits, true, "the configuration's word counts");
      assert.ok(
        relay.log.some((line) => /old: file:\/etc\/hostname is not in the conf/.test(line)),
      );
      assert.equal((await put(relay, "more", "push")).status, 201);
      const kept = JSON.parse(await Deno.readTextFile(path));
      assert.deepEqual(Object.keys(kept.streams), ["old", "guest", "port", "more"]);
    }
    for (
      const text of ["{", "[]", '{"streams":{"a b":{"source":"demo"}}}', '{"streams":{"a":1}}']
    ) {
      await Deno.writeTextFile(path, text);
      await using relay = await TestRelay.start(args);
      assert.ok(relay.log.some((line) => line.includes("not as this relay wrote it")), text);
      const refused = await put(relay, "more", "demo");
      assert.deepEqual([refused.status, refused.body.type], [500, "/problems/not-kept"]);
      assert.equal(await Deno.readTextFile(path), text, "it is not written over");
    }
  }));

Deno.test("a stream that its publisher made can be ended, or made to stay", () =>
  withData(async (data) => {
    await using relay = await TestRelay.start(["--open", "all", "--data", data, "guest=push"]);
    const publish = (name: string): WebSocket =>
      new WebSocket(`${relay.url.replace("http", "ws")}/publish/${name}`);
    const kept = publish("kept");
    const ended = publish("ended");
    await until(() => relay.hasStream("kept") && relay.hasStream("ended"), { what: "both" });
    const closed = new Promise((resolve) => ended.addEventListener("close", resolve));
    assert.equal((await put(relay, "kept", "push")).status, 200);
    assert.equal(relay.stream("kept").isPublished, true, "its publisher goes on");
    assert.equal((await ask(relay, { method: "DELETE", name: "ended" })).status, 204);
    await closed;
    kept.close();
    assert.deepEqual(relay.names, ["guest", "kept"]);
  }));

Deno.test("/api/stats: figures of the relay and of each stream", () =>
  withData(async (data) => {
    await using relay = await TestRelay.start(["--data", data, "demo"]);
    await using viewer = await Viewer.open(`${relay.url}/live/demo`);
    await viewer.until(() => viewer.media.length > 3, { what: "pictures" });
    const stats: Stats = await (await fetch(`${relay.url}/api/stats`)).json();
    assert.ok(stats.memory.residentBytes > 10_000_000);
    const [demo] = stats.streams;
    assert.equal(demo?.name, "demo");
    assert.equal(demo?.outlets["websocket"]?.viewers, 1, JSON.stringify(demo?.outlets));
    assert.ok((demo?.outlets["websocket"]?.bytes ?? 0) > 0);
    assert.deepEqual([stats.restart, stats.configuration], [[], undefined]);
  }));

Deno.test("destinations are kept for the next start too; the configuration's are changed there alone", () =>
  withData(async (data) => {
    const url = "ws://127.0.0.1:9/publish/out";
    const args = ["--open", "all", "--data", data, "--forward", url, "guest=push"];
    const ids = async (relay: TestRelay): Promise<string[]> => {
      const answer = await fetch(`${relay.url}/api/destinations`);
      const { destinations }: DestinationList = await answer.json();
      return destinations.map(({ id }) => id);
    };
    const post = async (relay: TestRelay, body: unknown): Promise<number> => {
      const answer = await fetch(`${relay.url}/api/destinations`, {
        method: "POST",
        body: JSON.stringify(body),
      });
      await answer.body?.cancel();
      return answer.status;
    };
    const remove = async (relay: TestRelay, id: string): Promise<number> => {
      const answer = await fetch(`${relay.url}/api/destinations/${id}`, { method: "DELETE" });
      await answer.body?.cancel();
      return answer.status;
    };
    {
      await using relay = await TestRelay.start(args);
      assert.equal(await post(relay, { id: "cloud", url, token: "t0ken" }), 201);
      assert.equal(await post(relay, { id: "cloud", url, token: "t0ken", format: "ts" }), 200);
      assert.deepEqual(
        [await post(relay, { id: "forward", url }), await remove(relay, "forward")],
        [
          409,
          409,
        ],
      );
    }
    {
      await using relay = await TestRelay.start(args);
      assert.deepEqual(await ids(relay), ["forward", "cloud"]);
      assert.equal(await put(relay, "more", "push").then(({ status }) => status), 201);
      assert.deepEqual([await remove(relay, "cloud"), await remove(relay, "cloud")], [204, 404]);
    }
    await using relay = await TestRelay.start(args);
    assert.deepEqual([await ids(relay), relay.names], [["forward"], ["guest", "more"]]);
  }));

Deno.test("a file that the configuration names from its own folder is the same file when the API names it so", () => {
  const folder = "/etc/rill";
  const text = "file:clips/door.ts?loop";
  const configured = [
    { name: "desk", spec: parseSource("demo") },
    { name: "door", spec: parseSource(text, folder), folder },
  ];
  assert.deepEqual(readApiSource(text, configured), parseSource(text, folder));
  const elsewhere = "file:clips/gate.ts";
  assert.deepEqual(readApiSource(elsewhere, configured), parseSource(elsewhere));
});
