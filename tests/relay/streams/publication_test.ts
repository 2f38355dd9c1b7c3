/** One publisher's bytes on their way: in order, bounded, and at an end that is told. */

import assert from "node:assert/strict";
import type { Bytes } from "../../../shared/bytes.ts";
import { feedCost } from "../../../relay/ingest/feed_cost.ts";
import { micros } from "../../../shared/units.ts";
import type { OriginEstimate } from "../../../relay/sources/source.ts";
import { Publication } from "../../../relay/streams/publication.ts";

const MIB = 1024 * 1024;

class Port {
  readonly fed: number[] = [];
  ended = 0;
  feed(bytes: Bytes): void {
    this.fed.push(bytes.length);
  }
  /** What was known of the publisher's clock before so many feeds. */
  readonly clocks: [offset: number, feeds: number][] = [];
  originClock({ offset }: OriginEstimate): void {
    this.clocks.push([offset, this.fed.length]);
  }
  feedEnd(): void {
    this.ended++;
  }
}

Deno.test("what comes before the worker is ready is kept in order, and its end too", async () => {
  const publication = new Publication();
  publication.write(new Uint8Array(3));
  publication.write(new Uint8Array(0));
  publication.write(new Uint8Array(5));
  publication.end();
  publication.write(new Uint8Array(7)); // after the end: nothing
  const port = new Port();
  publication.connect(port);
  assert.deepEqual([port.fed, port.ended], [[3, 5], 1]);
  assert.equal(await publication.ended, "the publisher has ended");
  assert.equal(publication.kind, "ended");
});

Deno.test("what the publisher's clock says is known before its bytes", () => {
  using publication = ending(new Publication());
  publication.write(new Uint8Array(3));
  for (const offset of [1, 2]) {
    publication.originClock({ offset: micros(offset), error: micros(9) });
  }
  const port = new Port();
  publication.connect(port);
  publication.originClock({ offset: micros(4), error: micros(9) });
  assert.deepEqual(port.clocks, [[2, 0], [4, 1]]);
});

Deno.test("one who sends faster than it is read is asked to wait, until there is room", async () => {
  using publication = ending(new Publication());
  const port = new Port();
  publication.connect(port);
  const most = 4 * MIB - feedCost(new Uint8Array(0));
  assert.equal(publication.write(new Uint8Array(most)), undefined);
  const last = new Uint8Array(1);
  const room = publication.write(last);
  assert.ok(room);
  let hasRoom = false;
  void room.then(() => void (hasRoom = true));
  publication.fed(0);
  await Promise.resolve();
  assert.equal(hasRoom, false);
  publication.fed(feedCost(last));
  await room;
});

Deno.test("one who sends single bytes is asked to wait before they fill the memory as messages", () => {
  using publication = ending(new Publication());
  publication.connect(new Port());
  let sent = 0;
  while (publication.write(new Uint8Array(1)) === undefined) sent++;
  assert.ok(sent > 1000 && sent < 20_000, `${sent} bytes, each in a message`);
});

Deno.test("one who cannot wait is ended in words before memory is", async () => {
  const publication = new Publication();
  for (let i = 0; i < 17; i++) void publication.write(new Uint8Array(MIB));
  assert.equal(publication.kind, "failed");
  assert.match(await publication.ended, /as fast as they came/);
});

Deno.test("silence ends it; one that was asked to wait is not silent", async () => {
  const quiet = new Publication({ silenceMs: 30 });
  const waiting = new Publication({ silenceMs: 30 });
  void waiting.write(new Uint8Array(5 * MIB));
  assert.match(await quiet.ended, /brought nothing for/);
  assert.equal(quiet.kind, "silent");
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(waiting.kind, undefined);
  waiting.end();
});

function ending(publication: Publication): Publication & Disposable {
  return Object.assign(publication, { [Symbol.dispose]: () => publication.end() });
}
