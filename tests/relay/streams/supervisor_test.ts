/** One stream's life: its worker, its states in words, what it counts, and its end. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { RING_BYTES } from "../../../relay/ingest/batch_ring.ts";
import { Log } from "../../../relay/log.ts";
import { equipSource, parseSource } from "../../../relay/sources/mod.ts";
import { Supervisor } from "../../../relay/streams/supervisor.ts";
import { askUntil } from "../../support/ask.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { RecordingSink } from "../../support/recording_sink.ts";
import { until } from "../../support/relay.ts";
import { TsBuilder, VIDEO_PID } from "../../support/ts_builder.ts";
import { freeUdpPort, UdpSender } from "../../support/ports.ts";

/** A stream of that source, and what it logged. */
function supervise(
  source: string,
  options: { readonly unreadableMs?: number } = {},
): { stream: Supervisor; lines: string[] } {
  const lines: string[] = [];
  const log = new Log({ level: "debug", format: "text", write: (line) => void lines.push(line) });
  return {
    stream: new Supervisor({ name: "cam", spec: parseSource(source), log, ...options }),
    lines,
  };
}

/** A clip of two groups. */
async function withClip(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-supervisor-" });
  try {
    const path = join(folder, "clip.ts");
    await Deno.writeFile(path, new CameraStream().tables().group(10).group(10).take());
    await test(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a file that ends: its pictures, its counters, and that it has ended", () =>
  withClip(async (path) => {
    const { stream, lines } = supervise(`file:${path}?pace=fast`);
    await using _ = stream;
    const sink = new RecordingSink();
    stream.hub.subscribe(sink);
    assert.equal(stream.info.state.kind, "starting");
    assert.equal(stream.offline, undefined);
    await until(() => stream.info.state.kind === "ended", { what: "the end" });
    assert.equal(sink.story[0], "init 1");
    assert.equal(sink.story.at(-1), "offline");
    const pictures = sink.batches.flatMap(({ fragments }) => fragments).filter(({ track }) =>
      track === 1
    );
    assert.equal(pictures.length, 20);
    const { counters, tracks, generation, mime } = stream.info;
    assert.equal(counters.videoSamples, 20);
    assert.equal(counters.bytesIn, (await Deno.stat(path)).size);
    assert.deepEqual([generation, tracks.length, counters.restarts], [1, 2, 0]);
    assert.equal(mime, 'video/mp4; codecs="avc1.4d001e,mp4a.40.2"');
    assert.match(stream.offline ?? "", /come to its end/);
    assert.ok(lines.some((line) => line.includes("cam: generation 1: avc1.4d001e 320×240")));
  }));

Deno.test("pictures that the ring has no room for keep their place among those that it has", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-supervisor-" });
  try {
    const path = join(folder, "clip.ts");
    const camera = new CameraStream().tables(["picture"]);
    for (let i = 0; i < 24; i++) {
      camera.picture({ key: i % 12 === 0, bytes: i % 5 === 2 ? RING_BYTES + 1000 * i : 500 });
    }
    await Deno.writeFile(path, camera.take());
    const { stream } = supervise(`file:${path}?pace=fast`);
    await using _ = stream;
    const sink = new RecordingSink();
    stream.hub.subscribe(sink);
    await until(() => stream.info.state.kind === "ended", { what: "the end" });
    assert.deepEqual(
      sink.batches.map(({ sequence }) => sequence),
      Array.from({ length: 24 }, (_, i) => i),
    );
    assert.equal(sink.batches.filter(({ bytes }) => bytes.length > RING_BYTES).length, 5);
    for (const { bytes } of sink.batches) assert.equal(bytes.byteOffset, 16);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("batches cross: room for a frame's header is still before them", () =>
  withClip(async (path) => {
    const { stream } = supervise(`file:${path}?pace=fast`);
    await using _ = stream;
    const sink = new RecordingSink();
    stream.hub.subscribe(sink);
    await until(() => stream.info.state.kind === "ended", { what: "the end" });
    for (const { bytes } of sink.batches) {
      assert.equal(bytes.byteOffset, 16);
      assert.equal(bytes.buffer.byteLength, 16 + bytes.length);
    }
  }));

Deno.test("a source that breaks: offline with its sentence and the time of the next try, then tried again", async () => {
  const { stream, lines } = supervise("file:/nowhere/to/be/found.ts");
  await using _ = stream;
  const sink = new RecordingSink();
  stream.hub.subscribe(sink);
  await until(() => stream.info.state.kind === "offline", { what: "the failure" });
  const { state } = stream.info;
  assert.ok(state.kind === "offline");
  assert.equal(state.reason, "no such file: /nowhere/to/be/found.ts");
  assert.ok(Date.parse(state.retryAt ?? "") > Date.now() - 1000);
  assert.equal(stream.offline, "no such file: found.ts", "what viewers are told");
  await until(() => stream.info.counters.restarts >= 2, { what: "two more tries" });
  assert.deepEqual(sink.story, ["offline"], "said once, not at every try");
  assert.equal(lines.filter((line) => line.includes("no such file")).length, 1);
});

Deno.test("disposed of, it ends its worker and lets its takers go", () =>
  withClip(async (path) => {
    const { stream } = supervise(`file:${path}?loop`);
    const sink = new RecordingSink();
    stream.hub.subscribe(sink);
    await until(() => sink.batches.length > 0, { what: "a batch" });
    await stream[Symbol.asyncDispose]();
    assert.equal(sink.story.at(-1), "close gone");
    const count = sink.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(sink.calls.length, count, "nothing comes any more");
  }));

Deno.test("a file that holds nothing to play is said to, and tried again: somebody may put it right", () =>
  withClip(async (path) => {
    await Deno.writeFile(path, new Uint8Array(5000).fill(7));
    const { stream } = supervise(`file:${path}?pace=fast`);
    await using _ = stream;
    await until(() => stream.offline !== undefined, { what: "the failure" });
    assert.equal(
      stream.offline,
      "nothing in file:clip.ts?pace=fast can be played: is it MPEG-TS, H.264, H.265, ADTS or MP4?",
    );
    await until(() => stream.info.counters.restarts >= 1, { what: "another try" });
    await Deno.writeFile(path, new CameraStream().tables().group(10).group(10).take());
    await until(() => stream.info.state.kind === "ended", { what: "the end" });
    assert.equal(stream.info.counters.videoSamples, 20);
  }));

Deno.test("what is of a kind that is not played is named, whichever source brings it", async (test) => {
  const expected =
    /^The camera sends MPEG-2 pictures, and Rill plays .* set the camera to H\.264\.$/;
  for (
    const [name, source] of [["a file", "file:PATH?pace=fast"], ["a program", "exec:cat PATH"]]
  ) {
    await test.step(name ?? "", () =>
      withClip(async (path) => {
        const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: 0x02 }]);
        for (let i = 0; i < 30; i++) {
          builder.pes(VIDEO_PID, { payload: new Uint8Array(500).fill(i), pts: 90_000 + i * 3_000 });
        }
        await Deno.writeFile(path, builder.take());
        const { stream } = supervise(source?.replace("PATH", path) ?? "");
        await using _ = stream;
        await until(() => stream.offline !== undefined, { what: "the reason" });
        assert.match(stream.offline ?? "", expected);
      }));
  }
});

Deno.test("a camera that falls silent: no picture is said to have come, not that it is connected", async () => {
  const port = freeUdpPort();
  const { stream } = supervise(`udp://127.0.0.1:${port}`);
  await using _ = stream;
  using sender = new UdpSender(port);
  const bytes = new CameraStream().tables().group(10).group(10).take();
  // The worker binds the port when it is up; until then datagrams are lost.
  await askUntil(async () => {
    await sender.send(bytes);
    return stream.info.state.kind;
  }, { accept: (kind) => kind === "live", what: "the picture" });
  await until(() => stream.offline !== undefined, { what: "the silence" });
  assert.equal(stream.offline, "no picture has come for 5 s: waiting for the camera");
});

Deno.test("pictures of which none can be begun with: said so, until one can", async () => {
  const port = freeUdpPort();
  const { stream, lines } = supervise(`udp://127.0.0.1:${port}`, { unreadableMs: 500 });
  await using _ = stream;
  using sender = new UdpSender(port);
  const camera = new CameraStream();
  let hasKeys = false;
  const sending = setInterval(() => {
    camera.tables().picture({ key: hasKeys, sets: camera.sets });
    void sender.send(camera.take());
  }, 33);
  try {
    await until(() => stream.offline !== undefined, { what: "the reason" });
    assert.match(stream.offline ?? "", /^pictures come, but none .* key picture \(IDR\)/);
    hasKeys = true;
    await until(() => stream.info.state.kind === "live", { what: "the picture" });
    assert.equal(lines.filter((line) => line.includes("none that a viewer")).length, 1);
  } finally {
    clearInterval(sending);
  }
});

Deno.test("a program that writes garbage: offline with the reason, and back when it behaves", async (test) => {
  const RIGHT = "MPEG-TS, H.264, H.265, ADTS or MP4";
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["and ends", "head -c 300000 /dev/urandom", new RegExp(`^nothing in what .* be ${RIGHT}$`)],
    ["without end", "cat /dev/zero", new RegExp(`^nothing in what comes can be .* be ${RIGHT}$`)],
    ["of a known kind", "printf RIFF; exec cat /dev/zero", /^This is WAV or AVI; Rill takes/],
  ];
  for (const [name, garbage, expected] of cases) {
    await test.step(name, () =>
      withClip(async (path) => {
        const flag = `${path}.flag`;
        const play = `if [ -e ${flag} ]; then cat ${path}; sleep 100; fi; >${flag}; ${garbage}`;
        const { stream, lines } = supervise(`exec:sh -c '${play}'`, { unreadableMs: 1_000 });
        await using _ = stream;
        await until(() => stream.offline !== undefined, { what: "the reason" });
        assert.match(stream.offline ?? "", expected);
        await until(() => stream.info.state.kind === "live", { what: "its return" });
        assert.equal(lines.filter((line) => line.includes("warn")).length, 1);
      }));
  }
});

