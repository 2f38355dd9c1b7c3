/**
 * What every sink owes the hub, whatever carries its bytes: one suite, run over each kind of sink. A row opens one
 * over a real connection and says what reached the other end.
 *
 * @module
 */

import assert from "node:assert/strict";
import { concatBytes, toHex } from "../../shared/bytes.ts";
import type { Sink } from "../../relay/hub/sink.ts";
import { describeStream, steadyPictures } from "../support/batches.ts";
import { plainBatch, plainSegment } from "../support/plain_batch.ts";
import { until } from "../support/relay.ts";

/** A sink with somebody at its other end. */
export interface OpenSink extends AsyncDisposable {
  readonly sink: Sink;
  /** Reads the media that has come and comes, until there are so many bytes or the end; its framing left out. */
  read(bytes: number): Promise<Uint8Array>;
  /** The other end breaks off without a word. */
  breakOff(): void;
  /** Takers that the hub still has. */
  takers(): number;
}

/** Opens a sink whose other end does not read before it is asked to. */
export type SinkFixture = () => Promise<OpenSink>;

/** More than the kernel's buffers for one connection take. */
const MUCH = 64 * 1024 * 1024;
const BATCH_BYTES = 256 * 1024;

/** Registers the suite for one row. */
export function sinkContract(name: string, open: SinkFixture): void {
  Deno.test(`${name}: init and batches arrive in order, whole, unchanged`, async () => {
    const { segment, batches } = describeStream(steadyPictures({ count: 50, group: 10 }));
    await using opened = await open();
    const before = batches.map(({ bytes }) => toHex(bytes));
    opened.sink.init(segment);
    for (const batch of batches) opened.sink.push(batch);
    const expected = concatBytes([segment.bytes, ...batches.map(({ bytes }) => bytes)]);
    assert.equal(toHex(await opened.read(expected.length)), toHex(expected));
    assert.deepEqual(batches.map(({ bytes }) => toHex(bytes)), before);
  });

  Deno.test(`${name}: the backlog tells what is not read, and comes to nothing when it is`, async () => {
    await using opened = await open();
    const segment = plainSegment();
    opened.sink.init(segment);
    let pushed = segment.bytes.length;
    while (pushed < MUCH && opened.sink.backlog < 4 * BATCH_BYTES) {
      opened.sink.push(plainBatch({ bytes: BATCH_BYTES }));
      pushed += BATCH_BYTES;
      await new Promise((resolve) => setTimeout(resolve, 1)); // what can go, goes
    }
    assert.ok(opened.sink.backlog >= 4 * BATCH_BYTES, `${pushed} bytes vanished without a reader`);
    assert.ok(opened.sink.backlog <= pushed + BATCH_BYTES);
    assert.equal((await opened.read(pushed)).length, pushed);
    await until(() => opened.sink.backlog === 0, { what: "an empty backlog" });
  });

  Deno.test(`${name}: no call waits: all return before anything is read`, async () => {
    await using opened = await open();
    opened.sink.init(plainSegment());
    for (let i = 0; i < 200; i++) {
      assert.equal(opened.sink.push(plainBatch({ bytes: BATCH_BYTES })), undefined);
    }
    assert.equal(opened.sink.skipped({ fragments: 3, ms: 100 }), undefined);
    assert.equal(opened.sink.offline("a reason"), undefined);
    opened.breakOff();
  });

  Deno.test(`${name}: when the other end is gone no call throws, and the hub is told`, async () => {
    await using opened = await open();
    const { sink } = opened;
    sink.init(plainSegment());
    sink.push(plainBatch({ key: true }));
    opened.breakOff();
    for (let i = 0; i < 20; i++) {
      sink.push(plainBatch({ bytes: BATCH_BYTES }));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await until(() => opened.takers() === 0, { what: "the end of the subscription" });
    sink.init(plainSegment(2));
    sink.push(plainBatch({ key: true }));
    sink.skipped({ fragments: 1, ms: 1 });
    sink.offline("a reason");
    sink.close("gone", "a reason");
    sink.close("stuck", "a reason");
    assert.ok(sink.backlog >= 0);
  });

  for (const why of ["gone", "stuck"] as const) {
    Deno.test(`${name}: close (${why}) ends the other end, once and for all`, async () => {
      await using opened = await open();
      const { sink } = opened;
      sink.init(plainSegment());
      sink.push(plainBatch({ key: true }));
      sink.close(why, "the reason, in a sentence");
      sink.push(plainBatch({}));
      sink.close(why, "again");
      await opened.read(Infinity);
      await until(() => opened.takers() === 0, { what: "the end of the subscription" });
    });
  }
}
