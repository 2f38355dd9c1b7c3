/** Pictures that may stand longer than they say, for want of a next one. */

import assert from "node:assert/strict";
import { equalBytes } from "../../../shared/bytes.ts";
import { type FragmentInfo, readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { standsFor } from "../../../web/src/player/engine.ts";
import { type InitInfo, readInit, readMedia } from "../../../web/src/player/incoming.ts";
import { standing } from "../../../web/src/player/standing.ts";
import { describeStream } from "../../support/batches.ts";

const { segment, batches } = describeStream([
  { kind: "picture", dts: 90_000, key: true },
  { kind: "sound", dts: 48_000 },
  { kind: "picture", dts: 93_000 },
]);

function init(): InitInfo {
  const read = readInit(segment.bytes);
  assert.ok(read);
  return read;
}

function message(): Uint8Array<ArrayBuffer> {
  const bytes = batches[1]?.bytes;
  assert.ok(bytes);
  return bytes;
}

function durations(bytes: Uint8Array<ArrayBuffer>): number[] {
  const fragments: FragmentInfo[] = [...readFragments(bytes, { defaults: init().defaults })];
  return fragments.map(({ tracks }) => tracks[0]?.duration ?? 0);
}

Deno.test("a picture is said to last longer, its sound is not, and nothing else differs", () => {
  const before = message().slice();
  const longer = standing(message(), init(), 1);
  assert.ok(equalBytes(message(), before), "what came is left as it was");
  const [sound = 0, picture = 0] = durations(before);
  assert.deepEqual(durations(longer), [sound, picture + 90_000]);
  assert.equal(longer.length, before.length);
  const changed = longer.reduce((count, byte, at) => count + Number(byte !== before[at]), 0);
  assert.ok(changed > 0 && changed <= 4, `${changed} bytes`);
  assert.equal(readMedia(longer, init())?.start, readMedia(before, init())?.start);
});

Deno.test("where pictures end when they say, the message passes as it is", () => {
  assert.equal(standing(message(), init(), 0), message());
});

Deno.test("what is cut off is left as it is", () => {
  for (let length = 0; length < message().length; length++) {
    assert.equal(standing(message().slice(0, length), init(), 1).length, length);
  }
});

Deno.test("only where Chromium's clock runs on: not by sound in the same buffer", () => {
  assert.ok(standsFor("chromium", "video") > 0);
  assert.deepEqual(
    [standsFor("chromium", "audio,video"), standsFor("firefox", "video")],
    [0, 0],
  );
});
