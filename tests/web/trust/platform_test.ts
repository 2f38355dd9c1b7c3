/** Whose steps the trust page opens. */

import assert from "node:assert/strict";
import { guessPlatform, type Platform } from "../../../web/src/trust/platform.ts";

const AGENTS: readonly (readonly [Platform, string, number])[] = [
  ["ios", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1", 5],
  ["ios", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15", 5],
  ["macos", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15", 0],
  ["android", "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", 5],
  ["android", "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", 5],
  ["windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36", 0],
  ["firefox", "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", 0],
  ["linux", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", 0],
];

for (const [platform, agent, touchPoints] of AGENTS) {
  Deno.test(`${platform}: ${agent}`, () => {
    assert.equal(guessPlatform(agent, touchPoints), platform);
  });
}
