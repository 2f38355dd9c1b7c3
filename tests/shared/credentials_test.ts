/** Names and passwords as addresses have them, and as requests carry them. */

import assert from "node:assert/strict";
import { basicAuthorization } from "../../shared/credentials.ts";

Deno.test("a name and a password become Basic authorization, however they are written", () => {
  const cases = [
    ["http://host", undefined],
    ["http://ann:secret@host", "ann:secret"],
    ["http://ann@host", "ann:"],
    ["http://:secret@host", ":secret"],
    ["http://a%40b:s%3Ac@host", "a@b:s:c"],
    ["http://ann:100%@host", "ann:100%"], // encodes nothing
    ["http://ann:%zz@host", "ann:%zz"],
    ["http://ann:\u20ac\u00fc@host", "ann:\u20ac\u00fc"],
  ] as const;
  for (const [address, pair] of cases) {
    const found = basicAuthorization(new URL(address));
    const expected = pair === undefined
      ? undefined
      : `Basic ${new TextEncoder().encode(pair).toBase64()}`;
    assert.equal(found, expected, address);
  }
});
