/** Silence around the pictures, in a SourceBuffer made for the test; and that it is silence, by ffmpeg's reading. */

import assert from "node:assert/strict";
import type { Bytes } from "../../../shared/bytes.ts";
import { type OffsetTarget, Silence, silence } from "../../../web/src/player/silence.ts";
import { decodedSound } from "../../support/decoded_sound.ts";

/** Bytes and length (s) of a frame. */
const FRAME = { bytes: 36, seconds: 0.036 };
/** What must lie around the pictures' end at all times, s. */
const LEAST = { before: 2.9, beyond: 5 };

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A SourceBuffer of raw audio in the mode "sequence": what is appended follows what was, or begins where it is told to. */
class FakeTarget extends EventTarget implements OffsetTarget {
  updating = false;
  ranges: Range[] = [];
  /** Most calls that it takes. */
  room = Infinity;
  fault = "QuotaExceededError";
  keeps: "all" | "nothing" = "all";
  updates = 0;
  #offset: number | undefined;
  #appended = 0;

  get timestampOffset(): number {
    return this.#offset ?? 0;
  }

  set timestampOffset(seconds: number) {
    assert.equal(this.updating, false, "one thing at a time");
    this.#offset = seconds;
    this.#appended = seconds;
  }

  get buffered(): OffsetTarget["buffered"] {
    return {
      length: this.ranges.length,
      start: (index) => this.ranges[index]?.start ?? NaN,
      end: (index) => this.ranges[index]?.end ?? NaN,
    };
  }

  abort(): void {
    this.updating = false;
  }

  appendBuffer(data: Bytes): void {
    assert.equal(this.updating, false, "one thing at a time");
    if (this.room-- <= 0) throw new DOMException("", this.fault);
    this.updating = true;
    const start = this.#appended;
    this.#appended += (data.length / FRAME.bytes) * FRAME.seconds;
    if (this.keeps === "nothing") return;
    this.ranges.push({ start, end: this.#appended });
    this.#join();
  }

  remove(start: number, end: number): void {
    assert.equal(this.updating, false, "one thing at a time");
    this.updating = true;
    this.ranges = this.ranges.flatMap((range) =>
      [
        { start: range.start, end: Math.min(range.end, start) },
        { start: Math.max(range.start, end), end: range.end },
      ].filter((left) => left.start < left.end)
    );
  }

  /** The browser does what it is told until there is nothing more. */
  settle(): void {
    for (let times = 0; this.updating; times++) {
      assert.ok(times < 50, "it comes to an end");
      this.updating = false;
      this.updates++;
      this.dispatchEvent(new Event("updateend"));
    }
  }

  #join(): void {
    this.ranges.sort((a, b) => a.start - b.start);
    const joined: Range[] = [];
    for (const range of this.ranges) {
      const last = joined.at(-1);
      if (last !== undefined && range.start <= last.end + 0.001) {
        joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
      } else joined.push(range);
    }
    this.ranges = joined;
  }
}

function begin(): {
  readonly silence: Silence;
  readonly target: FakeTarget;
  readonly stop: AbortController;
  readonly broken: readonly string[];
} {
  const target = new FakeTarget();
  const stop = new AbortController();
  const broken: string[] = [];
  const silence = new Silence(target, {
    broke: (reason) => broken.push(reason),
    signal: stop.signal,
  });
  target.settle();
  return { silence, target, stop, broken };
}

/** Whether there is silence around `end`. */
function surrounds(ranges: readonly Range[], end: number): boolean {
  const from = Math.max(0, end - LEAST.before);
  return ranges.some((range) => range.start <= from && range.end >= end + LEAST.beyond);
}

Deno.test("it begins before there are pictures, for the element to know its tracks", () => {
  const { target } = begin();
  assert.ok(target.ranges.length > 0);
});

Deno.test("wherever the pictures are and go, it is around them, and all else of it goes in time", () => {
  const { silence: around, target } = begin();
  const go = (end: number): void => {
    around.follow(end);
    target.settle();
    assert.ok(surrounds(target.ranges, end), `${end} of ${JSON.stringify(target.ranges)}`);
  };
  for (let end = 5_000; end < 5_200; end += 1 / 30) go(end);
  const { ranges: [first] } = target;
  assert.ok(first !== undefined && first.start > 5_100, "the past goes");
  for (const end of [5_230, 7_000, 12.5, 0.04, 100, 120, 105, 90_000]) go(end);
  for (let end = 90_000; end < 90_100; end += 0.5) go(end);
  assert.deepEqual(target.ranges.length, 1, "of other timelines nothing is left");
});

Deno.test("a group that comes at once is followed as a whole", () => {
  const { silence: around, target } = begin();
  around.follow(1_000);
  around.follow(1_030);
  target.settle();
  assert.ok(surrounds(target.ranges, 1_030));
});

Deno.test("a browser that keeps nothing of it is not asked for ever", () => {
  const { silence: around, target } = begin();
  target.keeps = "nothing";
  around.follow(50);
  target.settle();
  around.follow(50.04);
  target.settle();
  assert.ok(target.updates < 20, `${target.updates}`);
});

Deno.test("where the browser takes no more, that is told in a sentence: without it playing would end", () => {
  const { silence: around, target, broken } = begin();
  around.follow(50);
  target.settle();
  assert.deepEqual(broken, []);
  target.room = 0;
  around.follow(60);
  assert.match(broken[0] ?? "", /^The browser took no more silence \(.*\)\.$/);
  const other = begin();
  other.target.room = 0;
  other.target.fault = "InvalidStateError";
  other.silence.follow(50);
  assert.deepEqual(other.broken, [], "a source that broke is told of by its element");
});

Deno.test("after its end it does nothing", () => {
  const { silence: around, target, stop } = begin();
  stop.abort();
  const before = target.ranges.length;
  around.follow(50);
  assert.equal(target.ranges.length, before);
});

Deno.test("ffmpeg reads as much of it as was asked for, and hears nothing", async () => {
  const { samples, loudest } = await decodedSound(silence(6), { format: "mp3", channels: 1 });
  assert.ok(Math.abs(samples / 16_000 - 6) < 0.1, `${samples} samples`);
  assert.equal(loudest, 0);
});
