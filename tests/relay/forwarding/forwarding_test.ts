/** A stream carried from one relay to another: by every way, through failures, without the camera noticing. */

import assert from "node:assert/strict";
import { request as openRequest } from "node:http";
import { createServer, type Socket } from "node:net";
import type { DestinationInfo } from "../../../shared/api.ts";
import { toHex } from "../../../shared/bytes.ts";
import { loopIn, newRelayName, readVia, stopAt, writeVia } from "../../../shared/via.ts";
import { askUntil } from "../../support/ask.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { ConnectProxy } from "../../support/connect_proxy.ts";
import { freePort, listenAgain } from "../../support/ports.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { Viewer } from "../../support/viewer.ts";

/** A relay that takes publishers. */
function far(port = 0): Promise<TestRelay> {
  return TestRelay.start(["--open", "publish", "--listen", `127.0.0.1:${port}`, "none=push"]);
}

/** A relay with the demo camera. */
function near(...options: string[]): Promise<TestRelay> {
  return TestRelay.start(["--open", "all", ...options, "cam=demo"]);
}

async function destinations(relay: TestRelay): Promise<readonly DestinationInfo[]> {
  return (await (await fetch(`${relay.url}/api/destinations`)).json()).destinations;
}

async function destination(relay: TestRelay, id = "forward"): Promise<DestinationInfo> {
  const found = (await destinations(relay)).find((each) => each.id === id);
  assert.ok(found, `there is no destination ${id}`);
  return found;
}

/** Waits for a state; returns the whole. */
async function settle(
  relay: TestRelay,
  { id = "forward", kind, reason = /^/ }: { id?: string; kind: string; reason?: RegExp },
): Promise<DestinationInfo> {
  return await askUntil(() => destination(relay, id), {
    accept: ({ state }) =>
      state.kind === kind && (state.kind !== "offline" || reason.test(state.reason)),
    what: kind,
  });
}

/** Fragments as both relays' viewers get them, from behind their number (mfhd), which each relay counts by itself. */
function fragmentsOf(viewer: Viewer): string[] {
  return viewer.media.flatMap(({ bytes, fragments }) =>
    fragments.map(({ moofStart, end }) => toHex(bytes.subarray(moofStart + 24, end)))
  );
}

for (const scheme of ["ws", "http"]) {
  Deno.test(`by ${scheme}: fragments arrive byte for byte, but for their number`, async () => {
    await using there = await far();
    await using here = await near(
      "--forward",
      `cam=${scheme}://127.0.0.1:${there.port}/publish/out`,
    );
    await settle(here, { kind: "sending" });
    await until(() => there.hasStream("out"), { what: "the stream" });
    await using at = await Viewer.open(`${here.url}/live/cam`);
    await using beyond = await Viewer.open(`${there.url}/live/out`);
    // From the first that both have on: the far relay of a busy machine is behind.
    const [ours, theirs] = await askUntil(() => {
      const [near, far] = [fragmentsOf(at), fragmentsOf(beyond)];
      const begins = far.findIndex((fragment) => near.includes(fragment));
      const from = begins < 0 ? near.length : near.indexOf(far[begins] ?? "");
      const count = Math.min(near.length - from, far.length - begins);
      return Promise.resolve([near.slice(from).slice(0, count), far.slice(begins).slice(0, count)]);
    }, { accept: ([both]) => (both?.length ?? 0) > 20, what: "more than twenty that both have" });
    assert.deepEqual(theirs, ours);
    const info = await destination(here);
    assert.ok(info.bytes > 10_000);
    assert.equal(info.connections, 1);
  });
}

Deno.test("as MPEG-TS by HTTP", async () => {
  await using there = await far();
  await using here = await near();
  const made = await fetch(`${here.url}/api/destinations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      id: "ts",
      url: `http://127.0.0.1:${there.port}/publish/out`,
      format: "ts",
    }),
  });
  assert.equal(made.status, 201, await made.text());
  await settle(here, { id: "ts", kind: "sending" });
  await until(() => there.hasStream("out") && there.stream("out").info.counters.videoSamples > 20, {
    what: "pictures",
  });
  assert.equal(there.stream("out").info.counters.continuityGaps, 0);
});

