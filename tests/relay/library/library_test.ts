/** Recordings by the API: begun, ended, listed, fetched in parts, thrown away; and what is refused. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Problem } from "../../../shared/api.ts";
import type { RecordingInfo, RecordingState } from "../../../shared/recordings.ts";
import { removeEmpty } from "../../../relay/library/folder.ts";
import { askUntil } from "../../support/ask.ts";
import { assertFfprobeIsSilent } from "../../support/judges.ts";
import { ffprobe } from "../../support/ffprobe.ts";
import { TestRelay } from "../../support/relay.ts";
import { run } from "../../support/run.ts";
import { PATIENCE_MS } from "../../support/patience.ts";

/** A relay that records below a folder of its own. */
class Recording implements AsyncDisposable {
  readonly data = Deno.makeTempDirSync({ prefix: "rill-library-" });
  #relay: TestRelay | undefined;

  async start(...args: string[]): Promise<this> {
    this.#relay = await TestRelay.start(["--data", this.data, ...args]);
    return this;
  }

  async stop(): Promise<void> {
    await this.#relay?.[Symbol.asyncDispose]();
    this.#relay = undefined;
  }

  get relay(): TestRelay {
    assert.ok(this.#relay);
    return this.#relay;
  }

  get url(): string {
    return this.relay.url;
  }

  record(name: string, method: "GET" | "POST" | "DELETE"): Promise<Response> {
    return fetch(`${this.url}/api/streams/${name}/record`, { method });
  }

  async state(name: string): Promise<RecordingState> {
    return await (await this.record(name, "GET")).json();
  }

  /** Until so much was recorded. */
  async until(met: (state: RecordingState) => boolean, name = "demo"): Promise<RecordingState> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const state = await this.state(name);
      if (met(state)) return state;
      assert.ok(performance.now() < end, JSON.stringify(state));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async list(query = ""): Promise<RecordingInfo[]> {
    return (await (await fetch(`${this.url}/api/recordings${query}`)).json()).recordings;
  }

  file(id: string): string {
    return join(this.data, "recordings", `${id}.mp4`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.data, { recursive: true });
  }
}

Deno.test("a recording: begun, told of, ended, listed, fetched whole and in parts, thrown away", async () => {
  await using test = await new Recording().start("--open", "all", "field/cam=demo");
  assert.deepEqual(await test.list(), []);
  assert.deepEqual(await test.state("field/cam"), { allowed: true });
  const begun = await test.record("field/cam", "POST");
  assert.equal(begun.status, 201);
  await begun.body?.cancel();
  assert.equal((await test.record("field/cam", "POST")).status, 409);
  await test.until(({ recording }) => (recording?.seconds ?? 0) > 1.5, "field/cam");
  const [open] = await test.list();
  assert.equal(test.relay.stream("field/cam").info.viewers, 0, "a recorder watches nothing");
  assert.equal(open?.state, "recording");
  const busy = await fetch(`${test.url}/api/recordings/${open?.id}`, { method: "DELETE" });
  assert.equal(busy.status, 409);
  assert.match((await busy.json()).detail, /still being made/);
  const ended: RecordingState = await (await test.record("field/cam", "DELETE")).json();
  assert.equal(ended.recording, undefined);
  const [id = ""] = ended.ended?.recordings ?? [];
  assert.match(id, /^field\/cam\/\d{13}$/);
  assert.equal(ended.ended?.problem, undefined);
  const [done, ...others] = await test.list("?stream=field/cam");
  assert.deepEqual(others, []);
  assert.equal(done?.id, id);
  assert.equal(done.state, "done");
  assert.ok((done.seconds ?? 0) > 1.5);
  assert.deepEqual(done.tracks.map(({ codec }) => codec), ["avc1", "mp4a"]);
  assert.equal(done.note, undefined);
  assert.deepEqual(await test.list("?stream=other"), []);
  await assertFfprobeIsSilent(test.file(id));
  const bytes = await Deno.readFile(test.file(id));
  assert.equal(done.bytes, bytes.length);
  const media = `${test.url}/api/recordings/${id}/media.mp4`;
  const whole = await fetch(media);
  assert.equal(whole.headers.get("content-type"), "video/mp4");
  assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), bytes);
  const etag = whole.headers.get("etag") ?? "";
  const cases: [Record<string, string>, number, [number, number] | undefined][] = [
    [{ range: "bytes=0-99" }, 206, [0, 100]],
    [{ range: `bytes=${bytes.length - 7}-` }, 206, [bytes.length - 7, bytes.length]],
    [{ range: "bytes=-5" }, 206, [bytes.length - 5, bytes.length]],
    [{ range: `bytes=10-${bytes.length + 10}` }, 206, [10, bytes.length]],
    [{ range: `bytes=${bytes.length}-` }, 416, undefined],
    [{ range: "bytes=-0" }, 416, undefined],
    [{ range: "bytes=5-2" }, 200, [0, bytes.length]],
    [{ range: "bytes=0-1,4-5" }, 200, [0, bytes.length]],
    [{ range: "bytes=0-99", "if-range": etag }, 206, [0, 100]],
    [{ range: "bytes=0-99", "if-range": '"another"' }, 200, [0, bytes.length]],
    [{ "if-none-match": etag }, 304, undefined],
    [{ "if-none-match": `"another", W/${etag}` }, 304, undefined],
    [{ "if-none-match": "*" }, 304, undefined],
    [{ range: "Bytes=0-99" }, 206, [0, 100]],
    [{ range: "bytes=0-99", "if-match": etag }, 206, [0, 100]],
    [{ range: "bytes=0-99", "if-match": '"another"' }, 412, undefined],
    [{ "if-match": `W/${etag}` }, 412, undefined],
    [{ "if-match": "*" }, 200, [0, bytes.length]],
  ];
  for (const [headers, status, part] of cases) {
    const answer = await fetch(media, { headers });
    const body = new Uint8Array(await answer.arrayBuffer());
    assert.equal(answer.status, status, JSON.stringify(headers));
    if (part === undefined) continue;
    assert.deepEqual(body, bytes.slice(...part));
    if (status !== 206) continue;
    const range = `bytes ${part[0]}-${part[1] - 1}/${bytes.length}`;
    assert.equal(answer.headers.get("content-range"), range);
  }
  const head = await fetch(media, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), String(bytes.length));
  const part = await fetch(media, { method: "HEAD", headers: { range: "bytes=0-99" } });
  assert.equal(part.status, 200, "parts are GET's");
  const gone = await fetch(`${test.url}/api/recordings/${id}`, { method: "DELETE" });
  assert.equal(gone.status, 204);
  assert.deepEqual(await test.list(), []);
  assert.equal((await fetch(media)).status, 404);
  assert.deepEqual([...Deno.readDirSync(join(test.data, "recordings"))], [], "no empty folder");
});

