/** vw's feeds, streams and destinations: the tests that its README plans, by name, and what its users rely on besides. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import { figure } from "../../support/figure.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { run } from "../../support/run.ts";
import { VwClient, VwSocket } from "../../support/vw_client.ts";
import { FarEnd } from "../../support/vw_far_end.ts";

/** vw's longest message from a body. */
const MAX_FRAME = 1_024_000;
const CLIP = new URL("../../../relay/sources/demo_clip.mpegts", import.meta.url);

class Vw extends VwClient implements AsyncDisposable {
  readonly relay: TestRelay;

  private constructor(relay: TestRelay) {
    super(relay.compatUrl("vw"));
    this.relay = relay;
  }

  static async start(...sources: string[]): Promise<Vw> {
    return new Vw(await TestRelay.start(sources, {}, "compat: {vw: 127.0.0.1:0}"));
  }

  /** Records a feed to a file of the data folder. */
  record(stream: string, name: string, limits = ""): Promise<void> {
    return this.destination({ id: name, stream, destination: `file:${name}${limits}` });
  }

  /** Waits until a recording is closed. */
  async recorded(name: string): Promise<Bytes> {
    const closed = (): boolean =>
      this.relay.log.some((line) => line.includes(`file=${name}`) && /recorded \d+/.test(line));
    await until(closed, { what: `the end of ${name}` });
    return await Deno.readFile(`${this.relay.data}/vw/${name}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.relay[Symbol.asyncDispose]();
  }
}

/** Bytes that are like no others. */
function blob(length: number): Bytes {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, length)));
  }
  return bytes;
}

function same(actual: Bytes, expected: Bytes, what: string): void {
  assert.equal(actual.length, expected.length, what);
  assert.ok(actual.every((byte, at) => byte === expected[at]), what);
}

Deno.test("vw: a blob recorded to file and compared", async () => {
  await using vw = await Vw.start();
  await vw.record("blob", "blob.bin");
  const bytes = blob(3_000_000);
  await vw.feed("blob", bytes);
  await vw.ask("DELETE", "/api/destinations/blob-bin"); // no such rule
  await vw.destination({ id: "blob.bin", stream: "blob", destination: "file:another.bin" });
  same(await vw.recorded("blob.bin"), bytes, "the file");
});

Deno.test("vw: raw feeds are recorded with limits by time, frames or bytes", async () => {
  await using vw = await Vw.start();
  await vw.record("data", "frames.bin", "?frames=3");
  await vw.record("data", "bytes.bin", "?bytes=45");
  await vw.record("data", "time.bin", "?seconds=0.2&bytes=1000000");
  await using socket = await VwSocket.open(vw.url, "data");
  const messages = Array.from({ length: 20 }, () => blob(10));
  for (const message of messages) socket.send(message);
  same(await vw.recorded("frames.bin"), concatBytes(messages.slice(0, 3)), "three frames");
  same(
    await vw.recorded("bytes.bin"),
    concatBytes(messages.slice(0, 4)),
    "whole messages within 45 bytes",
  );
  const timed = await vw.recorded("time.bin");
  same(timed, concatBytes(messages).slice(0, timed.length), "what came in time");
  for (
    const bad of [
      "file:../x",
      "file:",
      "file:/etc/x",
      "file:a/b",
      "file:.x",
      "file:x?frames=0",
      "file:x?size=1",
    ]
  ) {
    const answer = await vw.ask(
      "POST",
      "/api/destinations",
      JSON.stringify({ id: "x", stream: "data", destination: bad }),
    );
    assert.equal(answer.status, 500, bad);
    assert.match(answer.text, /write file:NAME/, bad);
  }
  const again = JSON.stringify({ id: "y", stream: "data", destination: "file:frames.bin" });
  assert.match(
    (await vw.ask("POST", "/api/destinations", again)).text,
    /there is a file frames\.bin already/,
  );
});

Deno.test("vw: single blob", async () => {
  await using far = await FarEnd.start();
  await using vw = await Vw.start();
  await vw.destination({ id: "0", stream: "video0", destination: `${far.url}/in/video0` });
  await until(() => far.connections === 1, { what: "the connection" });
  const bytes = blob(500_000);
  await vw.feed("video0", bytes);
  await until(() => far.length >= bytes.length, { what: "the blob" });
  same(far.bytes, bytes, "the blob");
  assert.ok(far.messages.every(({ isText, path }) => !isText && path === "/in/video0"));
});

Deno.test("vw: two blobs to two servers", async () => {
  await using one = await FarEnd.start();
  await using two = await FarEnd.start();
  await using vw = await Vw.start();
  await vw.destination({ id: "1", stream: "a", destination: one.url });
  await vw.destination({ id: "2", stream: "b", destination: two.url });
  await until(() => one.connections + two.connections === 2, { what: "both connections" });
  const [a, b] = [blob(700_000), blob(300_000)];
  await Promise.all([vw.feed("a", a), vw.feed("b", b)]);
  await until(() => one.length >= a.length && two.length >= b.length, { what: "both blobs" });
  same(one.bytes, a, "a");
  same(two.bytes, b, "b");
});

Deno.test("vw: maximum size", async () => {
  await using far = await FarEnd.start();
  await using vw = await Vw.start();
  await vw.destination({ id: "0", stream: "big", destination: far.url });
  await until(() => far.connections === 1, { what: "the connection" });
  const body = blob(4 * MAX_FRAME + 1);
  await vw.feed("big", body);
  await until(() => far.length >= body.length, { what: "the body" });
  same(far.bytes, body, "a body of more than one message");
  assert.ok(far.messages.every(({ bytes }) => bytes.length <= MAX_FRAME));
  await using other = await VwSocket.open(vw.url, "big");
  const whole = blob(10 * 1024 * 1024);
  {
    await using socket = await VwSocket.open(vw.url, "big");
    socket.send(whole);
    await until(() => other.messages.length === 1, { what: "the longest message" });
    socket.send(blob(10 * 1024 * 1024 + 1));
    await socket.closed; // one that is longer ends who sends it, in the middle of the message
  }
  const [message] = other.messages;
  assert.ok(message instanceof Uint8Array);
  same(message, whole, "the longest message");
  assert.equal(other.messages.length, 1);
});

Deno.test("vw: non-monotonic sizes in order", async () => {
  await using far = await FarEnd.start();
  await using vw = await Vw.start();
  await vw.destination({ id: "0", stream: "sizes", destination: far.url });
  await until(() => far.connections === 1, { what: "the connection" });
  await using receiver = await VwSocket.open(vw.url, "sizes");
  await using sender = await VwSocket.open(vw.url, "sizes");
  const sizes = [1, 65_536, 10, 1_000_000, 126, 125, 65_535, 0, 127, 300_000, 3, 2, 1_024_001, 7];
  const messages = sizes.map(blob);
  for (const message of messages) sender.send(message);
  sender.send("text stays text");
  await until(() => far.messages.length > sizes.length && receiver.messages.length > sizes.length, {
    what: "all messages",
  });
  assert.deepEqual(far.messages.slice(0, -1).map(({ bytes }) => bytes.length), sizes);
  same(far.bytes.slice(0, -15), concatBytes(messages), "the bytes");
  assert.deepEqual([far.texts, receiver.messages.at(-1)], [["text stays text"], "text stays text"]);
  assert.equal(sender.messages.length, 0, "who sends does not get it back");
});

/** The figures of ffmpeg's progress report. */
function progressOf(text: string): { frames: number; bytes: number } {
  const last = (key: string): number =>
    Number(text.match(new RegExp(`${key}=(\\d+)`, "g"))?.at(-1)?.split("=")[1]);
  return { frames: last("frame"), bytes: last("total_size") };
}

Deno.test("vw: ffmpeg's statistics at the receiving end", async () => {
  await using far = await FarEnd.start();
  await using vw = await Vw.start();
  await vw.destination({ id: "0", stream: "video0", destination: far.url });
  await until(() => far.connections === 1, { what: "the connection" });
  // As the README has it, from a test picture instead of a camera.
  const sent = progressOf(
    (await run("ffmpeg", [
      ...["-v", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=640x480:rate=25", "-t", "2"],
      ...["-f", "mpegts", "-codec:v", "mpeg1video", "-b:v", "1000k", "-bf", "0"],
      ...["-progress", "pipe:1", `${vw.url}/ts/video0`],
    ])).stdout,
  );
  await until(() => far.length >= sent.bytes, { what: "all bytes" });
  const folder = await Deno.makeTempDir({ prefix: "rill-vw-" });
  try {
    await Deno.writeFile(`${folder}/received.ts`, far.bytes);
    const received = await run("ffmpeg", [
      ...["-v", "error", "-xerror", "-i", `${folder}/received.ts`, "-f", "null"],
      ...["-progress", "pipe:1", "-"],
    ]);
    assert.deepEqual([sent.frames, progressOf(received.stdout).frames], [50, 50]);
    assert.equal(far.length, sent.bytes);
    assert.equal(received.stderr, "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  figure(`vw: ${sent.frames} pictures of ffmpeg's came in ${far.messages.length} messages`);
  assert.ok(far.messages.length >= 40, "about a message a picture");
  assert.ok(!vw.relay.hasStream("video0"), "MPEG-1 pictures are passed on, and are no stream");
});

for (const count of [1, 2]) {
  const servers = count === 1 ? "one server" : "two servers";
  Deno.test(`vw: a file to ${servers} compared`, async () => {
    await using one = await FarEnd.start();
    await using two = await FarEnd.start();
    const ends = [one, two].slice(0, count);
    await using vw = await Vw.start();
    await vw.stream("/stream/file", ["file0"]);
    for (const [at, { url }] of ends.entries()) {
      await vw.destination({ id: `${at}`, stream: "stream/file", destination: url });
    }
    await until(() => ends.every(({ connections }) => connections === 1), { what: "connections" });
    const file = await Deno.readFile(CLIP);
    await vw.feed("file0", file);
    for (const [at, end] of ends.entries()) {
      await until(() => end.length >= file.length, { what: `the file at server ${at}` });
      same(end.bytes, file, `server ${at}`);
    }
  });
}

Deno.test("vw: arrival times with and without writing to disk", async () => {
  const MESSAGES = 60;
  const INTERVAL_MS = 15;
  const spreads: number[] = [];
  for (const writes of [false, true]) {
    await using far = await FarEnd.start();
    await using vw = await Vw.start();
    await vw.destination({ id: "0", stream: "timed", destination: far.url });
    if (writes) await vw.record("timed", "timed.bin", `?frames=${MESSAGES}`);
    await until(() => far.connections === 1, { what: "the connection" });
    await using sender = await VwSocket.open(vw.url, "timed");
    const sent: number[] = [];
    for (let n = 0; n < MESSAGES; n++) {
      sent.push(performance.now());
      sender.send(blob(40_000));
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    }
    await until(() => far.messages.length === MESSAGES, { what: "all messages" });
    if (writes) same(await vw.recorded("timed.bin"), far.bytes, "what was written is what arrived");
    const took = far.messages.map(({ at }, n) => at - (sent[n] ?? 0)).sort((a, b) => a - b);
    spreads.push(took[Math.floor(MESSAGES / 2)] ?? 0, took.at(-1) ?? 0);
  }
  const [median, worst, withDisk, worstWithDisk] = spreads.map((ms) => ms.toFixed(1));
  figure(
    `vw: arrival ${median} ms (worst ${worst}), writing to disk ${withDisk} ms (worst ${worstWithDisk})`,
  );
});

Deno.test("a stream rule combines feeds, and is changed while it runs: muted, sent elsewhere", async () => {
  await using one = await FarEnd.start();
  await using two = await FarEnd.start();
  await using vw = await Vw.start();
  await vw.stream("/stream/front", ["video0", "audio0"]);
  await vw.destination({ id: "0", stream: "/stream/front", destination: one.url });
  await until(() => one.connections === 1, { what: "the connection" });
  await using video = await VwSocket.open(vw.url, "video0");
  await using audio = await VwSocket.open(vw.url, "audio0");
  await using watcher = await VwSocket.open(vw.url, "stream/front");
  video.send("v1");
  audio.send("a1");
  await until(() => one.texts.length === 2 && watcher.messages.length === 2, {
    what: "both feeds",
  });
  assert.deepEqual([...one.texts].sort(), ["a1", "v1"]);
  await vw.stream("/stream/front", ["video0"]);
  audio.send("a2");
  video.send("v2");
  await until(() => one.texts.length === 3, { what: "the feed that is left" });
  await vw.destination({ id: "0", stream: "/stream/front", destination: two.url });
  await until(() => two.connections === 1, { what: "the other server" });
  audio.send("a3");
  video.send("v3");
  await until(() => two.texts.length === 1 && watcher.messages.length === 4, { what: "the rest" });
  assert.deepEqual([one.texts.at(-1), two.texts], ["v2", ["v3"]]);
  await vw.ask("DELETE", "/api/streams/stream/front");
  video.send("v4");
  await using late = await VwSocket.open(vw.url, "video0");
  video.send("v5");
  await until(() => late.messages.includes("v5"), { what: "the feed by itself" });
  assert.deepEqual(two.texts, ["v3"]);
  assert.equal(watcher.messages.length, 4);
});

Deno.test("a destination with a token: said first, its refusal told, its messages come in and go to all", async () => {
  await using far = await FarEnd.start("right");
  await using vw = await Vw.start();
  await using local = await VwSocket.open(vw.url, "data");
  await vw.destination({ id: "0", stream: "data", destination: far.url, token: "wrong" });
  await until(
    () =>
      vw.relay.log.some((line) => /destination 0: it refuses the token: token expired/.test(line)),
    {
      what: "the refusal in the log",
    },
  );
  await vw.destination({ id: "0", stream: "data", destination: far.url, token: "right" });
  await until(() => far.tokens.includes("right"), { what: "the token" });
  local.send("out");
  await until(() => far.texts.length === 1, { what: "what goes out" });
  far.send("in");
  await until(() => local.messages.length === 1, { what: "what comes in" });
  assert.deepEqual([far.texts, local.messages], [["out"], ["in"]]);
  far.disconnect();
  await until(() => far.tokens.length >= 3, { what: "the connection anew, with its token" });
  assert.ok(!/wrong|right/.test(vw.relay.log.join("\n")), "no token in the log");
});

Deno.test("a feed that is video the relay knows is watched as a stream, and passed on byte for byte", async () => {
  await using vw = await Vw.start("porch=demo");
  await using socket = await VwSocket.open(vw.url, "lab/video0");
  const file = await Deno.readFile(CLIP);
  await vw.feed("lab/video0", file);
  await vw.feed("porch", file); // the name of a camera
  await until(() => vw.relay.hasStream("lab/video0"), { what: "the stream" });
  await until(() => vw.relay.stream("lab/video0").info.counters.videoSamples > 200, {
    what: "pictures",
  });
  const received = (): Bytes =>
    concatBytes(socket.messages.filter((message) => typeof message !== "string"));
  await until(() => received().length >= file.length, { what: "the feed" });
  same(received(), file, "the feed");
  assert.ok(
    vw.relay.log.some((line) => /feed porch has the name of a stream with a source/.test(line)),
  );
  assert.equal(vw.relay.stream("porch").info.source, "demo");
});

Deno.test("a destination that takes nothing keeps neither the others nor the sender waiting", async () => {
  await using stuck = await FarEnd.start();
  await using far = await FarEnd.start();
  await using vw = await Vw.start();
  await vw.destination({ id: "stuck", stream: "data", destination: stuck.url });
  await vw.destination({ id: "0", stream: "data", destination: far.url });
  await until(() => stuck.connections + far.connections === 2, { what: "both connections" });
  stuck.pause();
  await using sender = await VwSocket.open(vw.url, "data");
  const COUNT = 60;
  const message = blob(1_000_000);
  for (let n = 1; n <= COUNT; n++) {
    sender.send(message);
    await until(() => far.messages.length === n, { what: `message ${n}` });
  }
  const told = vw.relay.log.filter((line) =>
    /destination stuck: the network is too slow/.test(line)
  );
  assert.equal(told.length, 1, "said once");
  assert.equal((await vw.ask("DELETE", "/api/destinations/stuck")).text, '"stuck"');
});

Deno.test("vw: relays that send each other one feed, and one that sends to itself, do not go round", async () => {
  await using far = await Vw.start();
  await using vw = await Vw.start();
  const to = (there: Vw): string => `${there.url.replace("http", "ws")}/ws/lab`;
  const refused = (which: Vw, id: string): boolean =>
    which.relay.log.some((line) =>
      line.includes(`destination ${id}: `) && /go round for ever/.test(line)
    );
  await vw.destination({ id: "out", stream: "lab", destination: to(far) });
  await vw.destination({ id: "self", stream: "lab", destination: to(vw) });
  await far.destination({ id: "back", stream: "lab", destination: to(vw) });
  await until(() => refused(vw, "self"), { what: "the refusal of what leads to itself" });
  await until(() => refused(far, "back") || refused(vw, "out"), { what: "the refusal of one" });
  const isConnected = ({ relay }: Vw): boolean =>
    relay.log.some((line) => /destination (out|back) is connected/.test(line));
  await until(() => isConnected(vw) || isConnected(far), { what: "the other" });
  await using watching = await VwSocket.open(far.url, "lab");
  await using sending = await VwSocket.open(vw.url, "lab");
  const texts = ["one", "two", "three"];
  for (const text of texts) sending.send(text);
  await until(() => watching.messages.length >= texts.length, { what: "the messages" });
  await vw.feed("other", blob(1000)); // whatever went round would have come by now
  assert.deepEqual(watching.messages, texts);
  assert.deepEqual(sending.messages, [], "nothing comes back");
});

Deno.test("vw: what comes back as another feed is taken, and a name that no header holds ends nothing", async () => {
  await using vw = await Vw.start();
  const back = `${vw.url.replace("http", "ws")}/ws`;
  await vw.destination({ id: "other", stream: "lab", destination: `${back}/copy` });
  await vw.destination({ id: "odd", stream: "lab\r\nX: y, (z)", destination: `${back}/odd` });
  await vw.stream("stream/both", ["lab"]);
  await vw.destination({ id: "both", stream: "stream/both", destination: `${back}/lab` });
  const said = (pattern: RegExp): boolean => vw.relay.log.some((line) => pattern.test(line));
  await until(() => said(/destination other is connected/), { what: "the other feed" });
  await until(() => said(/destination odd is connected/), { what: "the odd one" });
  await until(() => said(/destination both: .*go round for ever/), {
    what: "the combination's refusal",
  });
  await using watching = await VwSocket.open(vw.url, "copy");
  await using sending = await VwSocket.open(vw.url, "lab");
  sending.send("once");
  await until(() => watching.messages.length > 0, { what: "the message" });
  assert.deepEqual(watching.messages, ["once"]);
});