Deno.test("a far relay that is not there, comes, goes and comes again: the camera never notices", async () => {
  const port = freePort();
  await using here = await near("--forward", `ws://127.0.0.1:${port}/publish/out`);
  await settle(here, { kind: "offline", reason: /^nothing listens at 127\.0\.0\.1:\d+$/ });
  await using watching = await Viewer.open(`${here.url}/live/cam`);
  for (let round = 1; round <= 2; round++) {
    {
      await using there = await listenAgain(() => far(port));
      await until(() => there.hasStream("out"), { what: "the stream" });
      await using viewer = await Viewer.open(`${there.url}/live/out`);
      await until(() => viewer.media.length > 5, { what: "pictures" });
      const [first] = viewer.media.filter(({ fragments }) => fragments.length > 0);
      assert.equal(first?.fragments[0]?.tracks[0]?.key, true, "it resumes at a key picture");
      assert.equal((await destination(here)).connections, round);
    }
    await settle(here, { kind: "offline" });
  }
  const { restarts, continuityGaps } = here.stream("cam").info.counters;
  assert.deepEqual([restarts, continuityGaps, here.stream("cam").info.generation], [0, 0, 1]);
  const times = watching.fragments(watching.pictures).map(({ tracks }) => tracks[0]?.dts ?? -1);
  assert.equal(new Set(times.slice(1).map((time, at) => time - (times[at] ?? 0))).size, 1);
});

Deno.test("a far relay that says no is quoted, and not asked again at once", async () => {
  await using there = await TestRelay.start(["demo"]);
  await using here = await near("--forward", `ws://127.0.0.1:${there.port}/publish/out`);
  const { state } = await settle(here, { kind: "offline", reason: /right to publish/ });
  assert.ok(state.kind === "offline");
  assert.ok(Date.parse(state.retryAt ?? "") - Date.now() > 2_000);
  await using other = await near("--forward", `http://127.0.0.1:${there.port}/publish/out`);
  await settle(other, { kind: "offline", reason: /answered 403 .*right to publish/ });
});

Deno.test("through a proxy: a tunnel to the far relay, with the proxy's password", async () => {
  await using there = await far();
  await using proxy = await ConnectProxy.start();
  const withPassword = proxy.url.replace("http://", "http://ann:s3cret@");
  await using here = await TestRelay.start(
    ["--open", "all", "--forward", `ws://127.0.0.1:${there.port}/publish/out`, "cam=demo"],
    { http_proxy: withPassword },
  );
  await settle(here, { kind: "sending" });
  assert.deepEqual(proxy.asked, [`127.0.0.1:${there.port}`]);
  assert.deepEqual(proxy.authorizations, [`Basic ${btoa("ann:s3cret")}`]);
  proxy.refusal = "407 Proxy Authentication Required";
  await using refused = await TestRelay.start(
    ["--open", "all", "--forward", `ws://127.0.0.1:${there.port}/publish/more`, "cam=demo"],
    { http_proxy: proxy.url },
  );
  await settle(refused, { kind: "offline", reason: /^the proxy .* refuses .*407/ });
});

Deno.test("one that takes nothing slows neither another nor a viewer", async () => {
  const held = new Set<Socket>();
  const stuck = createServer((socket) => {
    held.add(socket);
    socket.once("data", () => socket.pause());
    socket.on("error", () => undefined); // destroyed below
  });
  await new Promise<void>((resolve) => stuck.listen(0, "127.0.0.1", () => resolve()));
  const address = stuck.address();
  const port = typeof address === "object" ? address?.port : undefined;
  try {
    await using there = await far();
    await using here = await near(
      ...["--forward", `http://127.0.0.1:${port}/never`],
      ...["--forward", `ws://127.0.0.1:${there.port}/publish/out`],
    );
    await settle(here, { id: "forward", kind: "sending" });
    await settle(here, { id: "forward-2", kind: "sending" });
    await using viewer = await Viewer.open(`${here.url}/live/cam`);
    await until(() => viewer.media.length > 60, { what: "two seconds of pictures" });
    assert.equal(viewer.control.filter(({ type }) => type === "skip").length, 0);
    assert.equal((await destination(here, "forward-2")).skipped.fragments, 0);
  } finally {
    for (const socket of held) socket.destroy();
    stuck.close();
  }
});

