/** Which group a viewer's session sends first: the newest, but not at the cost of what an older one is about to repair. */

import assert from "node:assert/strict";
import { WebTransportSink } from "../../../relay/deliveries/webtransport_sink.ts";
import { Hub } from "../../../relay/hub/hub.ts";
import {
  encodeReceipt,
  FRAME,
  FRAME_HEADER_BYTES,
  OVERTAKE_MS,
} from "../../../shared/webtransport.ts";
import { FakeTime } from "../../support/fake_time.ts";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";

const FRAME_MS = 40;
const GROUP = 25;
const BYTES = 1000;

/** Takes everything. */
class Stream extends WritableStream<Uint8Array> implements Deno.QuicSendStream {
  readonly id = 0n;
  sendOrder = 0;
}

/** A session that remembers its streams. */
class Session implements Disposable {
  readonly #streams: Stream[] = [];
  readonly #time = new FakeTime();
  readonly #sink: WebTransportSink;
  readonly #group: number;
  #pictures = 0;

  constructor({ group = GROUP }: { readonly group?: number } = {}) {
    this.#group = group;
    const createUnidirectionalStream = (): Promise<Stream> => {
      const stream = new Stream();
      this.#streams.push(stream);
      return Promise.resolve(stream);
    };
    this.#sink = new WebTransportSink({
      connection: { createUnidirectionalStream },
      control: new WritableStream<Uint8Array>().getWriter(),
      hub: new Hub(),
      end: (code, reason) => assert.fail(`${code} ${reason}`),
    });
    this.#sink.init(plainSegment());
  }

  /** Of its streams, oldest first. */
  get orders(): readonly number[] {
    return this.#streams.map(({ sendOrder }) => sendOrder);
  }

  /** So many more pictures; the streams have opened then. */
  async pictures(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.#sink.push(plainBatch({ key: this.#pictures++ % this.#group === 0, bytes: BYTES }));
      this.#time.pass(FRAME_MS);
    }
    await new Promise((resolve) => setTimeout(resolve));
  }

  /** The viewer says so. */
  took(ordinal: number, pictures: number): void {
    const receipt = encodeReceipt({ ordinal, bytes: pictures * BYTES });
    this.#sink.read(FRAME.receipt, receipt.subarray(FRAME_HEADER_BYTES));
  }

  giveUp(): boolean {
    return this.#sink.giveUp();
  }

  [Symbol.dispose](): void {
    this.#time[Symbol.dispose]();
  }
}

Deno.test("a group that begins is sent in turns with the one before it for a while, and then first", async () => {
  using session = new Session();
  await session.pictures(GROUP);
  session.took(0, GROUP - 1); // one picture is being repaired
  await session.pictures(OVERTAKE_MS / FRAME_MS);
  const [older, newer] = session.orders;
  assert.equal(newer, older);
  await session.pictures(1);
  assert.ok((session.orders[1] ?? 0) > (session.orders[0] ?? 0));
});

Deno.test("where much of the older group waits the newer is sent first from its beginning", async () => {
  using session = new Session();
  await session.pictures(GROUP);
  session.took(0, GROUP / 2);
  await session.pictures(1);
  assert.ok((session.orders[1] ?? 0) > (session.orders[0] ?? 0));
});

Deno.test("groups of one picture each: the newest goes before those that have had their time", async () => {
  using session = new Session({ group: 1 });
  await session.pictures(2 * OVERTAKE_MS / FRAME_MS);
  const newest = session.orders.at(-1) ?? 0;
  assert.ok(newest > (session.orders[0] ?? 0), `${session.orders}`);
});

Deno.test("what follows what was given up is sent first", async () => {
  using session = new Session();
  await session.pictures(GROUP);
  session.took(0, GROUP - 1);
  assert.ok(session.giveUp());
  await session.pictures(1);
  assert.ok((session.orders[1] ?? 0) > (session.orders[0] ?? 0));
});
