/** Descriptors of a program map: found, passed over, cut off. */

import assert from "node:assert/strict";
import { codecOf } from "../../../relay/codecs/mod.ts";
import { extensionOf, registrationOf } from "../../../relay/codecs/descriptors.ts";
import { fromHex } from "../../support/hex.ts";

const LANGUAGE = "0a04656e6700";
const OPUS = "05044f707573";
const HEVC = "050448455643";

const REGISTRATIONS: readonly (readonly [string, string, string | undefined])[] = [
  ["alone", OPUS, "Opus"],
  ["behind another", LANGUAGE + OPUS, "Opus"],
  ["with additional information", "05064f7075730102", "Opus"],
  ["too short for an identifier", "05034f7075", undefined],
  ["cut off", "05044f70", undefined],
  ["behind one whose length lies", "0a40656e" + OPUS, undefined],
  ["none", LANGUAGE, undefined],
  ["nothing at all", "", undefined],
];

for (const [name, bytes, expected] of REGISTRATIONS) {
  Deno.test(`registration descriptor: ${name}`, () => {
    assert.equal(registrationOf(fromHex(bytes)), expected);
  });
}

Deno.test("extension descriptor: the one that is asked for", () => {
  const bytes = fromHex("7f020a01" + "7f028002" + "7f00");
  assert.deepEqual([...extensionOf(bytes, 0x80) ?? []], [2]);
  assert.equal(extensionOf(bytes, 0x81), undefined);
});

const STREAMS: readonly (readonly [string, number, string, string | undefined])[] = [
  ["H.264", 0x1b, "", "H.264"],
  ["private data registered as Opus", 0x06, OPUS, "Opus"],
  ["private data registered as HEVC", 0x06, HEVC, "H.265"],
  ["private data of nobody's", 0x06, LANGUAGE, undefined],
  [
    "private data registered by a name that objects have",
    0x06,
    "050b" + "636f6e7374727563746f72",
    undefined,
  ],
  ["H.264 registered as Opus is H.264", 0x1b, OPUS, "H.264"],
  ["a stream type of nobody's", 0xd9, OPUS, undefined],
];

for (const [name, streamType, descriptors, expected] of STREAMS) {
  Deno.test(`codec of ${name}`, () => {
    assert.equal(codecOf({ streamType, descriptors: fromHex(descriptors) })?.name, expected);
  });
}
