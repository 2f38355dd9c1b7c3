/** The group that joiners are sent: by reference, from its key picture, within its bound. */

import assert from "node:assert/strict";
import type { Batch } from "../../../shared/media.ts";
import { GroupRing, MAX_GROUP_BYTES } from "../../../relay/hub/group_ring.ts";
import { plainBatch } from "../../support/plain_batch.ts";

function pushAll(ring: GroupRing, batches: readonly Batch[]): void {
  for (const batch of batches) ring.push(batch);
}

Deno.test("from the key picture on, the very same batches", () => {
  const ring = new GroupRing();
  const group = [plainBatch({ key: true, bytes: 10 }), plainBatch({ bytes: 20 }), plainBatch({})];
  pushAll(ring, group);
  assert.equal(ring.batches.length, 3);
  ring.batches.forEach((batch, i) => assert.equal(batch, group[i]));
  assert.equal(ring.bytes, group.reduce((sum, { bytes }) => sum + bytes.length, 0));
});

Deno.test("the next key picture begins anew", () => {
  const ring = new GroupRing();
  const next = plainBatch({ key: true, bytes: 7 });
  pushAll(ring, [plainBatch({ key: true }), plainBatch({}), next]);
  assert.deepEqual(ring.batches, [next]);
  assert.equal(ring.bytes, 7);
});

Deno.test("before a key picture nothing is kept", () => {
  const ring = new GroupRing();
  pushAll(ring, [plainBatch({}), plainBatch({})]);
  assert.deepEqual([ring.batches.length, ring.bytes], [0, 0]);
});

Deno.test("a group beyond the bound is not kept, up to the next key picture", () => {
  const ring = new GroupRing();
  const half = MAX_GROUP_BYTES / 2;
  pushAll(ring, [plainBatch({ key: true, bytes: half }), plainBatch({ bytes: half })]);
  assert.equal(ring.batches.length, 2, "the bound itself is allowed");
  ring.push(plainBatch({ bytes: 1 }));
  assert.deepEqual([ring.batches.length, ring.bytes], [0, 0]);
  ring.push(plainBatch({ bytes: 1 }));
  assert.equal(ring.batches.length, 0);
  ring.push(plainBatch({ key: true, bytes: 5 }));
  assert.equal(ring.batches.length, 1);
});

Deno.test("a key picture that is too large alone is not kept", () => {
  const ring = new GroupRing();
  ring.push(plainBatch({ key: true, bytes: MAX_GROUP_BYTES + 1 }));
  assert.equal(ring.batches.length, 0);
});

Deno.test("cleared, it waits for a key picture", () => {
  const ring = new GroupRing();
  ring.push(plainBatch({ key: true }));
  ring.clear();
  ring.push(plainBatch({}));
  assert.deepEqual([ring.batches.length, ring.bytes], [0, 0]);
});

Deno.test("a list that was handed out does not change any more", () => {
  const ring = new GroupRing();
  ring.push(plainBatch({ key: true }));
  const before = ring.batches;
  ring.push(plainBatch({ key: true }));
  assert.equal(before.length, 1);
  assert.notEqual(ring.batches, before);
});