Deno.test("the API: read, replaced, ended; secrets never come back", async () => {
  await using there = await far();
  await using here = await near();
  const post = (body: unknown): Promise<Response> =>
    fetch(`${here.url}/api/destinations`, { method: "POST", body: JSON.stringify(body) });
  const url = `ws://ann:s3cret@127.0.0.1:${there.port}/publish/out`;
  const keyed = `ws://127.0.0.1:${there.port}/s/k3y/publish/out?token=t0ken`;
  assert.equal((await post({ id: "keyed", url: keyed })).status, 201);
  await settle(here, { id: "keyed", kind: "offline" });
  const shown = (await destination(here, "keyed")).url;
  assert.equal(shown, `ws://127.0.0.1:${there.port}/s/…/publish/out?token=…`);
  await fetch(`${here.url}/api/destinations/keyed`, { method: "DELETE" });
  assert.equal((await post({ id: "a", url })).status, 201);
  const again = await post({ id: "a", url: url.replace("/out", "/other"), token: "t0ken" });
  assert.equal(again.status, 200);
  const info = await settle(here, { id: "a", kind: "sending" });
  assert.equal(info.url, `ws://127.0.0.1:${there.port}/publish/other`);
  const all = JSON.stringify(await destinations(here)) + here.log.join();
  assert.doesNotMatch(all, /s3cret|t0ken|k3y/);
  for (
    const [body, field] of [
      [{ id: "a b", url }, "id"],
      [{ id: "b", url: "ftp://x" }, "url"],
      [{ id: "b", url, format: "flv" }, "format"],
      [{ id: "b", url, stream: "no name" }, "stream"],
      [{ id: "b", url, token: "two words" }, "token"],
      [{ id: "b" }, "url"],
    ] as const
  ) {
    const refused = await post(body);
    assert.equal(refused.status, 400);
    assert.equal((await refused.json()).field, field);
  }
  const gone = await fetch(`${here.url}/api/destinations/a`, { method: "DELETE" });
  assert.equal(gone.status, 204);
  assert.deepEqual(await destinations(here), []);
  await until(() => there.stream("other").offline !== undefined, { what: "the end over there" });
  assert.equal(there.stream("other").offline, "the publisher has ended");
  const unknown = await fetch(`${here.url}/api/destinations/a`);
  assert.equal(unknown.status, 404);
  await unknown.body?.cancel();
});

Deno.test("a stream that is not there yet is waited for", async () => {
  await using there = await far();
  await using here = await TestRelay.start([
    ...["--open", "all", "--forward", `late=ws://127.0.0.1:${there.port}/publish/out`, "demo"],
  ]);
  await settle(here, { kind: "offline", reason: /^there is no stream late$/ });
});

Deno.test("a far side that takes the connection and says nothing holds up no relay that stops", async () => {
  const held = new Set<Socket>();
  const mute = createServer((socket) => void held.add(socket));
  mute.listen(0, "127.0.0.1");
  await new Promise((resolve) => mute.once("listening", resolve));
  const { port } = mute.address() as { port: number };
  try {
    const here = await near("--forward", `cam=ws://127.0.0.1:${port}/publish/out`);
    await until(() => held.size > 0, { what: "the connection" });
    let stopped = false;
    const stopping = here[Symbol.asyncDispose]().then(() => stopped = true);
    // Contract §2: 5 s for all of it. A handshake would be waited for twice as long.
    await until(() => stopped, { what: "the end", limitMs: 5_000 });
    await stopping;
  } finally {
    for (const socket of held) socket.destroy();
    mute.close();
  }
});

