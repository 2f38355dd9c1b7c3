/** When an open connection counts as dead. */

import assert from "node:assert/strict";
import {
  type Heard,
  LIVE_AFTER_MS,
  MEDIA_SILENCE_MS,
  PING_EVERY_MS,
  pingDue,
  PROBE_AFTER_MS,
  SILENCE_MS,
  whyDead,
} from "../../../web/src/player/watchdog.ts";

const NOW = 100_000;
const LIVE: Heard = {
  lastAt: NOW,
  firstMediaAt: NOW - 60_000,
  lastMediaAt: NOW,
  groupMs: 1000,
  offline: false,
};

const CASES: readonly (readonly [string, Partial<Heard>, boolean])[] = [
  ["media and all flows", {}, false],
  ["nothing at all is heard", { lastAt: NOW - SILENCE_MS - 1 }, true],
  ["nothing at all is heard of an offline camera", {
    lastAt: NOW - SILENCE_MS - 1,
    offline: true,
  }, true],
  ["media stops, pongs go on", { lastMediaAt: NOW - MEDIA_SILENCE_MS - 1 }, true],
  ["media stops for less", { lastMediaAt: NOW - MEDIA_SILENCE_MS + 1 }, false],
  ["media stops because the camera is offline", {
    lastMediaAt: NOW - 50_000,
    offline: true,
  }, false],
  ["long groups: waiting for the next key picture", {
    lastMediaAt: NOW - 7000,
    groupMs: 4000,
  }, false],
  ["long groups, longer silence", { lastMediaAt: NOW - 8001, groupMs: 4000 }, true],
  ["only a cached group came, in a burst", {
    firstMediaAt: NOW - 50_000,
    lastMediaAt: NOW - 50_000 + LIVE_AFTER_MS - 1,
  }, false],
  ["no media yet", { firstMediaAt: undefined, lastMediaAt: undefined }, false],
];

for (const [what, heard, dead] of CASES) {
  Deno.test(`${what}: ${dead ? "dead" : "alive"}`, () => {
    const reason = whyDead({ ...LIVE, ...heard }, { now: NOW });
    assert.equal(reason !== undefined, dead);
    if (reason !== undefined) assert.match(reason, /^[A-Z].*\.$/, "a sentence");
  });
}

Deno.test("pings leave steadily, and sooner when it is quiet", () => {
  const noisy = { ...LIVE, lastAt: NOW };
  assert.equal(pingDue(noisy, { pingedAt: NOW - PING_EVERY_MS + 1, now: NOW }), false);
  assert.equal(pingDue(noisy, { pingedAt: NOW - PING_EVERY_MS, now: NOW }), true);
  const quiet = { ...LIVE, lastAt: NOW - PROBE_AFTER_MS };
  assert.equal(pingDue(quiet, { pingedAt: NOW - PROBE_AFTER_MS, now: NOW }), true);
  assert.equal(pingDue(quiet, { pingedAt: NOW - PROBE_AFTER_MS + 1, now: NOW }), false);
});
