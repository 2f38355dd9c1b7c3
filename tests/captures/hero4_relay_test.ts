/**
 * The real HERO4 preview as datagrams, from a camera that demands its start and its keep-alives, through the
 * whole relay: every picture and every sound sample reaches WebSocket and `stream.mp4`, bit for bit.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../shared/bytes.ts";
import { findCaptures } from "../run/captures.ts";
import { GoProCamera } from "../support/gopro_camera.ts";
import { hero4 } from "../support/gopro_firmware.ts";
import { assertFfprobeIsSilent, assertSame, decodedHashes, hashColumn } from "../support/judges.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { freeUdpPort } from "../support/ports.ts";
import { Viewer } from "../support/viewer.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));

/** What cameras.md counts in the capture. */
const PICTURES = 252;
const SOUNDS = 393;

Deno.test({
  name: "HERO4: every picture and sound sample through WebSocket and stream.mp4",
  ignore: folder === undefined,
  fn: async () => {
    const media = folder ?? "";
    const out = await Deno.makeTempDir({ prefix: "rill-hero4-" });
    try {
      const streamPort = freeUdpPort();
      await using camera = GoProCamera.on({
        firmware: hero4,
        capture: await Deno.readFile(join(media, "gopro/hero4_video_input_mpegts.ts")),
        streamPort,
      });
      await camera.goAway(); // until the viewers are there: each of them is to see the first picture
      await using relay = await RelayProcess.start({ args: [`hero=${camera.source}`] });
      await using viewer = await Viewer.open(`${relay.url}/live/hero`);
      const response = fetch(`${relay.url}/live/hero/stream.mp4`);
      await camera.comeBack();

      await camera.until(({ finished }) => finished);
      const { body, headers } = await response;
      assert.equal(headers.get("content-type"), 'video/mp4; codecs="avc1.4d4015,mp4a.40.2"');
      const samples = (track: number): number =>
        viewer.fragments(track, 1)
          .reduce((count, { tracks }) => count + (tracks[0]?.samples.length ?? 0), 0);
      await viewer.until(() => samples(1) === PICTURES && samples(2) === SOUNDS, {
        what: `${PICTURES} pictures and ${SOUNDS} sound samples`,
      });
      assert.equal(viewer.stream?.generation, 1, "one generation");
      assert.ok(camera.keepAlives > 1, "the camera was kept alive");

      const received = concatBytes(viewer.media.map(({ bytes }) => bytes));
      const byWebSocket = join(out, "websocket.mp4");
      await Deno.writeFile(byWebSocket, received);
      const byHttp = join(out, "stream.mp4");
      await Deno.writeFile(byHttp, await readBytes(body, received.length));
      const expected = hashColumn(
        await Deno.readTextFile(join(media, "expected/gopro/hero4_video_input_mpegts.ts.framemd5")),
      );
      assert.equal(expected.length, PICTURES);
      for (const remuxed of [byWebSocket, byHttp]) {
        const original = join(media, "gopro/derived-hero4_188.ts");
        await assertSame(media, { original, remuxed });
        await assertFfprobeIsSilent(remuxed);
        assert.deepEqual(await decodedHashes(remuxed), expected);
      }
    } finally {
      await Deno.remove(out, { recursive: true });
    }
  },
});

/** The first `count` bytes of an endless body; what WebSocket got is what HTTP gets. */
async function readBytes(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  count: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    parts.push(part);
    length += part.length;
    if (length >= count) break;
  }
  return concatBytes(parts);
}