Deno.test("tried again and again, a far side that is not there is told once in the log", async () => {
  await using here = await near("--forward", `cam=ws://127.0.0.1:${freePort()}/publish/out`);
  const reasons = (): string[] => here.log.filter((line) => line.includes("nothing listens at"));
  await settle(here, { kind: "offline" });
  const tries = new Set<string>();
  while (tries.size < 3) {
    const { state } = await destination(here);
    if (state.kind === "offline" && state.retryAt) tries.add(state.retryAt);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(reasons().length, 1, here.log.join("\n"));
});

Deno.test("two relays that send each other one stream: the way back is refused in words, whoever publishes", async () => {
  const [one, two] = [freePort(), freePort()];
  const start = (own: number, other: number, way: string): Promise<TestRelay> =>
    TestRelay.start([
      ...["--open", "all", "--listen", `127.0.0.1:${own}`],
      ...["--forward", `cam=${way}://127.0.0.1:${other}/publish/cam?replace=1`, "cam=push"],
    ]);
  for (const way of ["ws", "http"]) {
    await using here = await start(one, two, way);
    await using there = await start(two, one, way);
    const camera = new CameraStream();
    const publisher = new WebSocket(`ws://127.0.0.1:${one}/publish/cam`);
    let wasReplaced = false;
    publisher.onclose = () => void (wasReplaced = true);
    const { promise: isOpen, resolve } = Promise.withResolvers<void>();
    publisher.onopen = () => resolve();
    await isOpen;
    const filming = setInterval(() => {
      camera.tables().group(10);
      if (publisher.readyState === WebSocket.OPEN) publisher.send(camera.take().slice());
    }, 300);
    try {
      await settle(here, { kind: "sending" });
      await until(() => there.stream("cam").info.counters.videoSamples > 20, { what: "pictures" });
      await settle(there, { kind: "offline", reason: /go round for ever/ });
      assert.equal(wasReplaced, false, "whoever publishes goes on");
      const { generation, counters } = here.stream("cam").info;
      assert.deepEqual([generation, counters.generations], [1, 1]);
    } finally {
      clearInterval(filming);
      publisher.onclose = null;
      publisher.close();
    }
  }
});

Deno.test("a publisher that came another way than the one before: the far side is told", async () => {
  for (const way of ["ws", "http"]) {
    await using there = await far();
    await using here = await TestRelay.start([
      ...["--open", "all", "--forward", `cam=${way}://127.0.0.1:${there.port}/publish/out`],
      "cam=push",
    ]);
    const stops = (): number => there.hasStream("out") ? there.stream("out").via.length : 0;
    const publishUntil = async (count: number, headers: Record<string, string>): Promise<void> => {
      const camera = new CameraStream();
      const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
      const request = openRequest(`${here.url}/publish/cam`, { method: "PUT", headers });
      request.on("response", (answer) => resolve(answer.resume().statusCode)).on("error", reject);
      const filming = setInterval(() => {
        camera.tables().group(10);
        request.write(camera.take().slice());
      }, 100);
      await until(() => stops() === count, { what: `${count} stops` });
      clearInterval(filming);
      request.end();
      assert.equal(await promise, 200);
    };
    const other = stopAt(newRelayName(), "gate");
    await publishUntil(1, {});
    await publishUntil(2, { via: writeVia([other]) });
    assert.equal(there.stream("out").via[0], other);
  }
});

Deno.test("a chain of relays is told from a loop", () => {
  const stops = Array.from({ length: 16 }, (_, at) => stopAt(newRelayName(), `cam/${at}`));
  const [own = "", other = ""] = stops;
  const header = writeVia([own, "rill with a (name)\r\nX: that no stream has", other]);
  assert.equal(header, `1.1 ${own}, 1.1 ${other}`);
  assert.deepEqual(readVia(`1.1 proxy.example, ${header}, HTTP/1.1 edge (a comment)`), [
    own,
    other,
  ]);
  assert.deepEqual(readVia(null), []);
  assert.equal(loopIn([other], own), undefined);
  assert.match(loopIn([own, other], own) ?? "", /go round for ever/);
  const [relay = ""] = own.split(" ");
  assert.equal(
    loopIn([own, other], stopAt(relay, "another")),
    undefined,
    "it may come back as another",
  );
  assert.equal(loopIn(stops.map((_, at) => stopAt(relay, `${at}`)), other), undefined, "one relay");
  assert.match(loopIn(stops, stopAt(newRelayName(), "cam")) ?? "", /through 16 relays/);
});

Deno.test("a far side that leads elsewhere, or says why not in a line of text, is quoted without its secrets", async () => {
  const answers = [
    "HTTP/1.1 301 Moved Permanently\r\nlocation: https://me:pw@far.example/publish/out?token=s3cret\r\n",
    "HTTP/1.1 507 Insufficient Storage\r\ncontent-type: text/plain; charset=utf-8\r\n",
  ];
  for (
    const [at, reason] of [
      /leads to https:\/\/far\.example\/publish\/out: write/,
      /507 .*: no room$/,
    ].entries()
  ) {
    for (const way of ["ws", "http"]) {
      const server = createServer((socket) => {
        socket.on("error", () => socket.destroy());
        socket.once("data", () => {
          const body = "no room.\n";
          socket.end(
            `${answers[at]}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
          );
        });
      });
      const port = freePort();
      const { promise: listening, resolve } = Promise.withResolvers<void>();
      server.listen(port, "127.0.0.1", resolve);
      await listening;
      try {
        await using here = await near("--forward", `cam=${way}://127.0.0.1:${port}/publish/out`);
        const { state } = await settle(here, { kind: "offline", reason });
        assert.doesNotMatch(JSON.stringify(state), /s3cret|pw/);
      } finally {
        server.close();
      }
    }
  }
});
