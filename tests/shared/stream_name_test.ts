/** Which names a stream may have, and where a name ends in a path. */

import assert from "node:assert/strict";
import {
  FOLDERS,
  isStreamName,
  MAX_STREAM_NAME_CHARS,
  RESOURCES,
  splitLivePath,
} from "../../shared/stream_name.ts";

const LONGEST_PART = "a".repeat(64);

const GOOD: readonly string[] = [
  "a",
  "7",
  "gopro",
  "Porch.2_left-hand",
  "house/porch",
  "a/b/c",
  LONGEST_PART,
  `${LONGEST_PART}/${LONGEST_PART}/${LONGEST_PART}/${"a".repeat(60)}`,
  // A resource's name is only taken where it would stand last.
  "ws/porch",
  "frame.jpg/x",
  "wss",
  "stream.mp4x",
  "WS",
];

const BAD: readonly string[] = [
  "",
  ".",
  "..",
  ".hidden",
  "-a",
  "_a",
  "/a",
  "a/",
  "a//b",
  "a/../b",
  "a/.",
  "a b",
  "a\n",
  "a%2fb",
  "a?b",
  "a#b",
  "a\\b",
  "ä",
  "a\0",
  `${LONGEST_PART}a`,
  `x/${LONGEST_PART}a`,
  `${LONGEST_PART}/${LONGEST_PART}/${LONGEST_PART}/${"a".repeat(61)}`,
];

for (const name of GOOD) {
  Deno.test(`a stream may be called ${name}`, () => assert.equal(isStreamName(name), true));
}
for (const name of BAD) {
  Deno.test(`no stream is called ${JSON.stringify(name)}`, () => {
    assert.equal(isStreamName(name), false);
  });
}

Deno.test("the longest name is as long as is said", () => {
  assert.equal(Math.max(...GOOD.map((name) => name.length)), MAX_STREAM_NAME_CHARS);
});

for (const resource of RESOURCES) {
  Deno.test(`${resource} after a name is a resource, and no name`, () => {
    assert.equal(isStreamName(resource), false);
    assert.equal(isStreamName(`porch/${resource}`), false);
    assert.deepEqual(splitLivePath(`porch/${resource}`), { name: "porch", resource });
    assert.deepEqual(splitLivePath(`house/porch/${resource}`), { name: "house/porch", resource });
  });
}

Deno.test("without a resource all of it is the name", () => {
  for (const path of ["porch", "house/porch", "porch/other.mp4", "ws", "/ws", "porch/ws/", ""]) {
    assert.deepEqual(splitLivePath(path), { name: path });
  }
});

Deno.test("of two resources the last is one", () => {
  assert.deepEqual(splitLivePath("porch/ws/ws"), { name: "porch/ws", resource: "ws" });
  assert.equal(isStreamName("porch/ws"), false);
});

for (const folder of FOLDERS) {
  Deno.test(`${folder}/ after a name holds files of it, and is in no name but at its beginning`, () => {
    for (const name of [folder, `porch/${folder}`, `house/${folder}/porch`]) {
      assert.equal(isStreamName(name), false);
    }
    assert.equal(isStreamName(`${folder}/porch`), true);
    for (const name of ["porch", "house/porch", `${folder}/porch`]) {
      const path = `${name}/${folder}/1.m4s`;
      assert.deepEqual(splitLivePath(path), { name, resource: folder, file: "1.m4s" });
      assert.deepEqual(splitLivePath(`${name}/ws`), { name, resource: "ws" });
    }
    assert.deepEqual(splitLivePath(`${folder}/porch`), { name: `${folder}/porch` });
  });
}
