/** Two relays, the far one pulling from the near one: the same bytes, the origin's time, the origin's reasons. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { toHex } from "../../shared/bytes.ts";
import { joinTransportStreams, makeTransportStream } from "../support/clips.ts";
import { CutProxy } from "../support/cut_proxy.ts";
import { EndlessServer } from "../support/endless_server.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestRelay, until } from "../support/relay.ts";
import { freePort } from "../support/ports.ts";
import { type MediaMessage, Viewer } from "../support/viewer.ts";

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-chain-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A clip of picture and sound. */
function withClip(use: (clip: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 6, sound: true });
    await use(clip);
  });
}

/** Written out once: viewers are asked with each message that comes. */
const written = new WeakMap<MediaMessage, readonly string[]>();

/** Every fragment a viewer was sent, in order, all generations. */
function fragmentsOf(viewer: Viewer): string[] {
  return viewer.media.flatMap((message) => {
    let known = written.get(message);
    if (known === undefined) written.set(message, known = fragmentsIn(message));
    return known;
  });
}

function fragmentsIn({ bytes, fragments }: MediaMessage): string[] {
  let start = 0;
  return fragments.map(({ end }) => {
    const fragment = toHex(bytes.subarray(start, end));
    start = end;
    return fragment;
  });
}

function initsOf(viewer: Viewer): string[] {
  return viewer.media.filter(({ fragments }) => fragments.length === 0).map(({ bytes }) =>
    toHex(bytes)
  );
}

/** Asks a relay's clock, as a viewer does. */
async function askClock(page: string): Promise<{ offsetUs: number; errorUs: number }> {
  const socket = new WebSocket(`${page.replace(/^http/, "ws")}/ws`);
  const now = (): number => (performance.timeOrigin + performance.now()) * 1000;
  let best = { offsetUs: 0, errorUs: Infinity };
  let theirs = Infinity;
  await new Promise<void>((resolve, reject) => {
    let asked = 0;
    let left = 5;
    const ask = (): void => {
      asked = now();
      socket.send('{"type":"ping","id":1}');
    };
    socket.onopen = ask;
    socket.onerror = () => reject(new Error(`${page} cannot be opened`));
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") return;
      const message = JSON.parse(data) as {
        type: string;
        t: number;
        clock?: { errorUs: number };
      };
      if (message.clock) theirs = message.clock.errorUs;
      if (message.type !== "pong") return;
      const half = (now() - asked) / 2;
      if (half < best.errorUs) best = { offsetUs: message.t - asked - half, errorUs: half };
      if (--left === 0) resolve();
      else ask();
    };
  });
  socket.close();
  await new Promise((resolve) => socket.onclose = resolve);
  return { offsetUs: best.offsetUs, errorUs: best.errorUs + theirs };
}

Deno.test("what goes through two relays is what went through one, byte for byte, and told the same time", async () => {
  await withClip(async (clip) => {
    await using near = await TestRelay.start([`cam=file:${clip}?loop`]);
    await using first = await Viewer.open(`${near.url}/live/cam`);
    await first.until(() => first.media.length > 5, { what: "the near picture" });
    await using far = await TestRelay.start([`cam=${near.url}/live/cam`]);
    await using second = await Viewer.open(`${far.url}/live/cam`);
    await second.until(() => fragmentsOf(second).length > 90, { what: "the far picture" });
    const there = fragmentsOf(second);
    await first.until(() => fragmentsOf(first).includes(there.at(-1) ?? ""), { what: "the same" });
    const here = fragmentsOf(first);
    const at = here.indexOf(there[0] ?? "");
    assert.ok(at >= 0);
    assert.deepEqual(there, here.slice(at, at + there.length));
    assert.deepEqual(initsOf(second), initsOf(first));

    const clocks = [await askClock(`${near.url}/live/cam`), await askClock(`${far.url}/live/cam`)];
    const [one, two] = clocks;
    assert.ok(one && two);
    assert.ok(two.errorUs < 200_000, `${two.errorUs} µs`);
    const apart = Math.abs(one.offsetUs - two.offsetUs);
    assert.ok(apart <= one.errorUs + two.errorUs, `${apart} µs apart, ± ${two.errorUs}`);
  });
});

Deno.test("the time that is told on is the origin's, however wrong its clock is", async () => {
  const WRONG_US = 3_600_000_000;
  await withClip(async (clip) => {
    await using camera = await TestRelay.start([`cam=file:${clip}?loop`]);
    await using captured = await Viewer.open(`${camera.url}/live/cam`);
    await captured.until(() => fragmentsOf(captured).length > 30, { what: "pictures" });
    const sockets = new Set<WebSocket>();
    await using origin = await EndlessServer.start({
      answer: (request) => {
        const { socket, response } = Deno.upgradeWebSocket(request);
        sockets.add(socket);
        socket.onopen = () => {
          socket.send(JSON.stringify({ ...captured.stream, clock: { errorUs: 77 } }));
          for (const { bytes } of captured.media) socket.send(bytes);
        };
        socket.onmessage = ({ data }) => {
          const { id } = JSON.parse(data) as { id: string };
          const t = (performance.timeOrigin + performance.now()) * 1000 + WRONG_US;
          socket.send(JSON.stringify({ type: "pong", id, t }));
        };
        return response;
      },
    });
    {
      await using far = await TestRelay.start([`cam=http://${origin.host}/live/cam`]);
      await until(() => far.stream("cam").info.state.kind === "live", { what: "the picture" });
      const { offsetUs, errorUs } = await askClock(`${far.url}/live/cam`);
      assert.ok(errorUs > 77 && errorUs < 200_000, `${errorUs} µs`);
      assert.ok(Math.abs(offsetUs - WRONG_US) <= errorUs, `${offsetUs} µs, ± ${errorUs}`);
    }
    for (const socket of sockets) socket.close();
  });
});

