/** Groups that arrive beside each other: in order, behind their init segment, and a late one overtaken. */

import assert from "node:assert/strict";
import type { StreamMessage } from "../../../shared/control.ts";
import { OVERTAKE_MS } from "../../../shared/webtransport.ts";
import { GroupOrder } from "../../../web/src/transports/group_order.ts";

function stream(generation: number): StreamMessage {
  return { type: "stream", generation, mime: "video/mp4", tracks: [], clock: { errorUs: 0 } };
}

/** An order, and what came out of it. */
class Setting {
  readonly out: string[] = [];
  readonly dropped: number[] = [];
  readonly order = new GroupOrder({
    receiver: {
      media: (bytes) => void this.out.push(new TextDecoder().decode(bytes)),
      control: (message) =>
        void this.out.push(
          message.type === "stream" ? `stream ${message.generation}` : message.type,
        ),
    },
    drop: (ordinal) => void this.dropped.push(ordinal),
  });

  init(generation: number): void {
    this.order.announce(stream(generation));
    this.order.init(new TextEncoder().encode(`init ${generation}`));
  }

  begin(ordinal: number, generation = 1): boolean {
    return this.order.begin({ ordinal, generation });
  }

  take(ordinal: number, text: string, now = 0): void {
    this.order.take(ordinal, new TextEncoder().encode(text), now);
  }
}

Deno.test("a group waits for its init segment, and a newer one for its end", () => {
  const all = new Setting();
  all.begin(0);
  all.take(0, "0a");
  assert.deepEqual(all.out, []);
  all.init(1);
  all.begin(1);
  all.take(1, "1a", 10);
  all.take(0, "0b", 20);
  assert.deepEqual(all.out, ["stream 1", "init 1", "0a", "0b"]);
  all.order.end(0);
  assert.deepEqual(all.out.slice(4), ["1a"]);
  assert.deepEqual(all.dropped, []);
});

Deno.test("a group that the relay has given up is waited for no longer than a newer one takes to come", () => {
  const all = new Setting();
  all.init(1);
  for (const ordinal of [0, 1]) all.begin(ordinal);
  all.take(0, "0a");
  all.order.leave(1, 0);
  all.take(0, "0b");
  assert.deepEqual(all.dropped, [], "what still comes is good");
  all.take(1, "1a", 1);
  assert.deepEqual(all.out, ["stream 1", "init 1", "0a", "0b", "skip", "1a"]);
  assert.deepEqual(all.dropped, [0]);
  all.begin(2);
  all.take(2, "2a", 2);
  assert.equal(all.out.at(-1), "1a", "the next is waited for as ever");
});

Deno.test("a group is given up after the newer one has come: what has come is passed on at once", () => {
  const all = new Setting();
  all.init(1);
  for (const ordinal of [0, 1]) all.begin(ordinal);
  all.take(0, "0a");
  all.take(1, "1a", 1);
  assert.equal(all.out.at(-1), "0a");
  all.order.leave(1, 2);
  assert.deepEqual(all.out.slice(2), ["0a", "skip", "1a"]);
});

Deno.test("a newer group overtakes an older one that is late, whose rest is not wanted any more", () => {
  const all = new Setting();
  all.init(1);
  for (const ordinal of [0, 1]) all.begin(ordinal);
  all.take(0, "0a");
  all.take(1, "1a", 100);
  all.take(1, "1b", 100 + OVERTAKE_MS - 1);
  assert.deepEqual(all.out.slice(2), ["0a"]);
  all.take(1, "1c", 100 + OVERTAKE_MS);
  assert.deepEqual(all.out.slice(2), ["0a", "skip", "1a", "1b", "1c"]);
  assert.deepEqual(all.dropped, [0]);
  all.take(0, "0b", 500);
  all.order.end(0);
  assert.equal(all.out.length, 7, "what comes of it late is left out");
  assert.equal(all.begin(0), false);
});

Deno.test("a group that never began to arrive is overtaken as well", () => {
  const all = new Setting();
  all.init(1);
  all.begin(2);
  all.take(2, "2a");
  all.take(2, "2b", OVERTAKE_MS);
  assert.deepEqual(all.out, ["skip", "stream 1", "init 1", "2a", "2b"]);
  assert.equal(all.begin(1), false, "it comes too late");
});

Deno.test("a new generation begins where its first group does, not where its init segment arrives", () => {
  const all = new Setting();
  all.init(1);
  all.begin(0);
  all.take(0, "0a");
  all.init(2);
  all.take(0, "0b");
  all.begin(1, 2);
  all.take(1, "1a");
  all.order.end(0);
  assert.deepEqual(all.out, ["stream 1", "init 1", "0a", "0b", "stream 2", "init 2", "1a"]);
});