Deno.test("without the right, from another site, of no stream, by no name: in words", async () => {
  await using closed = await new Recording().start("demo");
  await using test = await new Recording().start("--open", "all", "demo");
  const answers: [Response, number, RegExp][] = [
    [await closed.record("demo", "POST"), 403, /--open all/],
    [await closed.record("demo", "DELETE"), 403, /--open all/],
    [await test.record("demo", "DELETE"), 409, /not being recorded/],
    [await test.record("nobody", "POST"), 404, /no stream named nobody/],
    [await test.record("nobody", "GET"), 404, /no stream named nobody/],
    [
      await fetch(`${test.url}/api/streams/demo/record`, {
        method: "POST",
        headers: { origin: "https://evil.example" },
      }),
      403,
      /another site/,
    ],
    [
      await fetch(`${test.url}/api/recordings/demo/1700000000000`, { method: "DELETE" }),
      404,
      /no recording/,
    ],
  ];
  await Deno.writeTextFile(join(test.data, "secret.mp4"), "secret");
  for (const id of ["..%2fsecret", "demo%2f..%2f..%2fsecret", "demo%2f%2e%2e%2fsecret", "demo"]) {
    answers.push([
      await fetch(`${test.url}/api/recordings/${id}/media.mp4`),
      404,
      /no recording/,
    ]);
  }
  for (const [answer, status, words] of answers) {
    const { detail }: Problem = await answer.json();
    assert.equal(answer.status, status, detail);
    assert.match(detail, words);
  }
  assert.deepEqual(await closed.state("demo"), { allowed: false });
});

