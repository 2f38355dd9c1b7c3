/** A relay put together, in this process: page, API, health and media on one port, and nothing left when it stops. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Health, Stats, StreamInfo, StreamList } from "../../shared/api.ts";
import { startRelay } from "../../relay/app.ts";
import { readCommandLine } from "../../relay/config.ts";
import { Log } from "../../relay/log.ts";
import { CameraStream } from "../support/camera_stream.ts";
import { listenAgain } from "../support/ports.ts";
import { TestRelay, until } from "../support/relay.ts";
import { Viewer } from "../support/viewer.ts";

/** A relay with one looping clip, named `cam`. */
async function withCamera(test: (relay: TestRelay) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-relay-" });
  try {
    const clip = join(folder, "clip.ts");
    await Deno.writeFile(clip, new CameraStream().tables().group(15).group(15).take());
    await using relay = await TestRelay.start([`cam=file:${clip}?loop`]);
    await test(relay);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function json<T>(url: string): Promise<{ status: number; body: T; headers: Headers }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() as T, headers: response.headers };
}

Deno.test("a camera's pictures reach a viewer, and the API says so", () =>
  withCamera(async (relay) => {
    await using viewer = await Viewer.open(`${relay.url}/live/cam`);
    await viewer.until(() => viewer.media.length > 10, { what: "ten batches" });
    assert.deepEqual(viewer.stream?.tracks.map(({ codec }) => codec), ["avc1.4d001e", "mp4a.40.2"]);
    const { body, headers } = await json<StreamList>(`${relay.url}/api/streams`);
    assert.equal(headers.get("cache-control"), "no-store");
    const [info] = body.streams;
    assert.deepEqual(
      [info?.name, info?.state.kind, info?.viewers, info?.generation],
      ["cam", "live", 1, 1],
    );
    assert.match(info?.source ?? "", /^file:.*\?loop$/);
    const one = await json<StreamInfo>(`${relay.url}/api/streams/cam`);
    assert.deepEqual([one.status, one.body.name], [200, "cam"]);
    const health = await json<Health>(`${relay.url}/healthz`);
    assert.deepEqual([health.status, health.body.status], [200, "ok"]);
    assert.deepEqual(health.body.streams, { cam: "live" });
  }));

Deno.test("a viewer that leaves is counted out", () =>
  withCamera(async (relay) => {
    const viewer = await Viewer.open(`${relay.url}/live/cam`);
    await viewer.until(() => viewer.media.length > 0, { what: "the stream" });
    await viewer.close();
    await until(() => relay.hub("cam").takers === 0, { what: "no takers" });
  }));

Deno.test("what does not exist: the API's problem, and the page's word", async () => {
  await using relay = await TestRelay.silent("cam");
  const unknown = await json<{ type: string }>(`${relay.url}/api/streams/none`);
  assert.deepEqual([unknown.status, unknown.body.type], [404, "/problems/no-such-stream"]);
  assert.equal(unknown.headers.get("content-type"), "application/problem+json");
  const page = await fetch(`${relay.url}/`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /A page\./);
});

Deno.test("health: degraded while a stream is offline, with 503", async () => {
  await using relay = await TestRelay.start(["cam=file:/nowhere/to/be/found.ts"]);
  await until(() => relay.log.some((line) => line.includes("no such file")), {
    what: "the failure",
  });
  const { status, body } = await json<Health>(`${relay.url}/healthz`);
  assert.deepEqual([status, body.status, body.streams], [503, "degraded", { cam: "offline" }]);
});

for (const open of ["publish", "all"]) {
  const folder = open === "all" ? "/nowhere/to/be/" : "";
  Deno.test(`folders of the machine: ${open === "all" ? "for those who may change everything" : "for nobody who only watches"}`, async () => {
    const source = "file:/nowhere/to/be/found.ts";
    await using relay = await TestRelay.start(["--open", open, `cam=${source}`]);
    await using viewer = await Viewer.open(`${relay.url}/live/cam`);
    await viewer.until(() => viewer.control.some(({ type }) => type === "offline"), {
      what: "the failure",
    });
    const told = viewer.control.find((message) => message.type === "offline");
    assert.equal(told?.reason, "no such file: found.ts", "a viewer's own rights are not asked for");
    const { streams: [info], publish } = (await json<StreamList>(`${relay.url}/api/streams`)).body;
    assert.equal(publish, true);
    const one = (await json<StreamInfo>(`${relay.url}/api/streams/cam`)).body;
    const stats = (await json<Stats>(`${relay.url}/api/stats`)).body;
    for (const stream of [info, one, ...stats.streams]) {
      assert.equal(stream?.source, `file:${folder}found.ts`);
      assert.ok(stream?.state.kind === "offline");
      assert.equal(stream.state.reason, `no such file: ${folder}found.ts`);
    }
  });
}

Deno.test("where nobody may publish the list says so", async () => {
  await using relay = await TestRelay.silent("cam");
  assert.equal((await json<StreamList>(`${relay.url}/api/streams`)).body.publish, false);
});

Deno.test("stopped, it says goodbye, and the port is free", async () => {
  let viewer: Viewer | undefined;
  let port = 0;
  await withCamera(async (relay) => {
    port = relay.port;
    viewer = await Viewer.open(`${relay.url}/live/cam`);
  });
  const farewell = await viewer?.closed;
  assert.deepEqual([farewell?.code, farewell?.reason], [1001, "the relay stops"]);
  (await listenAgain(() => Deno.listen({ hostname: "127.0.0.1", port }))).close();
});

Deno.test("a port that is taken: a sentence, and nothing is left running", async () => {
  await using relay = await TestRelay.silent("cam");
  const app = await Deno.makeTempDir({ prefix: "rill-app-" });
  const request = readCommandLine(
    [
      ...["--listen", `127.0.0.1:${relay.port}`, "--tls", "off"],
      ...["--data", join(app, "data"), "demo"],
    ],
    () => undefined,
  );
  assert.ok(request.kind === "run");
  const log = new Log({ level: "error", format: "text", write: () => undefined });
  const folder = new URL("./", import.meta.url); // has no page
  try {
    await assert.rejects(startRelay(request.config, { log, appFolder: folder }), /no web app/);
    await Deno.writeTextFile(join(app, "index.html"), "<p>");
    const started = startRelay(request.config, { log, appFolder: new URL(`file://${app}/`) });
    await assert.rejects(started, { name: "ListenError" });
  } finally {
    await Deno.remove(app, { recursive: true });
  }
});
