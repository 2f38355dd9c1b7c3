/** Which browsers' WebTransport serves. */

import assert from "node:assert/strict";
import { bearsGroupStreams } from "../../../web/src/transports/webtransport_support.ts";

const BROWSERS: readonly (readonly [string, string, boolean])[] = [
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36",
    "Google Inc.",
    true,
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0", "", false],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "", true],
  [
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.5 Safari/605.1.15",
    "Apple Computer, Inc.",
    false,
  ],
  ["Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 CriOS/150.0 Mobile", "Apple Computer, Inc.", false],
];

for (const [userAgent, vendor, expected] of BROWSERS) {
  Deno.test(`${userAgent}: ${expected}`, () => {
    assert.equal(bearsGroupStreams({ userAgent, vendor }), expected);
  });
}
