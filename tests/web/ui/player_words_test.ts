/**
 * What the player says in each of its states.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PlayerState, PlayerStats } from "../../../web/src/player/player_types.ts";
import {
  announcementFor,
  badgeFor,
  isStale,
  type Notice,
  noticeFor,
} from "../../../web/src/ui/player_words.ts";
import { playerStats } from "./player_stats.ts";

const NOW_MS = 60_000;

const STATES: readonly PlayerState[] = [
  { kind: "idle" },
  { kind: "connecting" },
  { kind: "buffering" },
  { kind: "playing" },
  { kind: "stalled", since: 48_000 },
  { kind: "offline", reason: "The camera is off" },
  { kind: "reconnecting", attempt: 1, retryAt: 64_000, reason: "The relay went away" },
  { kind: "paused" },
  { kind: "suspended" },
  { kind: "blocked" },
  { kind: "failed", reason: "This browser cannot decode H.265" },
];

function notice(state: PlayerState, lastPictureAt: number | null = 47_600): Notice | undefined {
  return noticeFor(state, { nowMs: NOW_MS, lastPictureAt });
}

for (const state of STATES) {
  Deno.test(`${state.kind}: a notice stands over the picture unless it is live`, () => {
    assert.equal(notice(state) === undefined, state.kind === "playing");
    assert.notEqual(notice(state)?.title, "");
  });

  Deno.test(`${state.kind}: only live pictures are called live`, () => {
    const badge = badgeFor(playerStats({ state: state.kind, lastPictureAt: 47_600 }), NOW_MS);
    assert.equal(badge?.live ?? false, state.kind === "playing");
  });
}

Deno.test("a picture that stands still is told by its age", () => {
  assert.equal(notice({ kind: "stalled", since: 48_000 })?.title, "Last picture 12\u00a0s ago");
  assert.equal(
    notice({ kind: "stalled", since: 55_000 }, null)?.title,
    "Last picture 5\u00a0s ago",
  );
});

Deno.test("reasons become sentences, once", () => {
  assert.equal(
    notice({ kind: "offline", reason: "The camera is off" })?.detail,
    "The camera is off.",
  );
  assert.equal(notice({ kind: "offline", reason: "Is it on?" })?.detail, "Is it on?");
});

Deno.test("a reconnection tells its reason and its next try, and can be hurried", () => {
  const state = { kind: "reconnecting", attempt: 2, retryAt: 64_000, reason: "Gone" } as const;
  assert.equal(notice(state)?.detail, "Gone. Next try in 4\u00a0s.");
  assert.equal(notice({ ...state, retryAt: NOW_MS - 5 })?.detail, "Gone. Trying now.");
  assert.equal(notice(state)?.action?.command, "retry");
});

Deno.test("what waits for the viewer invites a tap", () => {
  for (const kind of ["idle", "paused", "blocked"] as const) {
    assert.equal(notice({ kind })?.tone, "invite", kind);
    assert.equal(notice({ kind })?.action?.command, "play", kind);
  }
});

Deno.test("pictures that may be taken for live are greyed", () => {
  const stale = STATES.map(({ kind }) => kind).filter(isStale);
  assert.deepEqual(stale, ["stalled", "offline", "reconnecting", "suspended", "failed"]);
});

Deno.test("the badge tells how late the picture is", () => {
  const figure = (changes: Partial<PlayerStats>): string | undefined =>
    badgeFor(playerStats({ state: "playing", ...changes }), NOW_MS)?.figure;
  assert.equal(figure({ latencyMs: 142 }), "140\u00a0ms");
  assert.equal(figure({ latencyMs: null }), undefined);
});

Deno.test("what plays too late is not called live", () => {
  const badge = badgeFor(playerStats({ state: "playing", latencyMs: 14_200 }), NOW_MS);
  assert.equal(badge?.live, false);
  assert.equal(badge?.label, "Delayed");
});

Deno.test("where no picture stands, there is no badge", () => {
  for (const state of ["connecting", "offline", "failed"] as const) {
    assert.equal(badgeFor(playerStats({ state, lastPictureAt: null }), NOW_MS), undefined, state);
  }
  assert.equal(badgeFor(playerStats({ state: "idle", lastPictureAt: 100 }), NOW_MS), undefined);
});

Deno.test("a listener hears that it reconnects, and not of buffering", () => {
  const state = { kind: "reconnecting", attempt: 1, retryAt: 0, reason: "Gone" } as const;
  for (const attempt of [1, 2]) {
    assert.equal(announcementFor({ ...state, attempt }), "Reconnecting. Gone.");
  }
  assert.equal(announcementFor({ kind: "buffering" }), "");
  assert.equal(announcementFor({ kind: "playing" }), "Playing live.");
});
