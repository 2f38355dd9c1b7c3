/** Batches through shared memory: whole, in the order they were written, and refused where there is no room. */

import assert from "node:assert/strict";
import {
  BatchRingReader,
  BatchRingWriter,
  newRing,
  returnRing,
  RING_BYTES,
  takeRing,
} from "../../../relay/ingest/batch_ring.ts";
import { type Batch, HEADROOM_BYTES } from "../../../shared/media.ts";
import { micros, ticks } from "../../../shared/units.ts";
import { plainBatch } from "../../support/plain_batch.ts";
import { randomFrom } from "../../support/random.ts";

function ends(bytes?: number): { writer: BatchRingWriter; reader: BatchRingReader } {
  const ring = newRing(bytes);
  return { writer: new BatchRingWriter(ring), reader: new BatchRingReader(ring) };
}

/** A batch in which every number and byte is another. */
function anyBatch(sequence: number, random: (below: number) => number): Batch {
  const fragments = Array.from({ length: random(4) }, () => ({
    track: 1 + random(2),
    dts: ticks(random(2 ** 31) * 4),
    pts: ticks(random(2 ** 31) * 4),
    duration: ticks(random(90_000)),
    key: random(2) === 1,
    sizes: Array.from({ length: random(6) }, () => random(100_000)),
    offset: random(10_000),
    byteLength: random(10_000),
  }));
  const { bytes } = plainBatch({ bytes: random(3000) });
  for (let i = 0; i < bytes.length; i++) bytes[i] = random(256);
  return {
    generation: random(1000),
    sequence,
    group: random(1000),
    key: random(2) === 1,
    arrival: micros(random(2 ** 31) * 1_000_000 + random(1_000_000)),
    fragments,
    bytes,
  };
}

Deno.test("a batch comes out as it went in, in memory of its own with room before it", () => {
  const { writer, reader } = ends();
  const batch = anyBatch(7, randomFrom(1));
  assert.ok(writer.write(batch, 0));
  const read = reader.read(0);
  assert.deepEqual(read, batch);
  assert.equal(read?.bytes.byteOffset, HEADROOM_BYTES);
  assert.equal(read?.bytes.buffer.byteLength, HEADROOM_BYTES + batch.bytes.length);
  assert.ok(writer.write(anyBatch(8, randomFrom(2)), 0), "what is written next");
  assert.deepEqual(read, batch, "changes nothing of it");
});

Deno.test("a batch that was written after a message waits for it", () => {
  const { writer, reader } = ends();
  writer.write(plainBatch({ sequence: 0 }), 1);
  writer.write(plainBatch({ sequence: 1 }), 2);
  assert.equal(reader.read(0), undefined);
  assert.equal(reader.read(1)?.sequence, 0);
  assert.equal(reader.read(1), undefined);
  assert.equal(reader.read(2)?.sequence, 1);
  assert.equal(reader.read(2), undefined);
});

Deno.test("what has no room is refused, changes nothing, and has room again when something was read", () => {
  const { writer, reader } = ends(4096);
  assert.equal(writer.write(plainBatch({ bytes: 4096 }), 0), false);
  let written = 0;
  while (writer.write(plainBatch({ sequence: written, bytes: 900 }), 0)) written++;
  assert.ok(written >= 3, `${written} went in`);
  for (let sequence = 0; sequence < written; sequence++) {
    assert.equal(reader.read(0)?.sequence, sequence);
  }
  assert.equal(reader.read(0), undefined);
  assert.ok(writer.write(plainBatch({ sequence: 9, bytes: 900 }), 0));
  assert.equal(reader.read(0)?.sequence, 9);
});