Deno.test("a program that takes long to begin has its time to be understood from its first bytes on", () =>
  withClip(async (path) => {
    // Two packets, tables alone: nothing that could be read yet.
    const play = `sleep 3; head -c 376 ${path}; sleep 0.5; tail -c +377 ${path}; sleep 100`;
    const { stream } = supervise(`exec:sh -c '${play}'`, { unreadableMs: 2500 });
    await using _ = stream;
    await until(() => stream.info.state.kind !== "starting", { what: "a picture, or a reason" });
    assert.equal(stream.info.state.kind, "live", stream.offline ?? "");
  }));

Deno.test("on demand: asleep until somebody watches, awake while one does, asleep again after a while", () =>
  withClip(async (path) => {
    const log = new Log({ level: "error", format: "text", write: () => undefined });
    const spec = equipSource(parseSource(`file:${path}?loop`), { onDemand: true });
    await using stream = new Supervisor({ name: "cam", spec, log, restMs: 100 });
    const kind = (): string => stream.info.state.kind;
    assert.equal(kind(), "asleep");
    assert.equal(stream.offline, undefined, "a request waits for its picture");
    for (let round = 1; round <= 2; round++) {
      const sink = new RecordingSink();
      const other = new RecordingSink();
      const watching = stream.hub.subscribe(sink);
      const also = stream.hub.subscribe(other);
      await until(() => sink.batches.length > 3, { what: "pictures" });
      assert.equal(kind(), "live");
      assert.equal(stream.info.generation, round, "numbers go on");
      watching[Symbol.dispose]();
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal(kind(), "live", "one still watches");
      also[Symbol.dispose]();
      await until(() => kind() === "asleep", { what: "sleep" });
    }
    // Woken while it goes to sleep.
    const late = new RecordingSink();
    using _ = stream.hub.subscribe(late);
    await until(() => late.batches.length > 3, { what: "pictures again" });
    assert.equal(stream.info.counters.restarts, 0, "no failure is counted");
  }));

