/** Four-character codes there and back. */

import assert from "node:assert/strict";
import { fourCc, fourCcText } from "../../../shared/mp4/four_cc.ts";

const TABLE: readonly (readonly [text: string, code: number])[] = [
  ["moof", 0x6d6f6f66],
  ["avc1", 0x61766331],
  ["\xa9nam", 0xa96e616d],
  ["\0\0\0\0", 0],
  ["\xff\xff\xff\xff", 0xffffffff],
];

Deno.test("four-character codes are read and written", () => {
  for (const [text, code] of TABLE) {
    assert.equal(fourCc(text), code);
    assert.equal(fourCcText(code), text);
  }
});

Deno.test("what is not four Latin-1 characters is refused", () => {
  for (const text of ["", "moo", "moofs", "mo\u0416f"]) {
    assert.throws(() => fourCc(text), RangeError);
  }
});
