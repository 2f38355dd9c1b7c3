/** `frame.mp4`: one picture as a file, byte for byte, and as ffprobe and ffmpeg read it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { toHex } from "../../../shared/bytes.ts";
import { readFragment } from "../../../shared/mp4/fragment_reader.ts";
import { openFrame } from "../../../relay/deliveries/frame.ts";
import { describeStream, payloadOf, steadyPictures, steadySounds } from "../../support/batches.ts";
import { makeTransportStream } from "../../support/clips.ts";
import { DeliveryServer, type TestStream } from "../../support/delivery_server.ts";
import { ffprobe, hasFfprobe } from "../../support/ffprobe.ts";
import { decodedHashes } from "../../support/judges.ts";
import { until } from "../../support/relay.ts";
import { feedHub } from "../../support/feed_hub.ts";

async function frame(server: DeliveryServer, method = "GET"): Promise<Response> {
  return await fetch(`${server.url}/live/cam/frame.mp4`, { method });
}

Deno.test("the newest key picture, at time zero, for a second; its bytes are the camera's", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const pictures = steadyPictures({ count: 25, group: 10, first: 900_000 });
  const { segment, batches } = describeStream(pictures);
  hub.init(segment);
  for (const batch of batches) hub.publish(batch);
  const response = await frame(server);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), 'video/mp4; codecs="avc1.42c00d"');
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("last-modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.equal(response.headers.get("content-length"), `${bytes.length}`);
  const read = readFragment(bytes);
  const [track] = read?.tracks ?? [];
  assert.deepEqual([track?.dts, track?.duration, track?.key, track?.samples.length], [
    0,
    90_000,
    true,
    1,
  ]);
  assert.equal(read?.end, bytes.length);
  const [sample] = track?.samples ?? [];
  const start = (read?.moofStart ?? 0) + (sample?.offset ?? 0);
  const [, , newest = { kind: "picture", dts: 0 }] = pictures.filter(({ key }) => key);
  assert.equal(toHex(bytes.subarray(start)), toHex(payloadOf(newest, 20)));
});

Deno.test("however many ask, it is the same answer; the next key picture is another", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const { segment, batches } = describeStream(steadyPictures({ count: 11, group: 10 }));
  hub.init(segment);
  for (const batch of batches.slice(0, 10)) hub.publish(batch);
  const text = async () => toHex(new Uint8Array(await (await frame(server)).arrayBuffer()));
  const first = await text();
  assert.equal(await text(), first);
  const [last] = batches.slice(10);
  if (last) hub.publish(last);
  assert.notEqual(await text(), first);
});

Deno.test("HEAD says how long it is", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const { segment, batches } = describeStream(steadyPictures({ count: 1 }));
  hub.init(segment);
  for (const batch of batches) hub.publish(batch);
  const length = (await (await frame(server)).arrayBuffer()).byteLength;
  const head = await frame(server, "HEAD");
  assert.equal(head.headers.get("content-length"), `${length}`);
  assert.equal((await head.arrayBuffer()).byteLength, 0);
});

const NOTHING: readonly (readonly [string, (stream: TestStream) => void, RegExp])[] = [
  ["nothing has come yet", () => undefined, /No picture has come from cam yet/],
  ["the stream does not run", (cam) => void (cam.offline = "The camera is off."), /camera is off/],
  ["there is sound only", ({ hub }) => {
    const { segment, batches } = describeStream(steadySounds({ count: 3 }));
    hub.init(segment);
    for (const batch of batches) hub.publish(batch);
  }, /sound only/],
];

Deno.test("a request that comes before the first picture waits for it", async () => {
  await using server = await DeliveryServer.start(["cam"]);
  const { hub } = server.stream("cam");
  const asked = frame(server);
  await until(() => hub.takers === 1, { what: "the request" });
  const { segment, batches } = describeStream(steadyPictures({ count: 1 }));
  hub.init(segment);
  for (const batch of batches) hub.publish(batch);
  const response = await asked;
  assert.equal(response.status, 200);
  await response.body?.cancel();
  assert.equal(hub.takers, 0);
});

for (const [name, prepare, reason] of NOTHING) {
  Deno.test(`no picture, and why: ${name}`, async () => {
    await using server = await DeliveryServer.start(["cam"], [openFrame(50)]);
    prepare(server.stream("cam"));
    const response = await frame(server);
    assert.equal(response.status, 503);
    assert.ok(Number(response.headers.get("retry-after")) > 0);
    assert.match(((await response.json()) as { detail: string }).detail, reason);
  });
}

Deno.test({
  name: "ffprobe finds one picture and nothing to complain of; ffmpeg decodes the very picture",
  ignore: !hasFfprobe(),
  fn: async () => {
    await using server = await DeliveryServer.start(["cam"]);
    const { hub } = server.stream("cam");
    const folder = await Deno.makeTempDir({ prefix: "rill-frame-" });
    try {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, { seconds: 2, group: 20, sound: true });
      await feedHub(hub, clip);
      const path = join(folder, "frame.mp4");
      await Deno.writeFile(path, new Uint8Array(await (await frame(server)).arrayBuffer()));
      const { streams } = await ffprobe(path, { args: ["-show_streams", "-count_frames"] }) as {
        streams: Record<string, unknown>[];
      };
      assert.deepEqual(
        streams.map((
          stream,
        ) => [stream.codec_name, stream.width, stream.height, stream.nb_read_frames]),
        [["h264", 320, 180, "1"]],
      );
      const all = await decodedHashes(clip);
      assert.deepEqual(await decodedHashes(path), all.slice(40, 41));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