Deno.test("a relay that stops closes its recordings: playable, and listed at the next start", async () => {
  await using test = await new Recording().start("--open", "all", "demo");
  await (await test.record("demo", "POST")).body?.cancel();
  await test.until(({ recording }) => (recording?.seconds ?? 0) > 1);
  await test.stop();
  await test.start("--open", "all", "demo");
  const [info] = await test.list();
  assert.equal(info?.state, "done");
  assert.ok((info.seconds ?? 0) > 1);
  await assertFfprobeIsSilent(test.file(info.id));
});

Deno.test("what a crash left open is a whole recording after the next start", async () => {
  await using test = await new Recording().start("--open", "all", "demo");
  await (await test.record("demo", "POST")).body?.cancel();
  await test.until(({ recording }) => (recording?.seconds ?? 0) > 2.5);
  const [{ id } = { id: "" }] = await test.list();
  const asItLay = await Deno.readFile(test.file(id));
  await test.stop();
  await Deno.writeFile(test.file(id), asItLay);
  await Deno.writeTextFile(`${test.file(id)}.part`, "half of it");
  await test.start("--open", "all", "demo");
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const [info] = await test.list();
    if ((info?.seconds ?? 0) > 1) break;
    assert.ok(performance.now() < end, JSON.stringify(info));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await assertFfprobeIsSilent(test.file(id));
  const names = [...Deno.readDirSync(join(test.data, "recordings", "demo"))].map(({ name }) =>
    name
  );
  assert.equal(names.length, 1);
});

Deno.test("what a crash left open is repaired, also where the clock stands before it", async () => {
  await using test = await new Recording().start("--open", "all", "demo");
  await (await test.record("demo", "POST")).body?.cancel();
  await test.until(({ recording }) => (recording?.seconds ?? 0) > 2.5);
  const [{ id } = { id: "" }] = await test.list();
  const asItLay = await Deno.readFile(test.file(id));
  await test.stop();
  // A board without a battery wakes in the past, until it has heard of the time.
  const later = `demo/${Date.now() + 3_600_000}`;
  await Deno.writeFile(test.file(later), asItLay);
  await test.start("--open", "all", "demo");
  const [info] = await test.list();
  assert.equal(info?.id, later);
  assert.ok(info.seconds !== undefined || /never closed/.test(info.note ?? ""), "it is told of");
  await askUntil(() => test.list(), {
    accept: ([newest]) => (newest?.seconds ?? 0) > 1,
    what: "its repair",
  });
  await assertFfprobeIsSilent(test.file(later));
});

Deno.test("a recording in which there is nothing yet is taken away at the next start; what is no recording stays", async () => {
  await using test = await new Recording().start("--open", "all", "demo");
  await (await test.record("demo", "POST")).body?.cancel();
  await test.until(({ recording }) => (recording?.seconds ?? 0) > 1.5);
  const [{ id } = { id: "" }] = await test.list();
  const open = await Deno.readFile(test.file(id));
  await test.stop();
  const opening = new TextDecoder("latin1").decode(open).indexOf("prft") - 4;
  const [empty, bare, other] = ["demo/1700000000000", "demo/1700000000001", "demo/notes"];
  await Deno.writeFile(test.file(empty ?? ""), new Uint8Array(0));
  await Deno.writeFile(test.file(bare ?? ""), open.subarray(0, opening));
  await Deno.writeFile(test.file(other ?? ""), new Uint8Array(0));
  await test.start("--open", "all", "demo");
  await askUntil(() => test.list(), {
    accept: (list) => list.length === 1,
    what: "the one that holds something",
  });
  assert.deepEqual((await test.list()).map((each) => each.id), [id]);
  assert.equal((await Deno.stat(test.file(other ?? ""))).size, 0);
});

