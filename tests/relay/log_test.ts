/** The log: levels, and one line an event in either format. */

import assert from "node:assert/strict";
import { Log, LOG_LEVELS, type LogFields, type LogFormat, type LogLevel } from "../../relay/log.ts";

function write(
  { level = "debug", format = "text" }: { level?: LogLevel; format?: LogFormat },
  say: (log: Log) => void,
): string[] {
  const lines: string[] = [];
  say(new Log({ level, format, write: (line) => void lines.push(line) }));
  return lines;
}

Deno.test("each level says itself and what is worse, nothing else", () => {
  const all = (log: Log): void => {
    for (const level of LOG_LEVELS) log[level](level);
  };
  LOG_LEVELS.forEach((level, i) => {
    const said = write({ level }, all).map((line) => line.split(" ").at(-1));
    assert.deepEqual(said, LOG_LEVELS.slice(0, i + 1));
  });
});

const TEXTS: readonly (readonly [LogFields | undefined, RegExp])[] = [
  [undefined, /^\d\d:\d\d:\d\d\.\d{3} warn {2}the camera is late$/],
  [{ stream: "gate" }, /^\S+ warn {2}gate: the camera is late$/],
  [{ stream: "gate", ms: 40, kind: "udp" }, /gate: the camera is late ms=40 kind=udp$/],
  [{ reason: undefined, late: true }, /the camera is late late=true$/],
];

for (const [fields, expected] of TEXTS) {
  Deno.test(`text: ${JSON.stringify(fields) ?? "no fields"}`, () => {
    const [line = ""] = write({}, (log) => log.warn("the camera is late", fields));
    assert.match(line, expected);
  });
}

Deno.test("JSON: one object a line, whatever the sentence holds", () => {
  const sentence = 'he said "no"\nand left';
  const [line = ""] = write(
    { format: "json" },
    (log) => log.error(sentence, { stream: "a", n: 3 }),
  );
  assert.doesNotMatch(line, /\n/);
  const event = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual({ ...event, time: undefined }, {
    time: undefined,
    level: "error",
    message: sentence,
    stream: "a",
    n: 3,
  });
  assert.ok(Math.abs(Date.parse(String(event.time)) - Date.now()) < 60_000);
});

Deno.test("text: one line an event, whatever others call themselves; a terminal is told nothing", () => {
  const forged = "gone\n12:00:00.000 error the disk is full\u001b[2J\u009b2J";
  const [line = "", ...more] = write({}, (log) => log.warn(forged, { client: forged }));
  assert.deepEqual(more, []);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f]/);
  assert.match(line, /warn {2}gone 12:00:00\.000 error the disk is full \[2J 2J client=gone/);
});

for (const format of ["text", "json"] as const) {
  Deno.test(`${format}: a line has an end, however long what is told`, () => {
    const long = "x".repeat(1_000_000);
    const [line = ""] = write({ format }, (log) => log.warn(long, { stream: long, client: long }));
    assert.ok(line.length < 3_000, `${line.length} characters`);
    assert.match(line, /…/);
  });
}