Deno.test("batches of every size, read at every pace, in a ring of every size: each once, whole, in order", () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = randomFrom(seed);
    const { writer, reader } = ends(4000 + random(20_000));
    const waiting: Batch[] = [];
    let refused = 0;
    for (let sequence = 0; sequence < 300; sequence++) {
      const batch = anyBatch(sequence, random);
      if (writer.write(batch, 0)) waiting.push(batch);
      else refused++;
      for (let reads = random(3); reads > 0; reads--) {
        assert.deepEqual(reader.read(0), waiting.shift(), `seed ${seed}, after ${sequence}`);
      }
    }
    while (waiting.length > 0) assert.deepEqual(reader.read(0), waiting.shift(), `seed ${seed}`);
    assert.equal(reader.read(0), undefined, `seed ${seed}`);
    assert.ok(refused < 200, `seed ${seed}: ${refused} of 300 refused`);
  }
});

Deno.test("while the reader keeps up, the same few pages are used again and again", () => {
  const ring = newRing();
  const writer = new BatchRingWriter(ring);
  const reader = new BatchRingReader(ring);
  for (let sequence = 0; sequence < 1000; sequence++) {
    const batch = plainBatch({ sequence, bytes: 16_000 });
    batch.bytes.fill(1);
    assert.ok(writer.write(batch, 0));
    assert.equal(reader.read(0)?.sequence, sequence);
  }
  const used = new Uint8Array(ring.memory, 32).lastIndexOf(1);
  assert.ok(used < RING_BYTES / 16, `${used} bytes`);
});

Deno.test("a reader that listens is told of what was written before and after, and of nothing when it has closed", async () => {
  const { writer, reader } = ends();
  // Waiting for memory keeps no program alive; a relay has its ports and workers for that.
  const alive = setTimeout(() => assert.fail("nothing was told for 10 s"), 10_000);
  const read: (number | undefined)[] = [];
  const told = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  writer.write(plainBatch({ sequence: 0 }), 0);
  const listening = reader.listen(() => {
    for (let batch = reader.read(0); batch; batch = reader.read(0)) {
      told[read.push(batch.sequence) - 1]?.resolve();
    }
  });
  await told[0]?.promise;
  writer.write(plainBatch({ sequence: 1 }), 0);
  await told[1]?.promise;
  reader.close();
  await listening;
  clearTimeout(alive);
  writer.write(plainBatch({ sequence: 2 }), 0);
  assert.deepEqual(read, [0, 1]);
});

Deno.test("a ring that is taken again is empty, whatever the last one left in it", () => {
  const ring = takeRing();
  const left = new BatchRingWriter(ring);
  for (let sequence = 0; sequence < 5; sequence++) left.write(plainBatch({ sequence }), 0);
  const reader = new BatchRingReader(ring);
  reader.read(0);
  reader.close();
  returnRing(ring);
  const again = takeRing();
  assert.equal(again.memory, ring.memory);
  const next = new BatchRingReader(again);
  assert.equal(next.read(0), undefined);
  new BatchRingWriter(again).write(plainBatch({ sequence: 9 }), 0);
  assert.equal(next.read(0)?.sequence, 9);
});

Deno.test("what wakes up after its ring was taken back writes nothing into it", () => {
  const ring = takeRing();
  const late = new BatchRingWriter(ring);
  returnRing(ring);
  assert.equal(late.write(plainBatch({ sequence: 1 }), 0), false, "it is nobody's");
  const again = takeRing();
  assert.equal(again.memory, ring.memory);
  assert.equal(late.write(plainBatch({ sequence: 2 }), 0), false, "it is another's");
  assert.equal(new BatchRingReader(again).read(0), undefined);
  assert.ok(new BatchRingWriter(again).write(plainBatch({ sequence: 3 }), 0));
});

Deno.test("memory that somebody stopped in the middle of writing to goes to nobody else", () => {
  const ring = takeRing();
  const { bytes, ...rest } = plainBatch({ sequence: 1 });
  const unfinished = {
    ...rest,
    bytes,
    get fragments(): never {
      throw new Error("this thread stops here");
    },
  };
  assert.throws(() => new BatchRingWriter(ring).write(unfinished, 0), /stops here/);
  returnRing(ring);
  assert.notEqual(takeRing().memory, ring.memory);
});