Deno.test("on demand no more: the camera stays awake although nobody watches, also when it was about to rest", () =>
  withClip(async (path) => {
    const log = new Log({ level: "error", format: "text", write: () => undefined });
    const always = parseSource(`file:${path}?loop`);
    const onDemand = equipSource(always, { onDemand: true });
    await using stream = new Supervisor({ name: "cam", spec: onDemand, log, restMs: 300 });
    const kind = (): string => stream.info.state.kind;
    const sink = new RecordingSink();
    const watching = stream.hub.subscribe(sink);
    await until(() => sink.batches.length > 3, { what: "pictures" });
    watching[Symbol.dispose]();
    stream.restart(always); // the rest has begun, and is nobody's wish any more
    await new Promise((resolve) => setTimeout(resolve, 500));
    await until(() => kind() === "live", { what: "pictures without a viewer" });

    stream.restart(onDemand);
    assert.equal(kind(), "asleep", "nobody watches");
    stream.restart(always); // before the camera has gone to sleep
    await until(() => kind() === "live", { what: "pictures without a viewer again" });
    assert.equal(stream.info.counters.restarts, 0, "no failure is counted");
  }));

Deno.test("a stream that gets a source of its own while somebody begins to publish it", () =>
  withClip(async (path) => {
    const { stream } = supervise("push");
    await using _ = stream;
    const publication = stream.publish();
    assert.ok(publication);
    publication.write(new Uint8Array(188).fill(0x47)); // its worker is not ready yet
    stream.restart(parseSource(`file:${path}?loop`));
    assert.match(await publication.ended, /started again/);
    assert.equal(stream.isPublished, false);
    assert.equal(stream.publish(), undefined);
    await until(() => stream.info.state.kind === "live", { what: "the file's pictures" });
    assert.equal(stream.info.counters.unreadable, 0, "nothing of the publisher's is in it");
  }));
