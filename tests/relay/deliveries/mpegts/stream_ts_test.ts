/** `stream.ts`: what a transport stream's source sent, byte for byte; made again where the source sent none. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes, equalBytes } from "../../../../shared/bytes.ts";
import { pid, unitStart } from "../../../../relay/mpegts/packet.ts";
import { makeTransportStream } from "../../../support/clips.ts";
import { DeliveryServer } from "../../../support/delivery_server.ts";
import { hasFfprobe } from "../../../support/ffprobe.ts";
import { decodedHashes } from "../../../support/judges.ts";
import { TestRelay, until } from "../../../support/relay.ts";
import { run } from "../../../support/run.ts";
import { feedHub } from "../../../support/feed_hub.ts";

const PACKET = 188;

/** What a body brings until `enough` bytes of it are there. */
async function read(url: string, enough: number): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "video/mp2t");
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  for (let bytes = 0; bytes < enough;) {
    const part = await reader?.read();
    if (!part?.value) break;
    parts.push(part.value);
    bytes += part.value.length;
  }
  await reader?.cancel();
  return concatBytes(parts);
}

function indexOf(all: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.length <= all.length; at += PACKET) {
    if (equalBytes(all.subarray(at, at + part.length), part)) return at;
  }
  return -1;
}

Deno.test({
  name: "an MPEG-TS source: behind its own tables, the very packets, from a key picture on",
  ignore: !hasFfprobe(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-stream-ts-" });
    try {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, { seconds: 12, group: 25, sound: true });
      const source = await Deno.readFile(clip);
      await using relay = await TestRelay.start([`cam=file:${clip}`]);
      await until(() => relay.hub("cam").segment !== undefined, { what: "the stream" });
      const viewers = await Promise.all(
        [0, 1].map(() => read(`${relay.url}/live/cam/stream.ts`, 60_000)),
      );
      for (const body of viewers) {
        assert.deepEqual([pid(body, 0), pid(body, PACKET)], [0, 0x1000]);
        const rest = body.subarray(2 * PACKET);
        assert.deepEqual([pid(rest, 0), unitStart(rest, 0)], [0x100, true]);
        const whole = rest.subarray(0, rest.length - (rest.length % PACKET));
        assert.ok(whole.length > 50_000);
        assert.ok(indexOf(source, whole) > 0, "a run of the source's own packets");
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "any other source: a transport stream that ffprobe reads without a word, same pictures",
  ignore: !hasFfprobe(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-stream-ts-" });
    try {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, { seconds: 2, group: 200, sound: true });
      await using server = await DeliveryServer.start(["cam"]);
      const { hub } = server.stream("cam");
      await feedHub(hub, clip);
      const response = await fetch(`${server.url}/live/cam/stream.ts`);
      hub.close("the end"); // all of it has been sent at once
      const made = join(folder, "made.ts");
      await Deno.writeFile(made, new Uint8Array(await response.arrayBuffer()));
      const { stderr } = await run("ffprobe", ["-v", "warning", "-show_packets", made]);
      assert.equal(stderr, "");
      assert.deepEqual(await decodedHashes(made), await decodedHashes(clip));
      await until(() => hub.takers === 0, { what: "nobody left" });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
