/** Boxes put together from a stream cut anywhere. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes, toHex } from "../../../shared/bytes.ts";
import { BoxError, BoxSplitter } from "../../../shared/mp4/box_splitter.ts";
import { ByteWriter } from "../../../relay/bytes/byte_writer.ts";
import { randomFrom } from "../../support/random.ts";

function stream(): Bytes {
  const w = new ByteWriter(256);
  w.box("ftyp", () => w.bytes(new Uint8Array(20).fill(1)));
  w.box("free", () => {});
  w.u32(1); // a 64-bit size
  w.fourcc("mdat");
  w.u64(16 + 5);
  w.bytes(new Uint8Array([1, 2, 3, 4, 5]));
  w.box("moof", () => w.bytes(new Uint8Array(100).fill(2)));
  return w.written().slice();
}

function split(chunks: readonly Bytes[]): [type: string, hex: string][] {
  const splitter = new BoxSplitter();
  const boxes: [string, string][] = [];
  for (const chunk of chunks) {
    splitter.push(chunk, (box, type) => boxes.push([type, toHex(box)]));
  }
  assert.equal(splitter.pendingBytes, 0);
  return boxes;
}

Deno.test("the same boxes come out however the stream is cut", () => {
  const bytes = stream();
  const whole = split([bytes]);
  assert.deepEqual(whole.map(([type]) => type), ["ftyp", "free", "mdat", "moof"]);
  assert.equal(whole.map(([, hex]) => hex).join(""), toHex(bytes));
  for (let at = 1; at < bytes.length; at++) {
    assert.deepEqual(split([bytes.slice(0, at), bytes.slice(at)]), whole, `cut at ${at}`);
  }
  assert.deepEqual(split(Array.from(bytes, (byte) => new Uint8Array([byte]))), whole);
  for (let seed = 0; seed < 50; seed++) {
    const random = randomFrom(seed);
    const chunks: Bytes[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + random(40);
      chunks.push(bytes.slice(at, end));
      at = end;
    }
    assert.deepEqual(split(chunks), whole, `seed ${seed}`);
  }
});

Deno.test("an unfinished box is held and counted", () => {
  const splitter = new BoxSplitter();
  const boxes: string[] = [];
  splitter.push(stream().slice(0, 30), (_box, type) => boxes.push(type));
  assert.deepEqual(boxes, ["ftyp"]);
  assert.equal(splitter.pendingBytes, 2);
});

Deno.test("a whole box in a chunk is a view, a joined one is not", () => {
  const bytes = stream();
  new BoxSplitter().push(bytes, (box) => assert.equal(box.buffer, bytes.buffer));
  const splitter = new BoxSplitter();
  splitter.push(bytes.slice(0, 4), () => assert.fail("nothing is whole yet"));
  const rest = bytes.slice(4, 28);
  splitter.push(rest, (box) => {
    assert.notEqual(box.buffer, rest.buffer);
    assert.equal(box.byteLength, box.buffer.byteLength);
  });
});

Deno.test("sizes that cannot be, have no end or pass the bound are refused in words", () => {
  const cases: readonly (readonly [bytes: number[], message: RegExp])[] = [
    [[0, 0, 0, 7, 0x66, 0x72, 0x65, 0x65], /"free" states a size that cannot be/],
    [[0, 0, 0, 0, 0x6d, 0x64, 0x61, 0x74], /"mdat" has no end/],
    [[0, 0, 1, 1, 0x6d, 0x64, 0x61, 0x0a], /"mda\?" of 257 bytes is larger than the 256 allowed/],
    [[0, 0, 0, 1, 0x6d, 0x64, 0x61, 0x74, 0xff, 0, 0, 0, 0, 0, 0, 0], /cannot be/],
    [[0, 0, 0, 1, 0x6d, 0x64, 0x61, 0x74, 0, 0, 0, 1, 0, 0, 0, 0], /4294967296 bytes is larger/],
  ];
  for (const [bytes, message] of cases) {
    for (const chunkBytes of [1, 3, 100]) {
      const splitter = new BoxSplitter({ maxBoxBytes: 256 });
      assert.throws(() => {
        for (let at = 0; at < bytes.length; at += chunkBytes) {
          splitter.push(new Uint8Array(bytes.slice(at, at + chunkBytes)), () => {});
        }
      }, (error) => error instanceof BoxError && message.test(error.message));
    }
  }
});

Deno.test("garbage ends in boxes or in a BoxError, never in a loop", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = randomFrom(seed);
    const bytes = concatBytes([stream(), stream()]);
    for (let i = 0; i < 3; i++) bytes[random(bytes.length)] = random(256);
    const splitter = new BoxSplitter({ maxBoxBytes: 1 << 20 });
    let out = 0;
    try {
      for (let at = 0; at < bytes.length; at += 7) {
        splitter.push(bytes.slice(at, at + 7), (box) => out += box.length);
      }
      assert.equal(out + splitter.pendingBytes, bytes.length, `seed ${seed}`);
    } catch (error) {
      assert.ok(error instanceof BoxError, `seed ${seed}: ${error}`);
    }
  }
});
