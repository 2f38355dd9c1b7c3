/** Live Stream Server's clients, re-enacted message by message: what lies in its folders afterwards. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { startCompat } from "../../../relay/compat/mod.ts";
import { Library } from "../../../relay/library/library.ts";
import { Log } from "../../../relay/log.ts";
import { Sessions } from "../../../relay/publish/whip/sessions.ts";
import { Streams } from "../../../relay/streams/streams.ts";
import { newRelayName } from "../../../shared/via.ts";
import { ffprobe } from "../../support/ffprobe.ts";
import { jpegPictures, LiveStreamClient, tone } from "../../support/live_stream_client.ts";
import { until } from "../../support/relay.ts";
import { run } from "../../support/run.ts";
import { upgradeStatus } from "../../support/upgrade_status.ts";
import { PATIENCE_MS } from "../../support/patience.ts";

/** The listener alone, over a folder of its own. */
class Server implements AsyncDisposable {
  readonly log: string[];
  readonly data: string;
  readonly url: string;
  readonly streams: Streams;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    { data, url, log, streams, parts }: {
      data: string;
      url: string;
      log: string[];
      streams: Streams;
      parts: AsyncDisposableStack;
    },
  ) {
    this.data = data;
    this.url = url;
    this.log = log;
    this.streams = streams;
    this.#parts = parts;
  }

  static async start(data: string): Promise<Server> {
    const lines: string[] = [];
    const log = new Log({ level: "debug", format: "text", write: (line) => void lines.push(line) });
    const parts = new AsyncDisposableStack();
    const streams = parts.use(new Streams(log));
    const library = parts.use(new Library({ folder: join(data, "recordings"), streams, log }));
    const webRtc = new Sessions({ port: 0, outside: undefined, log });
    const address = { hostname: "127.0.0.1", port: 0 };
    const compat = parts.use(
      await startCompat({ live_stream_server: address }, {
        ...{ streams, library, webRtc, data, log },
        ...{ proxies: {}, vwApi: undefined, self: newRelayName() },
        answers: (host) => host?.startsWith("127.0.0.1") === true,
      }),
    );
    const port = compat.listeners.get("live_stream_server")?.address.port;
    const url = `http://127.0.0.1:${port}`;
    return new Server({ data, url, log: lines, streams, parts });
  }

  async list(): Promise<{ video: string[]; audio: string[] }> {
    return await (await fetch(`${this.url}/recordings`)).json();
  }

  /** Waits until so many recordings are listed, as long as there are more and more: a busy machine encodes slowly. */
  async listed(
    counts: { readonly video: number; readonly audio: number },
  ): Promise<{ video: string[]; audio: string[] }> {
    let list = await this.list();
    let end = performance.now() + PATIENCE_MS;
    while (list.video.length < counts.video || list.audio.length < counts.audio) {
      assert.ok(performance.now() < end, `${JSON.stringify(list)}\n${this.log.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = list.video.length + list.audio.length;
      list = await this.list();
      if (list.video.length + list.audio.length > before) end = performance.now() + PATIENCE_MS;
    }
    assert.deepEqual({ video: list.video.length, audio: list.audio.length }, counts);
    return list;
  }

  file(kind: "video" | "audio" | "temp", name: string): string {
    return join(this.data, "media", kind, name);
  }

  temp(): string[] {
    return [...Deno.readDirSync(join(this.data, "media", "temp"))].map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** A folder that goes with the test. */
class Folder implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync({ prefix: "rill-lss-" });

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

interface Probed {
  readonly streams: readonly Record<string, unknown>[];
}

/** What ffprobe says of a video: 15 pictures a second, H.264 in 4:2:0, and so many of them. */
async function assertVideo(path: string, { pictures, width = 320 }: {
  readonly pictures: number;
  readonly width?: number;
}): Promise<void> {
  const args = ["-count_packets", "-count_frames", "-show_streams"];
  const { streams } = await ffprobe(path, { args, level: "error" }) as Probed;
  const [video, ...others] = streams;
  assert.equal(others.length, 0);
  assert.equal(video?.codec_name, "h264");
  assert.equal(video.pix_fmt, "yuv420p");
  assert.equal(video.width, width);
  assert.equal(video.r_frame_rate, "15/1");
  assert.equal(video.avg_frame_rate, "15/1");
  assert.equal(video.nb_read_packets, String(pictures));
  assert.equal(video.nb_read_frames, String(pictures));
  const bytes = await Deno.readFile(path);
  const text = new TextDecoder("latin1").decode(bytes);
  assert.ok(text.indexOf("moov") < text.indexOf("mdat"), "the index stands in front");
}

/** The header's 44 bytes, field by field, and the sound behind it. */
function assertSound(path: string, sound: Uint8Array): void {
  const bytes = Deno.readFileSync(path);
  const view = new DataView(bytes.buffer);
  const text = (at: number): string => new TextDecoder().decode(bytes.subarray(at, at + 4));
  assert.deepEqual([text(0), text(8), text(12), text(36)], ["RIFF", "WAVE", "fmt ", "data"]);
  assert.equal(view.getUint32(4, true), bytes.length - 8);
  assert.equal(view.getUint32(16, true), 16);
  assert.equal(view.getUint16(20, true), 1);
  assert.equal(view.getUint16(22, true), 1);
  assert.equal(view.getUint32(24, true), 44_100);
  assert.equal(view.getUint32(28, true), 88_200);
  assert.equal(view.getUint16(32, true), 2);
  assert.equal(view.getUint16(34, true), 16);
  assert.equal(view.getUint32(40, true), bytes.length - 44);
  assert.deepEqual(bytes.subarray(44), sound);
}

Deno.test("pictures and sound of two clients with one id, at once: an MP4 and a WAV each", async () => {
  const pictures = await jpegPictures(23);
  const odd = await jpegPictures(9, "161x121");
  const sound = tone(1500);
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  const before = Date.now();
  await using one = await LiveStreamClient.connect(server.url);
  await using two = await LiveStreamClient.connect(server.url);
  for (const client of [one, two]) client.hello("porch");
  for (let i = 0; i < 23; i++) {
    one.picture(pictures[i] ?? new Uint8Array());
    if (i < 9) two.picture(odd[i] ?? new Uint8Array());
    if (i < 15) one.sound(sound.subarray(i * 8820, (i + 1) * 8820));
  }
  two.sound(sound.subarray(0, 4411)); // half a sample too many
  one.finish();
  await two.leave();
  const { video, audio } = await server.listed({ video: 2, audio: 2 });
  // `<client>_<ms>.mp4` and `<client>_<ISO time>.wav`; a client is the time it came at.
  const clients = video.map((name) => /^(\d{13})_(\d{13})\.mp4$/.exec(name)?.[1] ?? "");
  assert.ok(clients.every((id) => Number(id) >= before && Number(id) <= Date.now()));
  assert.notEqual(clients[0], clients[1]);
  audio.forEach((name, at) => {
    assert.match(name, /^\d{13}_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z\.wav$/);
    assert.ok(name.startsWith(`${clients[at]}_`));
  });
  await assertVideo(server.file("video", video[0] ?? ""), { pictures: 23 });
  await assertVideo(server.file("video", video[1] ?? ""), { pictures: 9, width: 162 });
  assertSound(server.file("audio", audio[0] ?? ""), sound);
  assertSound(server.file("audio", audio[1] ?? ""), sound.subarray(0, 4410));
  assert.deepEqual(server.temp(), [], "nothing temporary is left");
  assert.deepEqual([...one.received, ...two.received], [], "the original answers nothing");
});

Deno.test("a client that goes on after CLOSE: another recording, finished when it goes", async () => {
  const pictures = await jpegPictures(6);
  const sound = tone(100);
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  await using client = await LiveStreamClient.connect(server.url);
  for (const jpeg of pictures) client.picture(jpeg);
  client.sound(sound);
  client.finish();
  client.finish(); // says it twice
  for (const jpeg of pictures.slice(0, 4)) client.picture(jpeg);
  client.sound(sound);
  client.sound(sound);
  await client.leave();
  const { video, audio } = await server.listed({ video: 2, audio: 2 });
  await assertVideo(server.file("video", video[0] ?? ""), { pictures: 6 });
  await assertVideo(server.file("video", video[1] ?? ""), { pictures: 4 });
  assertSound(server.file("audio", audio[0] ?? ""), sound);
  assert.deepEqual(server.temp(), []);
});

Deno.test("recordings that follow each other at once are all kept", async () => {
  const [jpeg = new Uint8Array()] = await jpegPictures(1);
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  await using client = await LiveStreamClient.connect(server.url);
  const count = 40;
  for (let n = 0; n < count; n++) {
    client.sound(tone(1));
    client.picture(jpeg);
    client.finish();
  }
  await client.leave();
  await server.listed({ video: count, audio: count });
  assert.ok(!server.log.some((line) => line.includes("cannot be written")), server.log.join("\n"));
});

Deno.test("the list shows whole recordings only", async () => {
  const [jpeg = new Uint8Array()] = await jpegPictures(1);
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  assert.deepEqual(await server.list(), { video: [], audio: [] });
  await using client = await LiveStreamClient.connect(server.url);
  client.picture(jpeg);
  client.sound(tone(50));
  await until(() => server.temp().length === 2, { what: "files under way" });
  const [frames = "", sound = ""] = server.temp().sort((a, b) => Number(a[0]) - Number(b[0])).sort()
    .reverse();
  assert.match(frames, /^frames_\d{13}$/);
  assert.ok(Deno.statSync(server.file("temp", join(frames, "frame_00000000.jpg"))).isFile);
  assert.match(sound, /\.wav$/);
  assert.deepEqual(await server.list(), { video: [], audio: [] });
});

Deno.test("video of earlier clients, a WebM in pieces, is kept as it comes", async () => {
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  const clip = join(folder.path, "clip.webm");
  await run("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=15:duration=1"],
    ...["-c:v", "libvpx", "-f", "webm", clip],
  ]);
  const bytes = Deno.readFileSync(clip);
  await using client = await LiveStreamClient.connect(server.url);
  client.picture(bytes.subarray(100, 200)); // no beginning
  for (let at = 0; at < bytes.length; at += 5000) client.picture(bytes.subarray(at, at + 5000));
  client.finish();
  const { video } = await server.listed({ video: 1, audio: 0 });
  assert.match(video[0] ?? "", /^\d{13}_[\dT-]+Z\.webm$/);
  assert.deepEqual(Deno.readFileSync(server.file("video", video[0] ?? "")), bytes);
  assert.equal(server.log.filter((line) => /no JPEG picture and no WebM/.test(line)).length, 1);
  assert.deepEqual(server.temp(), []);
});

Deno.test("ids that are no file names, messages that are none: nothing is written anywhere else", async () => {
  const [jpeg = new Uint8Array()] = await jpegPictures(1);
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  await using client = await LiveStreamClient.connect(server.url);
  client.hello("../../../../etc/passwd\u0000\n");
  client.hello({ not: "a text" });
  const useless = [
    "not JSON",
    "[]",
    "null",
    '{"eventType":"JUMP"}',
    '{"eventType":"STREAM","mediaSourceType":"VIDEO"}',
    '{"eventType":"STREAM","mediaSourceType":"VIDEO","encodedMediaChunk":"aGVsbG8="}',
    '{"eventType":"STREAM","mediaSourceType":"../x","encodedMediaChunk":"aGVsbG8="}',
  ];
  for (const text of useless) client.say(text);
  client.picture(jpeg);
  await client.leave();
  const { video } = await server.listed({ video: 1, audio: 0 });
  assert.match(video[0] ?? "", /^\d{13}_\d{13}\.mp4$/);
  const written = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assert.deepEqual(written, ["media"]);
  const complaints = server.log.filter((line) => line.includes(" warn "));
  assert.equal(complaints.length, 5, "the log is not the client's to fill");
  assert.match(complaints[0] ?? "", /no JSON/);
  assert.match(complaints[4] ?? "", /no more of these/);
});

Deno.test("what a relay that was killed left behind is finished at the next start", async () => {
  const pictures = await jpegPictures(5);
  const sound = tone(200);
  await using folder = new Folder();
  const temp = join(folder.path, "media", "temp");
  const frames = join(temp, "frames_1700000000000");
  await Deno.mkdir(frames, { recursive: true });
  pictures.forEach((jpeg, at) =>
    Deno.writeFileSync(join(frames, `frame_${String(at).padStart(8, "0")}.jpg`), jpeg)
  );
  Deno.writeFileSync(join(frames, "frame_00000005.jpg"), new Uint8Array()); // torn
  const wav = "1700000000000_2023-11-14T22-13-20-000Z.wav";
  Deno.writeFileSync(join(temp, wav), new Uint8Array([...new Uint8Array(44), ...sound, 1]));
  Deno.writeFileSync(join(temp, "1700000000000_1700000000001.mp4"), sound); // half a video
  Deno.writeTextFileSync(join(temp, "notes.txt"), "somebody's own");
  await using server = await Server.start(folder.path);
  const { video, audio } = await server.listed({ video: 1, audio: 1 });
  assert.match(video[0] ?? "", /^1700000000000_\d{13}\.mp4$/);
  assert.deepEqual(audio, [wav]);
  await assertVideo(server.file("video", video[0] ?? ""), { pictures: 5 });
  assertSound(server.file("audio", wav), sound);
  assert.deepEqual(server.temp(), ["notes.txt"]);
});

Deno.test("a picture that a power cut left empty ends no recording: those behind it are in the video", async () => {
  const pictures = await jpegPictures(9);
  await using folder = new Folder();
  const frames = join(folder.path, "media", "temp", "frames_1700000000000");
  await Deno.mkdir(frames, { recursive: true });
  pictures.forEach((jpeg, at) => {
    const isTorn = at === 0 || at === 4;
    const name = `frame_${String(at).padStart(8, "0")}.jpg`;
    Deno.writeFileSync(join(frames, name), isTorn ? new Uint8Array() : jpeg);
  });
  await using server = await Server.start(folder.path);
  const { video } = await server.listed({ video: 1, audio: 0 });
  await assertVideo(server.file("video", video[0] ?? ""), { pictures: 7 });
  assert.deepEqual(server.temp(), []);
});

Deno.test("a relay that stops finishes what clients are at; pictures become a video then or later", async () => {
  const pictures = await jpegPictures(4);
  await using folder = new Folder();
  {
    await using server = await Server.start(folder.path);
    const client = await LiveStreamClient.connect(server.url);
    for (const jpeg of pictures) client.picture(jpeg);
    client.sound(tone(100));
    await until(() => server.temp().length === 2, { what: "the recording" });
    await server[Symbol.asyncDispose]();
    assert.equal((await client.closed).code, 1001);
  }
  await using server = await Server.start(folder.path);
  const { video, audio } = await server.listed({ video: 1, audio: 1 });
  await assertVideo(server.file("video", video[0] ?? ""), { pictures: 4 });
  assertSound(server.file("audio", audio[0] ?? ""), tone(100));
});

Deno.test("too many clients, too long a message, other addresses: refused in words", async () => {
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  const clients: LiveStreamClient[] = [];
  for (let i = 0; i < 16; i++) clients.push(await LiveStreamClient.connect(server.url));
  const { code, reason } = await (await LiveStreamClient.connect(server.url)).closed;
  assert.equal(code, 1013);
  assert.match(reason, /16 clients/);
  clients[0]?.say("x".repeat(9 * 1024 * 1024));
  assert.equal((await clients[0]?.closed)?.code, 1009);
  await Promise.all(clients.map((client) => client.leave()));
  const origins: [string, number][] = [
    ["https://evil.example", 403],
    ["null", 403],
    ["http://127.0.0.1:3000", 101], // its page, served by another program
  ];
  for (const [origin, status] of origins) {
    const { host, port } = new URL(server.url);
    const headers = { host, origin };
    assert.equal(await upgradeStatus({ port: Number(port), path: "/", headers }), status, origin);
  }
  for (const path of ["/", "/recordings/x", "/api/streams", "/media/video/x.mp4"]) {
    const answer = await fetch(`${server.url}${path}`);
    assert.equal(answer.status, 404, path);
    await answer.body?.cancel();
  }
});

Deno.test("a disk that does not take it: the client is told why, what was recorded stays", async () => {
  const pictures = await jpegPictures(3);
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  const client = await LiveStreamClient.connect(server.url);
  for (const jpeg of pictures) client.picture(jpeg);
  await until(() => server.temp().length === 1, { what: "the pictures' folder" });
  const [frames = ""] = server.temp();
  const taken = (): number => [...Deno.readDirSync(server.file("temp", frames))].length;
  await until(() => taken() === 3, { what: "the pictures" });
  // Where the next picture would go there is a folder now.
  await Deno.mkdir(server.file("temp", join(frames, "frame_00000003.jpg")));
  client.picture(pictures[0] ?? new Uint8Array());
  const { code, reason } = await client.closed;
  assert.equal(code, 1011);
  assert.match(reason, /the recording cannot be written/);
  assert.ok(server.log.some((line) => / error .*cannot be written/.test(line)));
  const { video } = await server.listed({ video: 1, audio: 0 });
  await assertVideo(server.file("video", video[0] ?? ""), { pictures: 3 });
});

Deno.test("whoever asks is played the song: 24 kHz, 16 bits, in messages of base64", async () => {
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  await using client = await LiveStreamClient.connect(server.url);
  client.say('{"eventType":"REQUEST_AUDIO_STREAM_PLAYBACK"}');
  await until(() => server.log.some((line) => /song cannot be played/.test(line)), {
    what: "a word on the song that is not there",
  });
  const song = join(folder.path, "media", "mysong.mp3");
  const tone = "sine=frequency=440:duration=2:sample_rate=44100";
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", tone, "-f", "mp3", song]);
  client.say('{"eventType":"REQUEST_AUDIO_STREAM_PLAYBACK"}');
  const bytes = (): number =>
    client.received.reduce((sum, text) => {
      const { eventType, audioChunk, ...others } = JSON.parse(text);
      assert.equal(eventType, "AUDIO_STREAM_PAYLOAD");
      assert.deepEqual(others, {});
      return sum + Buffer.from(audioChunk, "base64").length;
    }, 0);
  const whole = 2 * 24_000 * 2;
  await until(() => bytes() >= whole, { what: "the whole song" });
  assert.ok(bytes() < whole * 1.1, "MP3 has some padding, no more");
});

Deno.test("live: pictures and sound become a stream under the client's name", async () => {
  const pictures = await jpegPictures(15);
  await using folder = new Folder();
  await using server = await Server.start(folder.path);
  await using client = await LiveStreamClient.connect(server.url);
  await using second = await LiveStreamClient.connect(server.url);
  client.hello("porch");
  second.hello("porch");
  const feeding = setInterval(() => {
    const jpeg = pictures.shift() ?? new Uint8Array();
    pictures.push(jpeg);
    client.picture(jpeg);
    client.sound(tone(66));
    second.picture(jpeg);
  }, 66);
  try {
    const info = (name: string) => server.streams.get(`live-stream-server/${name}`)?.info;
    await until(
      () => info("porch")?.state.kind === "live" && info("porch-2")?.state.kind === "live",
      {
        what: `live streams: ${server.log.join("\n")}`,
      },
    );
    assert.deepEqual(info("porch")?.tracks.map(({ codec }) => codec.split(".")[0]), [
      "avc1",
      "mp4a",
    ]);
    assert.equal(info("porch-2")?.tracks.length, 1);
  } finally {
    clearInterval(feeding);
  }
  client.finish();
  await until(
    () => server.streams.get("live-stream-server/porch")?.offline === "the publisher has ended",
    { what: "the end" },
  );
});
