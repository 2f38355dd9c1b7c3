/** What is kept of a stream that is always recorded: amounts with their units, and what has to go. */

import assert from "node:assert/strict";
import { fileLimits, readKeep, readMaxSize, tooMuch } from "../../../relay/library/plan.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

Deno.test("times and sizes with their units; what has none, or is too little, is none", () => {
  const keeps: [string, number | undefined][] = [
    ["7d", 7 * DAY],
    ["1.5h", 90 * MINUTE],
    ["30 m", 30 * MINUTE],
    ["90s", 90_000],
    ["2w", 14 * DAY],
    ["59s", undefined],
    ["7", undefined],
    ["7 days", undefined],
    ["-7d", undefined],
    ["", undefined],
  ];
  for (const [text, keep] of keeps) assert.equal(readKeep(text), keep, text);
  const sizes: [string, number | undefined][] = [
    ["20GB", 20e9],
    ["0.5 TB", 5e11],
    ["10MB", 10e6],
    ["64MiB", 64 * 1024 * 1024],
    ["9MB", undefined],
    ["20G", undefined],
    ["20gb", undefined],
    ["toString", undefined],
    ["1constructor", undefined],
  ];
  for (const [text, size] of sizes) assert.equal(readMaxSize(text), size, text);
});

Deno.test("a file is an hour, or an eighth of what is kept where that is less", () => {
  assert.deepEqual(fileLimits({}), { seconds: 3600, bytes: Infinity });
  assert.deepEqual(fileLimits({ keepMs: 7 * DAY, maxBytes: 20e9 }), {
    seconds: 3600,
    bytes: 2.5e9,
  });
  assert.deepEqual(fileLimits({ keepMs: 60 * MINUTE }), { seconds: 450, bytes: Infinity });
});

Deno.test("what is older than is kept goes; of the rest the oldest, until the next file has room", () => {
  const now = 1_700_000_000_000;
  const files = [
    { id: "cam/3", bytes: 100, endedAt: now - 1 * DAY },
    { id: "cam/1", bytes: 100, endedAt: now - 8 * DAY },
    { id: "cam/4", bytes: 100, endedAt: now },
    { id: "cam/2", bytes: 100, endedAt: now - 2 * DAY },
  ];
  assert.deepEqual(tooMuch(files, {}, now), []);
  assert.deepEqual(tooMuch(files, { keepMs: 7 * DAY }, now), ["cam/1"]);
  assert.deepEqual(tooMuch(files, { maxBytes: 480 }, now), [], "400 and room for 60");
  assert.deepEqual(tooMuch(files, { maxBytes: 450 }, now), ["cam/1"]);
  assert.deepEqual(tooMuch(files, { maxBytes: 240 }, now), ["cam/1", "cam/2"]);
  assert.deepEqual(tooMuch(files, { keepMs: 30 * 60 * MINUTE, maxBytes: 240 }, now), [
    "cam/1",
    "cam/2",
  ]);
});
