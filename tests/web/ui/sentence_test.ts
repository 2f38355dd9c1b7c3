/** A reason as a sentence: a capital and a full stop, and nothing else changed. */

import assert from "node:assert/strict";
import { sentence } from "../../../web/src/ui/sentence.ts";

const SENTENCES: readonly (readonly [string, string])[] = [
  ["no such file: /a.ts", "No such file: /a.ts."],
  ["  does it run?  ", "Does it run?"],
  ["the camera's battery is empty", "The camera's battery is empty."],
  ["The camera sleeps.", "The camera sleeps."],
  ["udp://:5000: taken", "udp://:5000: taken."],
  ["porch.ts is empty", "porch.ts is empty."],
  ["/a.ts is empty", "/a.ts is empty."],
  ["8.8.8.8 is no address of this machine", "8.8.8.8 is no address of this machine."],
  ["wait…", "wait…"],
  ["", ""],
  ["  ", ""],
];

for (const [text, expected] of SENTENCES) {
  Deno.test(`sentence of ${JSON.stringify(text)}`, () => assert.equal(sentence(text), expected));
}
