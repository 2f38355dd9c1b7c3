/** The real HERO4 capture through the datagram reader: every header of it means what we say it means. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatagramReader } from "../../relay/sources/datagram.ts";
import { concatBytes, equalBytes } from "../../shared/bytes.ts";
import { findCaptures } from "../run/captures.ts";
import { SLOT_BYTES } from "../support/gopro_camera.ts";
import { randomFrom } from "../support/random.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const options = { ignore: folder === undefined };

async function slots(): Promise<Uint8Array[]> {
  const bytes = await Deno.readFile(join(folder ?? "", "gopro/hero4_video_input_mpegts.ts"));
  return Array.from(
    { length: bytes.length / SLOT_BYTES },
    (_, i) => bytes.subarray(i * SLOT_BYTES, (i + 1) * SLOT_BYTES),
  );
}

Deno.test(
  "HERO4 capture: 252 pictures end, nothing is lost, the bytes are the stream's",
  options,
  async () => {
    const reader = new DatagramReader();
    const payloads: Uint8Array[] = [];
    let [ends, lost, restarts] = [0, 0, 0];
    for (const slot of await slots()) {
      const content = reader.read(slot);
      assert.ok(content);
      payloads.push(content.payload);
      lost += content.lost;
      if (content.endOfFrame) ends++;
      if (content.restart) restarts++;
    }
    assert.equal(payloads.length, 1098);
    assert.deepEqual({ ends, lost, restarts }, { ends: 252, lost: 0, restarts: 0 });
    assert.deepEqual([reader.late, reader.foreign], [0, 0]);
    const expected = await Deno.readFile(join(folder ?? "", "gopro/derived-hero4_188.ts"));
    assert.ok(equalBytes(concatBytes(payloads), expected));
  },
);

for (const seed of [1, 2, 3, 4]) {
  Deno.test(`HERO4 capture: counts equal the drops made (seed ${seed})`, options, async () => {
    const draw = randomFrom(seed);
    const reader = new DatagramReader();
    const all = await slots();
    let [dropped, counted, previous] = [0, 0, false];
    for (const [i, slot] of all.entries()) {
      // Neighbours are spared: how many go missing at a group's very end cannot be known beyond one.
      previous = i > 0 && i < all.length - 1 && !previous && draw(12) === 0;
      if (previous) dropped++;
      else counted += reader.read(slot)?.lost ?? 0;
    }
    assert.ok(dropped > 50);
    assert.equal(counted, dropped);
  });
}

Deno.test(
  "HERO4 capture: runs of loss inside groups are exact, duplicates change nothing",
  options,
  async () => {
    const reader = new DatagramReader();
    const all = await slots();
    let [dropped, counted] = [0, 0];
    for (const [i, slot] of all.entries()) {
      const index = new DataView(slot.buffer, slot.byteOffset).getUint16(8);
      if (index >= 4 && index < 12) {
        dropped++;
        continue;
      }
      counted += reader.read(slot)?.lost ?? 0;
      if (i % 5 === 0) assert.equal(reader.read(slot), undefined);
    }
    assert.equal(counted, dropped);
    assert.ok(reader.late > 100);
  },
);
