/**
 * Streams in words.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { StreamInfo, StreamState } from "../../../shared/api.ts";
import {
  changesInWords,
  stateWords,
  streamFacts,
  tally,
} from "../../../web/src/ui/stream_words.ts";
import { stream } from "./streams.ts";

const NOW_MS = Date.parse("2026-05-04T12:00:00Z");

function named(name: string, state: StreamState): StreamInfo {
  return stream({ name, state });
}

Deno.test("each state has a tone, a label and, unless live, a sentence", () => {
  assert.deepEqual(stateWords({ kind: "live" }, NOW_MS), { tone: "live", label: "Live" });
  assert.equal(stateWords({ kind: "starting" }, NOW_MS).tone, "wait");
  assert.equal(stateWords({ kind: "ended" }, NOW_MS).tone, "done");
  assert.deepEqual(stateWords({ kind: "offline", reason: "The lens is off" }, NOW_MS), {
    tone: "off",
    label: "Offline",
    detail: "The lens is off.",
  });
});

Deno.test("an offline camera says when it is tried again", () => {
  const detail = (retryAt: string): string =>
    stateWords({ kind: "offline", reason: "Gone.", retryAt }, NOW_MS).detail ?? "";
  assert.equal(detail("2026-05-04T12:00:08Z"), "Gone. Next try in 8\u00a0s.");
  assert.equal(detail("2026-05-04T11:59:00Z"), "Gone. Trying again now.");
  assert.equal(detail("no time"), "Gone.");
});

Deno.test("facts are told of what flows only", () => {
  const tracks = [{ id: 1, kind: "video", codec: "avc1", width: 1280, height: 720 }] as const;
  const live = stream({ tracks, fps: 30, bitrate: 2e6 });
  assert.deepEqual(streamFacts(live).map((fact) => fact.replaceAll("\u00a0", " ")), [
    "1280 × 720",
    "30 fps",
    "2 Mb/s",
  ]);
  assert.deepEqual(streamFacts({ ...live, state: { kind: "offline", reason: "x" } }), []);
});

Deno.test("a stream without pictures says so and has no frame rate", () => {
  const tracks = [{ id: 1, kind: "audio", codec: "mp4a.40.2" }] as const;
  assert.deepEqual(streamFacts(stream({ tracks, fps: 0, bitrate: 128_000 })), [
    "sound only",
    "128\u00a0kb/s",
  ]);
});

Deno.test("the tally leaves out what there is none of", () => {
  assert.equal(tally([]), "");
  assert.equal(
    tally([
      named("a", { kind: "live" }),
      named("b", { kind: "offline", reason: "" }),
      named("c", { kind: "live" }),
    ]),
    "2 live, 1 offline",
  );
});

Deno.test("changes are told once each, in words, and no change is silence", () => {
  const before = [
    named("a", { kind: "starting" }),
    named("b", { kind: "live" }),
    named("c", { kind: "live" }),
    named("d", { kind: "live" }),
  ];
  assert.deepEqual(changesInWords(before, before), []);
  assert.deepEqual(
    changesInWords(before, [
      named("a", { kind: "live" }),
      named("b", { kind: "offline", reason: "Its Wi-Fi is off" }),
      named("d", { kind: "ended" }),
      named("e", { kind: "live" }),
    ]),
    [
      "a is live.",
      "b is offline. Its Wi-Fi is off.",
      "d has ended.",
      "e was added.",
      "c was removed.",
    ],
  );
});

Deno.test("a new reason for the same state is no news", () => {
  assert.deepEqual(
    changesInWords(
      [named("a", { kind: "offline", reason: "x" })],
      [named("a", { kind: "offline", reason: "y" })],
    ),
    [],
  );
});
