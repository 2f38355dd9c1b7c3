/** The last act: the header that makes everything before the index one mdat. */

import assert from "node:assert/strict";
import { toHex } from "../../../shared/bytes.ts";
import { closeWithIndex } from "../../../relay/recordings/close.ts";
import { RecordingError } from "../../../relay/recordings/output.ts";
import { MemoryOutput } from "../../support/memory_output.ts";

const INDEX = new Uint8Array([1, 2, 3]);

/** An output that claims a length without holding as much. */
class LongOutput extends MemoryOutput {
  readonly #claimed: number;
  written = "";

  constructor(claimed: number) {
    super();
    this.#claimed = claimed;
  }

  override get length(): number {
    return this.#claimed;
  }

  override append(): void {}

  override overwrite(at: number, bytes: Uint8Array): void {
    this.written = `${at}:${toHex(bytes)}`;
  }
}

Deno.test("the header has 64 bits where there is room, 32 where not", () => {
  const cases: readonly (readonly [length: number, bytes: number, written: string])[] = [
    [100, 16, "28:00000001" + "6d646174" + "0000000000000048"],
    [2 ** 32 + 100, 16, "28:00000001" + "6d646174" + "0000000100000048"],
    [100, 8, "28:00000048" + "6d646174"],
  ];
  for (const [length, bytes, written] of cases) {
    const output = new LongOutput(length);
    closeWithIndex(output, { index: INDEX, reserve: { at: 28, bytes }, durable: true });
    assert.equal(output.written, written);
  }
});

Deno.test("without room for the header nothing is touched", () => {
  const output = new LongOutput(2 ** 32 + 100);
  assert.throws(
    () => closeWithIndex(output, { index: INDEX, reserve: { at: 28, bytes: 8 }, durable: true }),
    RecordingError,
  );
  assert.equal(output.written, "");
});

Deno.test("an index that does not fit is taken back", () => {
  const output = new MemoryOutput();
  output.append(new Uint8Array(100));
  output.room = 101;
  assert.throws(
    () => closeWithIndex(output, { index: INDEX, reserve: { at: 28, bytes: 16 }, durable: true }),
    RecordingError,
  );
  assert.equal(output.length, 100);
  assert.equal(output.calls.includes("overwrite"), false);
});

Deno.test("the failure that is told is the first, even if nothing can be taken back", () => {
  const output = new MemoryOutput();
  output.room = 1;
  output.fixed = true;
  assert.throws(
    () => closeWithIndex(output, { index: INDEX, reserve: { at: 0, bytes: 16 }, durable: false }),
    /it is full/,
  );
});