Deno.test("a cable that is pulled: the same bytes go on, none twice, and the camera never noticed", async () => {
  await withClip(async (clip) => {
    await using near = await TestRelay.start([`cam=file:${clip}?loop`]);
    await using cable = await CutProxy.start(near.port);
    await using first = await Viewer.open(`${near.url}/live/cam`);
    await using far = await TestRelay.start([`cam=http://127.0.0.1:${cable.port}/live/cam`]);
    await using second = await Viewer.open(`${far.url}/live/cam`);
    await second.until(() => fragmentsOf(second).length > 50, { what: "the picture" });
    cable.cut();
    await until(() => far.stream("cam").offline !== undefined, { what: "the end" });
    assert.match(
      far.stream("cam").offline ?? "",
      /^127\.0\.0\.1:\d+ ended the connection|^nothing answers at/,
    );
    cable.mend();
    await second.until(() => second.control.filter(({ type }) => type === "stream").length === 2, {
      what: "its return",
    });
    const before = fragmentsOf(second).length;
    await second.until(() => fragmentsOf(second).length > before + 30, { what: "pictures again" });
    const there = fragmentsOf(second);
    await first.until(() => fragmentsOf(first).includes(there.at(-1) ?? ""), { what: "the same" });
    const here = fragmentsOf(first);
    const places = there.map((fragment) => here.indexOf(fragment));
    assert.ok(!places.includes(-1), "a fragment was made anew");
    assert.ok(places.every((place, at) => at === 0 || place > (places[at - 1] ?? -1)), "in order");
    assert.equal(near.stream("cam").info.counters.generations, 1);
    assert.equal(near.stream("cam").info.counters.restarts, 0);
  });
});

Deno.test("a new generation of the near relay's is one of the far relay's, its index as it was", async () => {
  await withFolder(async (folder) => {
    const other = join(folder, "other.ts");
    const both = join(folder, "both.ts");
    await makeTransportStream(other, { seconds: 2, size: "160x90", sound: true });
    const start = join(folder, "start.ts");
    await makeTransportStream(start, { seconds: 2, sound: true });
    await joinTransportStreams(both, [start, other]);
    await using near = await TestRelay.start([`cam=file:${both}?loop`]);
    await using first = await Viewer.open(`${near.url}/live/cam`);
    await using far = await TestRelay.start([`cam=${near.url}/live/cam`]);
    await using second = await Viewer.open(`${far.url}/live/cam`);
    await second.until(() => initsOf(second).length >= 3, { what: "generations" });
    await second.until(() => second.fragments(1).length > 10, { what: "pictures of the third" });
    const there = fragmentsOf(second);
    await first.until(() => fragmentsOf(first).includes(there.at(-1) ?? ""), { what: "the same" });
    for (const init of initsOf(second)) assert.ok(initsOf(first).includes(init));
    const here = new Set(fragmentsOf(first));
    assert.ok(there.every((fragment) => here.has(fragment)), "a fragment was made anew");
  });
});

Deno.test("why there is no picture is told on, and its return needs no new connection", async () => {
  await withClip(async (clip) => {
    await using near = await TestRelay.start(["guest=push"]);
    await using far = await TestRelay.start([
      `cam=${near.url}/live/guest`,
      `nobody=${near.url}/live/nobody`,
    ]);
    const { port } = near;
    await until(() => far.stream("cam").offline !== undefined, { what: "the reason" });
    assert.equal(
      far.stream("cam").offline,
      `127.0.0.1:${port} has no picture: Nobody publishes this stream yet`,
    );
    await until(() => far.stream("nobody").offline !== undefined, { what: "the other reason" });
    assert.match(far.stream("nobody").offline ?? "", /says: there is no stream nobody$/);
    const publication = near.stream("guest").publish();
    assert.ok(publication);
    await publication.write(await Deno.readFile(clip));
    await until(() => far.stream("cam").info.state.kind === "live", { what: "the picture" });
    assert.equal(far.stream("cam").info.counters.restarts, 0);
    publication.end();
    await until(() => /has no picture/.test(far.stream("cam").offline ?? ""), { what: "its end" });
  });
});

Deno.test("two relays that take a stream from each other say so, and their sentences have an end", async () => {
  const [one, two] = [freePort(), freePort()];
  const start = (own: number, other: number): Promise<TestRelay> =>
    TestRelay.start(["--listen", `127.0.0.1:${own}`, `cam=http://127.0.0.1:${other}/live/cam`]);
  await using here = await start(one, two);
  await until(() => here.stream("cam").offline !== undefined, { what: "a first reason" });
  await using there = await start(two, one);
  const loop = /it takes this stream from the relay that takes it from there/;
  const reasons = (): string[] => [here, there].map((relay) => relay.stream("cam").offline ?? "");
  await until(() => reasons().every((reason) => loop.test(reason)), { what: "what is wrong" });
  const before = reasons();
  for (const reason of before) assert.ok(reason.length < 300, reason);
  const lines = here.log.length;
  using _viewer = await RawClient.webSocket(here.port, "/live/cam/ws"); // whatever was under way has come
  assert.deepEqual(reasons(), before);
  assert.ok(here.log.length - lines < 5, here.log.slice(lines).join("\n"));
});
