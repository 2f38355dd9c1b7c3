/** `frame.jpg`: one decode however many ask, a sentence where nothing can decode, and a JPEG where ffmpeg can. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Bytes } from "../../../shared/bytes.ts";
import { type Decode, NoDecoderError, openFrameJpg } from "../../../relay/deliveries/frame_jpg.ts";
import { describeStream, steadyPictures } from "../../support/batches.ts";
import { makeTransportStream } from "../../support/clips.ts";
import { DeliveryServer } from "../../support/delivery_server.ts";
import { ffprobe, hasFfprobe } from "../../support/ffprobe.ts";
import { feedHub } from "../../support/feed_hub.ts";

function serve(decode?: Decode): Promise<DeliveryServer> {
  return DeliveryServer.start(["cam"], [openFrameJpg(decode, 50)]);
}

function ask(server: DeliveryServer): Promise<Response> {
  return fetch(`${server.url}/live/cam/frame.jpg`);
}

Deno.test("fifty who ask at once cost one decode; the next key picture costs another", async () => {
  let decodes = 0;
  await using server = await serve(async (file: Bytes) => {
    decodes++;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return file.slice(0, 100);
  });
  const { hub } = server.stream("cam");
  const { segment, batches } = describeStream(steadyPictures({ count: 20, group: 10 }));
  hub.init(segment);
  for (const batch of batches.slice(0, 10)) hub.publish(batch);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(server)));
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "image/jpeg");
    assert.equal((await answer.arrayBuffer()).byteLength, 100);
  }
  await (await ask(server)).body?.cancel();
  assert.equal(decodes, 1);
  for (const batch of batches.slice(10)) hub.publish(batch);
  await (await ask(server)).body?.cancel();
  assert.equal(decodes, 2);
});

const FAILURES: readonly (readonly [string, Error, number, RegExp])[] = [
  ["nothing to decode with", new NoDecoderError("A JPEG needs ffmpeg."), 501, /needs ffmpeg/],
  ["a picture that cannot be decoded", new Error("ffmpeg could not decode it."), 502, /decode/],
];

for (const [name, error, status, sentence] of FAILURES) {
  Deno.test(`${name} is said in words, and tried again`, async () => {
    let decodes = 0;
    await using server = await serve(() => {
      decodes++;
      return Promise.reject(error);
    });
    const { hub } = server.stream("cam");
    const { segment, batches } = describeStream(steadyPictures({ count: 1 }));
    hub.init(segment);
    for (const batch of batches) hub.publish(batch);
    for (let i = 0; i < 2; i++) {
      const response = await ask(server);
      assert.equal(response.status, status);
      assert.match(((await response.json()) as { detail: string }).detail, sentence);
    }
    assert.equal(decodes, 2);
  });
}

Deno.test("no picture: 503, and when to come again", async () => {
  await using server = await serve();
  const response = await ask(server);
  assert.equal(response.status, 503);
  assert.ok(response.headers.has("retry-after"));
  await response.body?.cancel();
});

Deno.test({
  name: "ffmpeg makes a JPEG of the camera's size",
  ignore: !hasFfprobe(),
  fn: async () => {
    await using server = await serve();
    const { hub } = server.stream("cam");
    const folder = await Deno.makeTempDir({ prefix: "rill-jpeg-" });
    try {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, { seconds: 1 });
      await feedHub(hub, clip);
      const path = join(folder, "frame.jpg");
      await Deno.writeFile(path, new Uint8Array(await (await ask(server)).arrayBuffer()));
      const { streams } = await ffprobe(path, { args: ["-show_streams"], level: "error" }) as {
        streams: Record<string, unknown>[];
      };
      assert.deepEqual(streams.map(({ codec_name, width }) => [codec_name, width]), [[
        "mjpeg",
        320,
      ]]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
