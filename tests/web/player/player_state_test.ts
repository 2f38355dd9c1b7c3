/** The table of facts and the one state they amount to. */

import assert from "node:assert/strict";
import {
  type Facts,
  JOIN_PATIENCE_MS,
  STALE_MS,
  stateFrom,
} from "../../../web/src/player/player_state.ts";
import type { PlayerState } from "../../../web/src/player/player_types.ts";

const NOW = 50_000;
const PLAYING: Facts = {
  unplayable: undefined,
  suspended: false,
  link: { kind: "open", transport: "websocket", after: undefined },
  heard: true,
  rebuilding: undefined,
  offline: undefined,
  blocked: false,
  paused: false,
  live: true,
  lastPictureAt: NOW - 33,
  pictureMs: 33,
  joinedAt: NOW - 10_000,
  now: NOW,
};
const SETBACK = { attempt: 2, retryAt: NOW + 500, reason: "It broke.", refused: false };
const REFUSAL = { ...SETBACK, reason: "No such stream.", refused: true };
const RECONNECTING: PlayerState = {
  kind: "reconnecting",
  attempt: 2,
  retryAt: NOW + 500,
  reason: "It broke.",
};

const CASES: readonly (readonly [string, Partial<Facts>, PlayerState])[] = [
  ["live pictures", {}, { kind: "playing" }],
  ["no link yet", { link: undefined }, { kind: "connecting" }],
  ["the first connection", { link: { kind: "connecting", after: undefined } }, {
    kind: "connecting",
  }],
  ["connected, nothing said yet", { heard: false, live: false }, { kind: "connecting" }],
  ["connected, nothing shown yet", { live: false, lastPictureAt: null }, { kind: "buffering" }],
  ["an old picture while joining", { live: false, joinedAt: NOW - 100 }, { kind: "buffering" }],
  ["joining takes long, and an old picture stands", {
    live: false,
    lastPictureAt: NOW - 20_000,
    joinedAt: NOW - JOIN_PATIENCE_MS - 1,
  }, { kind: "stalled", since: NOW - 20_000 }],
  ["joining takes long, and the old group was shown a moment ago", {
    live: false,
    lastPictureAt: NOW - 100,
    joinedAt: NOW - JOIN_PATIENCE_MS - 1,
  }, { kind: "buffering" }],
  ["no picture for long", { lastPictureAt: NOW - STALE_MS - 1 }, {
    kind: "stalled",
    since: NOW - STALE_MS - 1,
  }],
  ["a camera of one picture a second is not stale", {
    lastPictureAt: NOW - 3000,
    pictureMs: 1000,
  }, { kind: "playing" }],
  ["but in time it is", { lastPictureAt: NOW - 4001, pictureMs: 1000 }, {
    kind: "stalled",
    since: NOW - 4001,
  }],
  ["the connection broke", { link: { kind: "waiting", after: SETBACK } }, RECONNECTING],
  ["the next try is under way", { link: { kind: "connecting", after: SETBACK } }, RECONNECTING],
  ["connected again, nothing said yet", {
    link: { kind: "open", transport: "websocket", after: SETBACK },
    heard: false,
  }, RECONNECTING],
  ["the relay said no", { link: { kind: "waiting", after: REFUSAL } }, {
    kind: "failed",
    reason: "No such stream.",
  }],
  ["the relay said no and is asked again", { link: { kind: "connecting", after: REFUSAL } }, {
    kind: "failed",
    reason: "No such stream.",
  }],
  ["a new decoder is made", {
    rebuilding: { attempt: 2, retryAt: NOW + 500, reason: "It broke." },
  }, RECONNECTING],
  ["the camera is not there", { offline: "Busy." }, { kind: "offline", reason: "Busy." }],
  ["the connection matters before the camera", {
    offline: "Busy.",
    link: { kind: "waiting", after: SETBACK },
  }, RECONNECTING],
  ["not allowed to play", { blocked: true, live: false }, { kind: "blocked" }],
  ["paused", { paused: true, lastPictureAt: 0 }, { kind: "paused" }],
  ["paused for so long that nothing is received", { paused: true, suspended: true }, {
    kind: "paused",
  }],
  ["nobody looks", { suspended: true, link: undefined }, { kind: "suspended" }],
  ["cannot be decoded here", { unplayable: "No HEVC.", link: undefined }, {
    kind: "failed",
    reason: "No HEVC.",
  }],
];

for (const [what, change, expected] of CASES) {
  Deno.test(`${what}: ${expected.kind}`, () => {
    assert.deepEqual(stateFrom({ ...PLAYING, ...change }), expected);
  });
}
