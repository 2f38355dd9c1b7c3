/** What the page that publishes makes of what browsers and relays say. */

import assert from "node:assert/strict";
import { explainCapture } from "../../../web/src/publisher/capture.ts";
import { readConfirmation, retryDelay } from "../../../web/src/publisher/publishing.ts";
import { preferred, readProblem } from "../../../web/src/publisher/whip_client.ts";
import { publishWords } from "../../../web/src/ui/publish_words.ts";

Deno.test("H.264 and its retransmissions are offered alone; a browser without it offers what it has", () => {
  const codecs = ["VP8", "rtx", "H264", "AV1", "H264"].map((name) => ({
    mimeType: `video/${name}`,
  }));
  const names = (list: readonly { mimeType: string }[]): string[] =>
    list.map(({ mimeType }) => mimeType.slice(6));
  assert.deepEqual(names(preferred(codecs)), ["H264", "H264", "rtx"]);
  assert.deepEqual(names(preferred(codecs.slice(0, 2))), ["VP8", "rtx"]);
});

Deno.test("a refusal's sentence is found where there is one", () => {
  const text = '{"type":"/problems/taken","detail":"Somebody publishes."}';
  assert.deepEqual(readProblem(text), { type: "/problems/taken", detail: "Somebody publishes." });
  for (const other of ["", "<html>", "null", "{}", '{"detail":5,"type":null}', "[]"]) {
    assert.deepEqual(readProblem(other), {}, other);
  }
});

Deno.test("the newest of the relay's reports counts, and all that was sent", () => {
  const stats = new Map<string, Record<string, unknown>>([
    ["a", { type: "remote-inbound-rtp", timestamp: 5_000 }],
    ["b", { type: "remote-inbound-rtp", timestamp: 6_000 }],
    ["c", { type: "outbound-rtp", bytesSent: 10 }],
    ["d", { type: "outbound-rtp", bytesSent: 20 }],
    ["e", { type: "transport", bytesSent: 999, timestamp: 9_000 }],
  ]);
  assert.deepEqual(readConfirmation(stats, 1_000), { confirmedAt: 5_000, bytes: 30 });
  assert.deepEqual(readConfirmation(new Map(), 1_000), { confirmedAt: undefined, bytes: 0 });
});

Deno.test("tries follow each other more and more slowly, up to a limit", () => {
  assert.deepEqual([0, 1, 2, 3].map((failures) => retryDelay(failures, 1)), [
    1_000,
    2_000,
    4_000,
    8_000,
  ]);
  assert.equal(retryDelay(50, 1), 15_000);
  assert.equal(retryDelay(0, 0), 500);
});

Deno.test("why there is no camera is said by its cause", () => {
  const said = (name: string): string => explainCapture(new DOMException("x", name));
  assert.match(said("NotAllowedError"), /allow both/);
  assert.match(said("NotFoundError"), /no camera/);
  assert.match(said("NotReadableError"), /Another program/);
  assert.match(said("OverconstrainedError"), /is gone/);
  assert.match(explainCapture(new Error("odd")), /does not start: odd\./);
});

Deno.test("how it stands is said honestly: late confirmations are no publishing", () => {
  const at = (confirmedAt: number): ReturnType<typeof publishWords> =>
    publishWords({ kind: "publishing", confirmedAt, bitsPerSecond: 1_234_000 }, 10_000);
  assert.deepEqual(at(9_800), {
    label: "Publishing",
    tone: "live",
    detail: "Confirmed by the relay 200\u00a0ms ago, 1.2\u00a0Mb/s.",
  });
  assert.match(at(8_000).detail, /relay 2\s+s ago/);
  const paused = publishWords(
    { kind: "publishing", confirmedAt: 9_800, bitsPerSecond: 0 },
    10_000,
    true,
  );
  assert.deepEqual([paused.label, paused.tone], ["No picture", "wait"]);
  assert.equal(at(6_000).label, "Unsure");
  assert.match(at(6_000).detail, /last confirmed 4\s+s ago/);
  const waiting = {
    kind: "waiting",
    reason: "the relay does not answer",
    retryAt: 15_000,
  } as const;
  assert.match(
    publishWords(waiting, 10_000).detail,
    /^The relay does not answer\. Trying again in 5\s+s/,
  );
  assert.match(publishWords(waiting, 14_900).detail, /Trying again…/);
  const refused = { kind: "refused", reason: "it is over", isTaken: false } as const;
  assert.equal(publishWords(refused, 0).detail, "It is over.");
  assert.match(publishWords({ ...refused, isTaken: true }, 0).detail, /take their place/);
});
