/** A picture does not wait for the next one: what a camera sent before it fell silent is seen. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { StreamList } from "../../shared/api.ts";
import { concatBytes } from "../../shared/bytes.ts";
import { makeTransportStream } from "../support/clips.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { Viewer } from "../support/viewer.ts";

const PACKET_BYTES = 188;
/** What fits into one datagram on an Ethernet. */
const PACKETS_A_DATAGRAM = 7;
/** ffmpeg's first elementary stream. */
const PICTURE_PID = 0x100;
const PICTURES = 50;
/** ISO/IEC 13818-1 §2.4.3.3: carries nothing. */
const NULL_PACKET = new Uint8Array(PACKET_BYTES).fill(0xff);
NULL_PACKET.set([0x47, 0x1f, 0xff, 0x10]);

Deno.test("a frame followed by silence still comes out, and before the silence is noticed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-silence-" });
  try {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 2, rate: 25, group: 25 });
    const pictures = splitPictures(await Deno.readFile(clip));
    assert.equal(pictures.length, PICTURES);

    const port = freePort();
    await using relay = await RelayProcess.start({ args: [`cam=udp://127.0.0.1:${port}`] });
    await using viewer = await Viewer.open(`${relay.url}/live/cam`);
    await using stack = new AsyncDisposableStack();
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    stack.defer(() => socket.close());
    const camera = { transport: "udp", hostname: "127.0.0.1", port } as const;
    // The relay answers HTTP before its camera's socket is open: knock until it hears.
    while (await bytesIn(relay.url) === 0) await socket.send(NULL_PACKET, camera);
    for (const [index, picture] of pictures.entries()) {
      for (let at = 0; at < picture.length; at += PACKETS_A_DATAGRAM * PACKET_BYTES) {
        await socket.send(picture.subarray(at, at + PACKETS_A_DATAGRAM * PACKET_BYTES), camera);
      }
      // Half the clip: every picture must come out before the next is sent. Before, one may be under way: more than a
      // socket holds would be lost.
      const sent = index < PICTURES / 2 ? index : index + 1;
      await viewer.until(
        () => sent === 0 || (viewer.stream && viewer.fragments(viewer.pictures).length >= sent),
        { what: `picture ${sent} while nothing follows it` },
      );
    }
    assert.ok(viewer.control.every(({ type }) => type !== "offline"), "nobody had given up");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Bytes that the only stream's source has brought. */
async function bytesIn(url: string): Promise<number> {
  const { streams } = await (await fetch(`${url}/api/streams`)).json() as StreamList;
  return streams[0]?.counters.bytesIn ?? 0;
}

/** The packets of each picture; what stands before the first goes with it. */
function splitPictures(stream: Uint8Array): Uint8Array[] {
  const pictures: Uint8Array[][] = [[]];
  let begun = false;
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    const packet = stream.subarray(at, at + PACKET_BYTES);
    const [, second = 0, third = 0] = packet;
    const starts = (second & 0x40) !== 0 && ((second & 0x1f) << 8 | third) === PICTURE_PID;
    if (starts && begun) pictures.push([]);
    begun ||= starts;
    pictures.at(-1)?.push(packet);
  }
  return pictures.map(concatBytes);
}