Deno.test("a link among the recordings leads nowhere", async () => {
  await using test = await new Recording().start("--open", "all", "demo");
  await Deno.writeTextFile(join(test.data, "secret"), "secret");
  await Deno.mkdir(join(test.data, "recordings", "demo"), { recursive: true });
  await Deno.symlink(join(test.data, "secret"), test.file("demo/1700000000000"));
  const answer = await fetch(`${test.url}/api/recordings/demo/1700000000000/media.mp4`);
  assert.equal(answer.status, 404, await answer.text());
});

Deno.test("folders that are empty go; one that somebody else has taken away is no trouble", async () => {
  const top = await Deno.makeTempDir({ prefix: "rill-folders-" });
  try {
    await Deno.mkdir(join(top, "a", "b"), { recursive: true });
    await Deno.mkdir(join(top, "a", "kept", "c"), { recursive: true });
    await Deno.writeTextFile(join(top, "a", "kept", "file"), "");
    await removeEmpty(join(top, "a", "b", "gone"), top);
    await removeEmpty(join(top, "a", "kept", "c"), top);
    const left = [...Deno.readDirSync(join(top, "a"))].map(({ name }) => name);
    assert.deepEqual(left, ["kept"]);
    assert.deepEqual([...Deno.readDirSync(join(top, "a", "kept"))].map(({ name }) => name), [
      "file",
    ]);
  } finally {
    await Deno.remove(top, { recursive: true });
  }
});

Deno.test("a stream that was never there: nothing is recorded, and that is said", async () => {
  await using test = await new Recording().start("--open", "all", "cam=push");
  await (await test.record("cam", "POST")).body?.cancel();
  const { recording } = await test.state("cam");
  assert.match(recording?.waiting ?? "", /nobody publishes/i);
  const ended: RecordingState = await (await test.record("cam", "DELETE")).json();
  assert.match(ended.ended?.problem ?? "", /nothing was recorded/);
  assert.deepEqual(ended.ended?.recordings, []);
});

Deno.test("Opus sound becomes AAC, with the index in front", async () => {
  await using test = await new Recording().start("--open", "all", "cam=push");
  const clip = join(test.data, "clip.mp4");
  await run("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=3"],
    ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=3"],
    ...["-c:v", "libx264", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "libopus", "-b:a", "64k"],
    ...["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", clip],
  ]);
  await (await test.record("cam", "POST")).body?.cancel();
  const sent = await fetch(`${test.url}/publish/cam`, {
    method: "POST",
    body: await Deno.readFile(clip),
  });
  assert.equal(sent.status, 200, await sent.text());
  await test.until(({ recording }) => (recording?.seconds ?? 0) > 2.5, "cam");
  const ended: RecordingState = await (await test.record("cam", "DELETE")).json();
  const [id = ""] = ended.ended?.recordings ?? [];
  const end = performance.now() + PATIENCE_MS;
  let [info] = await test.list();
  while (info?.state === "finishing") {
    assert.ok(performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 50));
    [info] = await test.list();
  }
  assert.deepEqual(info?.tracks.map(({ codec }) => codec), ["avc1", "mp4a"]);
  const { streams } = await ffprobe(test.file(id), {
    args: ["-count_packets", "-show_streams"],
    level: "error",
  }) as { streams: Record<string, unknown>[] };
  assert.deepEqual(streams.map(({ codec_name }) => codec_name), ["h264", "aac"]);
  assert.equal(streams[0]?.nb_read_packets, "75");
  const text = new TextDecoder("latin1").decode(await Deno.readFile(test.file(id)));
  assert.ok(text.indexOf("moov") < text.indexOf("mdat"));
});
