/** What a recording tells on stderr. */

import assert from "node:assert/strict";
import { newCounters } from "../../relay/ingest/counters.ts";
import { describeLosses, formatBytes, formatTime, Progress } from "../../relay/record_progress.ts";

const FILE = {
  path: "a.mp4",
  totals: {
    bytes: 3_400_000,
    closedBytes: 3_500_000,
    pictures: 362,
    sounds: 580,
    seconds: 12.4,
    early: 0,
  },
};

function said(terminal: boolean, tell: (progress: Progress) => void): string {
  let text = "";
  tell(new Progress({ write: (more) => text += more, terminal }));
  return text;
}

Deno.test("without a terminal each progress is a line of its own", () => {
  const losses = newCounters();
  const text = said(false, (progress) => {
    progress.show([FILE], losses);
    progress.show([FILE, { ...FILE, path: "a-2.mp4" }], losses);
  });
  assert.equal(
    text,
    "0:12  3.40 MB  362 frames  no losses\n0:24  6.80 MB  724 frames  no losses\n",
  );
});

Deno.test("on a terminal the progress is drawn over, and cleared before a sentence", () => {
  const text = said(true, (progress) => {
    progress.show([FILE], newCounters());
    progress.say("the camera is gone");
    progress.summarise([FILE], newCounters());
  });
  assert.equal(
    text,
    "\r0:12  3.40 MB  362 frames  no losses\x1b[K\r\x1b[Krill: the camera is gone\n" +
      "a.mp4: 0:12, 3.40 MB, 362 frames, no losses\n",
  );
});

Deno.test("a sentence is said once in a row", () => {
  const text = said(false, (progress) => {
    for (const sentence of ["a", "a", "b", "a"]) progress.say(sentence);
  });
  assert.equal(text, "rill: a\nrill: b\nrill: a\n");
});

Deno.test("the summary has a line a file; sound alone is counted as such", () => {
  const sound = { path: "b.mp4", totals: { ...FILE.totals, pictures: 0 } };
  assert.equal(
    said(false, (progress) => progress.summarise([FILE, sound], newCounters())),
    "a.mp4: 0:12, 3.40 MB, 362 frames\nb.mp4: 0:12, 3.40 MB, 580 sounds, no losses\n",
  );
});

Deno.test("losses are told by what is known of them", () => {
  const table: readonly (readonly [Partial<ReturnType<typeof newCounters>>, string])[] = [
    [{}, "no losses"],
    [{ datagramsLost: 2, continuityGaps: 5 }, "2 datagrams lost"],
    [{ damagedAccessUnits: 1, heldAccessUnits: 2, unreadable: 1 }, "4 frames lost"],
    [{ datagramsLost: 1, unreadable: 1 }, "1 datagram lost, 1 frame lost"],
    [{ continuityGaps: 1 }, "1 gap"],
    [{ datagramsLost: 2, heldAccessUnits: 7 }, "2 datagrams lost, 7 frames lost"],
    [{ continuityGaps: 3 }, "3 gaps"],
  ];
  for (const [counters, words] of table) {
    assert.equal(describeLosses({ ...newCounters(), ...counters }), words);
  }
});

Deno.test("times and sizes are short", () => {
  assert.deepEqual([0, 7.9, 754, 3723].map(formatTime), ["0:00", "0:07", "12:34", "1:02:03"]);
  assert.deepEqual(
    [0, 999, 1000, 9994, 10_000, 99_950, 999_499, 999_500, 3.2e9, 1.5e12].map(formatBytes),
    [
      "0 B",
      "999 B",
      "1.00 kB",
      "9.99 kB",
      "10.0 kB",
      "100 kB",
      "999 kB",
      "1.00 MB",
      "3.20 GB",
      "1.50 TB",
    ],
  );
});
