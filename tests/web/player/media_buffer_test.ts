/** One SourceBuffer: order, coalescing, bounds, eviction, what is left out and what is sent again. */

import assert from "node:assert/strict";
import type { Bytes } from "../../../shared/bytes.ts";
import { BARREN_AFTER_MS } from "../../../web/src/player/growth.ts";
import {
  type AppendTarget,
  type Chunk,
  KEEP_AT_MOST_S,
  MAX_APPEND_BYTES,
  MAX_QUEUE_BYTES,
  MAX_QUEUE_S,
  MediaBuffer,
} from "../../../web/src/player/media_buffer.ts";
import type { Range } from "../../../web/src/player/live_edge.ts";

const MIME = 'video/mp4; codecs="avc1.4d401f"';
const INIT: Bytes = Uint8Array.of(1, 2, 3);
const PICTURE_S = 0.04;

/** A SourceBuffer that notes what is done to it and is busy until told otherwise. */
class FakeTarget extends EventTarget implements AppendTarget {
  updating = false;
  ranges: Range[] = [];
  readonly done: string[] = [];
  /** Bytes it takes before it is full. */
  room = Infinity;

  get buffered(): { length: number; start(i: number): number; end(i: number): number } {
    return {
      length: this.ranges.length,
      start: (index) => this.ranges[index]?.start ?? NaN,
      end: (index) => this.ranges[index]?.end ?? NaN,
    };
  }

  appendBuffer(data: Bytes): void {
    assert.equal(this.updating, false, "one thing at a time");
    if (data.length > this.room) throw new DOMException("", "QuotaExceededError");
    this.updating = true;
    this.done.push(`append ${data.length}`);
  }

  remove(start: number, end: number): void {
    assert.equal(this.updating, false, "one thing at a time");
    this.updating = true;
    this.done.push(`remove ${start} ${Math.round(end * 100) / 100}`);
  }

  changeType(mime: string): void {
    this.done.push(`type ${mime}`);
  }

  /** The browser has done what it was told. */
  finish(): void {
    this.updating = false;
    this.dispatchEvent(new Event("updateend"));
  }

  /** The same until it has nothing more to do; returns all that was done since. */
  settle(): string[] {
    while (this.updating) this.finish();
    return this.done.splice(0);
  }
}

interface Setting {
  readonly buffer: MediaBuffer;
  readonly target: FakeTarget;
  readonly broken: string[];
  readonly leftOut: number[];
  readonly stop: AbortController;
}

function set(): Setting {
  const broken: string[] = [];
  const leftOut: number[] = [];
  const stop = new AbortController();
  const buffer = new MediaBuffer({
    bufferChanged: () => {},
    leftOut: (ms) => leftOut.push(ms),
    bufferBroke: (reason) => broken.push(reason),
  }, stop.signal);
  return { buffer, target: new FakeTarget(), broken, leftOut, stop };
}

/** A buffer that has taken its init segment. */
function ready(): Setting {
  const all = set();
  all.buffer.attach(all.target, { mime: MIME });
  all.buffer.init(INIT, MIME);
  all.target.settle();
  return all;
}

function chunk(
  at: number,
  { key = false, bytes = 10, alone = false, soundTo }: {
    key?: boolean;
    bytes?: number;
    alone?: boolean;
    soundTo?: number;
  } = {},
): Chunk {
  return {
    bytes: new Uint8Array(bytes),
    start: at,
    end: at + PICTURE_S,
    decodeStart: at,
    decodeEnd: at,
    soundTo,
    alone,
    key,
  };
}

Deno.test("what comes before the SourceBuffer waits for it", () => {
  const { buffer, target } = set();
  buffer.init(INIT, MIME);
  buffer.append(chunk(0, { key: true }));
  buffer.attach(target, { mime: MIME });
  assert.deepEqual(target.settle(), ["append 3", "append 10"]);
});

Deno.test("what lies beside is told where it ends", () => {
  const { buffer, target } = set();
  const told: number[] = [];
  buffer.attach(target, { mime: MIME, beside: { follow: (end) => told.push(end) } });
  buffer.init(INIT, MIME);
  target.finish();
  assert.deepEqual(told, [], "nothing has come yet");
  buffer.append(chunk(5, { key: true }));
  target.ranges = [{ start: 5, end: 5 + PICTURE_S }];
  target.settle();
  assert.deepEqual(told, [5 + PICTURE_S]);
});

Deno.test("media waits for a key picture", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(0));
  buffer.append(chunk(0.04));
  assert.deepEqual(target.settle(), []);
  buffer.append(chunk(0.08, { key: true }));
  buffer.append(chunk(0.12));
  assert.deepEqual(target.settle(), ["append 10", "append 10"]);
});

Deno.test("what comes while it is busy goes in one call", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(0, { key: true }));
  for (let i = 1; i <= 5; i++) buffer.append(chunk(i * PICTURE_S));
  assert.deepEqual(target.settle(), ["append 10", "append 50"]);
});

Deno.test("but not in too large a one", () => {
  const { buffer, target } = ready();
  const bytes = 700_000;
  buffer.append(chunk(0, { key: true }));
  for (let i = 1; i <= 3; i++) buffer.append(chunk(i * PICTURE_S, { bytes }));
  assert.deepEqual(target.settle(), ["append 10", ...Array(3).fill(`append ${bytes}`)]);
});

Deno.test("a new generation: its init segment in its place, and again a key picture", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(0, { key: true }));
  buffer.init(Uint8Array.of(9), MIME);
  buffer.append(chunk(0.04));
  buffer.append(chunk(0.08, { key: true, bytes: 11 }));
  assert.deepEqual(target.settle(), ["append 10", "append 1", "append 11"]);
});

Deno.test("another codec is announced before its init segment", () => {
  const { buffer, target } = ready();
  buffer.init(Uint8Array.of(9), 'video/mp4; codecs="hvc1"');
  assert.deepEqual(target.settle(), ['type video/mp4; codecs="hvc1"', "append 1"]);
});

Deno.test("a queue of too many seconds is left out up to the next key picture", () => {
  const { buffer, target, leftOut } = ready();
  buffer.append(chunk(0, { key: true })); // keeps the SourceBuffer busy
  for (let at = 1; leftOut.length === 0; at++) {
    assert.ok(at < 2 * MAX_QUEUE_S, "there is a bound");
    buffer.append(chunk(at));
  }
  assert.ok((leftOut[0] ?? 0) > MAX_QUEUE_S * 1000);
  buffer.append(chunk(100));
  buffer.append(chunk(101, { key: true, bytes: 12 }));
  assert.deepEqual(target.settle(), ["append 10", "append 12"]);
});

Deno.test("so is a queue of too many bytes", () => {
  const { buffer, leftOut } = ready();
  buffer.append(chunk(0, { key: true }));
  const bytes = MAX_QUEUE_BYTES / 4;
  for (let i = 1; i <= 5; i++) buffer.append(chunk(i * PICTURE_S, { bytes }));
  assert.equal(leftOut.length, 1);
});

Deno.test("the buffer ends where its media does, though the browser was told that the last picture lasts longer", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(0, { key: true }));
  target.settle();
  target.ranges = [{ start: 0, end: 1 }];
  assert.deepEqual(buffer.ranges, [{ start: 0, end: PICTURE_S }]);
  buffer.append(chunk(PICTURE_S));
  assert.deepEqual(
    buffer.ranges,
    [{ start: 0, end: PICTURE_S }],
    "what is being appended is not there yet",
  );
  target.settle();
  assert.deepEqual(buffer.ranges, [{ start: 0, end: 2 * PICTURE_S }]);
  target.ranges = [{ start: 0, end: 0.01 }];
  assert.deepEqual(
    buffer.ranges,
    [{ start: 0, end: 0.01 }],
    "what the browser has let go of is gone",
  );
});

Deno.test("another timeline, before the last: its own media's end counts", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(100, { key: true }));
  target.settle();
  buffer.empty();
  buffer.append(chunk(5, { key: true }));
  target.settle();
  target.ranges = [{ start: 5, end: 6 }];
  assert.deepEqual(buffer.ranges, [{ start: 5, end: 5 + PICTURE_S }]);
});

Deno.test("the past goes, from a place where a decoder can start", () => {
  const { buffer, target } = ready();
  for (let at = 0; at < 20; at++) buffer.append(chunk(at, { key: at % 2 === 0 }));
  target.settle();
  target.ranges = [{ start: 0, end: 20 }];
  buffer.tidy(KEEP_AT_MOST_S - 1);
  assert.deepEqual(target.settle(), [], "not yet");
  buffer.tidy(19);
  assert.deepEqual(target.settle(), ["remove 0 10"], "11 would cut the group that begins at 10");
});

Deno.test("a group longer than what is kept stays whole", () => {
  const { buffer, target } = ready();
  for (let at = 0; at < 60; at++) buffer.append(chunk(at, { key: at === 0 }));
  target.settle();
  target.ranges = [{ start: 0, end: 60 }];
  buffer.tidy(59);
  assert.deepEqual(target.settle(), []);
});

Deno.test("ranges that lie behind a gap go", () => {
  const { buffer, target } = ready();
  target.ranges = [{ start: 0, end: 5 }, { start: 8, end: 9 }];
  buffer.tidy(4);
  assert.deepEqual(target.settle(), [], "not while it is shown");
  buffer.tidy(8);
  assert.deepEqual(target.settle(), ["remove 0 8"]);
});

Deno.test("another timeline: all goes, what waited is not appended, and nothing old is seen", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(500, { key: true }));
  buffer.append(chunk(500.04));
  target.ranges = [{ start: 490, end: 500 }];
  buffer.init(Uint8Array.of(9), MIME);
  buffer.empty();
  assert.deepEqual(buffer.ranges, []);
  buffer.append(chunk(3, { key: true, bytes: 12 }));
  assert.deepEqual(target.settle(), ["append 10", "remove 0 Infinity", "append 1", "append 12"]);
  target.ranges = [{ start: 3, end: 3.04 }];
  assert.deepEqual(buffer.ranges, [{ start: 3, end: 3.04 }]);
});

Deno.test("a full browser is given room from the past", () => {
  const { buffer, target, broken } = ready();
  for (let at = 0; at < 10; at++) buffer.append(chunk(at, { key: true }));
  target.settle();
  target.ranges = [{ start: 0, end: 10 }];
  buffer.tidy(9);
  target.room = 5;
  buffer.append(chunk(10));
  assert.deepEqual(target.done.splice(0), ["remove 0 8"]);
  target.room = Infinity;
  assert.deepEqual(target.settle(), ["append 10"], "and then takes what it had refused");
  assert.deepEqual(broken, []);
});

Deno.test("a browser that stays full is emptied, and begun again at a key picture", () => {
  const { buffer, target, broken, leftOut } = ready();
  target.room = 5;
  buffer.append(chunk(0, { key: true }));
  assert.deepEqual(target.settle(), ["remove 0 Infinity"]);
  target.room = Infinity;
  buffer.append(chunk(1));
  buffer.append(chunk(2, { key: true }));
  assert.deepEqual(target.settle(), ["append 10"]);
  assert.deepEqual([broken, leftOut.length], [[], 1]);
});

Deno.test("the same stream on a new connection: what is known is passed over", () => {
  const { buffer, target } = ready();
  for (let i = 0; i < 10; i++) buffer.append(chunk(i * PICTURE_S, { key: i === 0 }));
  target.settle();
  buffer.init(Uint8Array.from(INIT), MIME);
  for (let i = 0; i < 12; i++) buffer.append(chunk(i * PICTURE_S, { key: i === 0 }));
  assert.deepEqual(target.settle(), ["append 10", "append 10"], "the two that are new");
});

Deno.test("a new connection that begins after a hole begins with its key picture", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(0, { key: true }));
  target.settle();
  buffer.init(Uint8Array.from(INIT), MIME);
  buffer.append(chunk(60, { key: true, bytes: 11 }));
  buffer.append(chunk(60.04));
  assert.deepEqual(target.settle(), ["append 11", "append 10"]);
});

Deno.test("sound on its own is passed over by its own time", () => {
  const { buffer, target } = ready();
  // The sound of this camera runs a third of a second behind its picture.
  buffer.append(chunk(1, { key: true, soundTo: 0.7 }));
  target.settle();
  buffer.init(Uint8Array.from(INIT), MIME);
  buffer.append(chunk(1, { key: true, soundTo: 0.7 }));
  buffer.append(chunk(0.7, { alone: true, soundTo: 0.7, bytes: 5 }));
  buffer.append(chunk(0.72, { alone: true, soundTo: 0.72, bytes: 6 }));
  buffer.append(chunk(1.04, { bytes: 7 }));
  assert.deepEqual(target.settle(), ["append 6", "append 7"]);
});

Deno.test("asked to hold, it takes nothing until asked again, and then from a key picture", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(0, { key: true }));
  target.settle();
  buffer.hold("yes");
  buffer.append(chunk(0.04));
  buffer.append(chunk(1, { key: true }));
  assert.deepEqual(target.settle(), []);
  buffer.hold("no");
  buffer.append(chunk(1.04));
  buffer.append(chunk(2, { key: true, bytes: 11 }));
  assert.deepEqual(target.settle(), ["append 11"]);
});

Deno.test("an error of the SourceBuffer is told in a sentence", () => {
  const { target, broken } = ready();
  target.dispatchEvent(new Event("error"));
  assert.equal(broken.length, 1);
  assert.match(broken[0] ?? "", /^[A-Z].*\.$/);
});

Deno.test("after its end it touches nothing", () => {
  const { buffer, target, stop, broken } = ready();
  buffer.append(chunk(0, { key: true }));
  buffer.append(chunk(0.04));
  stop.abort();
  target.finish();
  target.dispatchEvent(new Event("error"));
  buffer.append(chunk(0.08));
  assert.deepEqual([target.done, broken], [["append 10"], []]);
});

Deno.test("its owner is told whenever there may be more or less", () => {
  const target = new FakeTarget();
  let told = 0;
  const buffer = new MediaBuffer({
    bufferChanged: () => told++,
    leftOut: () => {},
    bufferBroke: () => {},
  }, new AbortController().signal);
  buffer.attach(target, { mime: MIME });
  buffer.init(INIT, MIME);
  target.finish();
  buffer.append(chunk(0, { key: true }));
  target.finish();
  assert.equal(told, 2);
});

Deno.test("what is appended is what was given, whole and in order", () => {
  const { buffer, target } = ready();
  const given: number[] = [];
  const appendBuffer = target.appendBuffer.bind(target);
  target.appendBuffer = (data): void => {
    given.push(...data);
    appendBuffer(data);
  };
  for (let i = 0; i < 5; i++) {
    buffer.append({ ...chunk(i, { key: i === 0 }), bytes: Uint8Array.of(2 * i, 2 * i + 1) });
  }
  target.settle();
  assert.deepEqual(given, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("one that is larger than a call should be goes in a call of its own", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(0, { key: true }));
  buffer.append(chunk(0.04, { bytes: MAX_APPEND_BYTES + 1 }));
  buffer.append(chunk(0.08, { bytes: MAX_APPEND_BYTES - 10 }));
  buffer.append(chunk(0.12));
  const sizes = [10, MAX_APPEND_BYTES + 1, MAX_APPEND_BYTES];
  assert.deepEqual(target.settle(), sizes.map((size) => `append ${size}`));
});

Deno.test("calls end where a generation does", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(0, { key: true })); // keeps the SourceBuffer busy
  buffer.append(chunk(0.04, { bytes: 4 }));
  buffer.init(Uint8Array.of(9), MIME);
  buffer.append(chunk(0.08, { key: true, bytes: 5 }));
  assert.deepEqual(target.settle(), ["append 10", "append 4", "append 1", "append 5"]);
});

Deno.test("a codec is announced once, and again when it comes back", () => {
  const { buffer, target } = ready();
  const other = 'video/mp4; codecs="hvc1"';
  buffer.init(Uint8Array.of(8), other);
  buffer.init(Uint8Array.of(9), other);
  buffer.init(Uint8Array.of(7), MIME);
  const expected = [`type ${other}`, "append 1", "append 1", `type ${MIME}`, "append 1"];
  assert.deepEqual(target.settle(), expected);
});

Deno.test("a browser that cannot announce another codec is given it all the same", () => {
  const { buffer, target, broken } = ready();
  Object.defineProperty(target, "changeType", { value: undefined });
  buffer.init(Uint8Array.of(9), 'video/mp4; codecs="hvc1"');
  buffer.append(chunk(0, { key: true }));
  assert.deepEqual([target.settle(), broken], [["append 1", "append 10"], []]);
});

Deno.test("a codec that the browser refuses is told in a sentence", () => {
  const { buffer, target, broken } = ready();
  target.changeType = (): void => {
    throw new DOMException("no HEVC", "NotSupportedError");
  };
  buffer.init(Uint8Array.of(9), 'video/mp4; codecs="hvc1"');
  assert.deepEqual(target.settle(), []);
  assert.deepEqual(broken, ["The browser took no more pictures (no HEVC)."]);
});

Deno.test("a fault of this page's own is no fault of the browser's", () => {
  const { buffer, target, broken } = ready();
  target.appendBuffer = (): void => {
    throw new TypeError("a bug");
  };
  assert.throws(() => buffer.append(chunk(0, { key: true })), new TypeError("a bug"));
  assert.deepEqual(broken, []);
});

Deno.test("what has been appended, or left out, or emptied, waits no longer", () => {
  const bytes = MAX_QUEUE_BYTES / 4;
  const full = (from: number): Chunk[] =>
    [0, 1, 2, 3].map((i) => chunk(from + i * PICTURE_S, { key: i === 0, bytes }));
  const { buffer, target, leftOut } = ready();
  for (let group = 0; group < 3; group++) {
    for (const each of full(group)) buffer.append(each);
    target.settle();
  }
  assert.equal(leftOut.length, 0, "appended");
  for (const each of full(3)) buffer.append(each);
  buffer.empty();
  for (const each of full(4)) buffer.append(each);
  assert.equal(leftOut.length, 0, "emptied");
  buffer.append(chunk(4.5));
  assert.equal(leftOut.length, 1);
  for (const each of full(5)) buffer.append(each);
  assert.equal(leftOut.length, 1, "left out");
});

Deno.test("places to start: half a second apart, the newest last, none that is gone", () => {
  const { buffer, target } = ready();
  assert.equal(buffer.newestKey, undefined);
  for (const at of [1, 1.4, 1.5, 3]) buffer.append(chunk(at, { key: true }));
  assert.equal(buffer.newestKey, 1, "what waits is no place to start");
  target.settle();
  assert.equal(buffer.newestKey, 3);
  buffer.append(chunk(1.4, { key: true }));
  target.settle();
  assert.equal(buffer.newestKey, 1, "a group sent again takes the place of what it overlaps");
  buffer.empty();
  assert.equal(buffer.newestKey, undefined);
});

Deno.test("after a removal the next one goes on from where that ended", () => {
  const { buffer, target } = ready();
  for (let at = 0; at < 40; at++) {
    buffer.append(chunk(at, { key: at % 2 === 0 }));
    target.settle();
  }
  target.ranges = [{ start: 0, end: 40 }];
  buffer.tidy(19);
  assert.deepEqual(target.settle(), ["remove 0 10"]);
  target.ranges = [{ start: 10, end: 40 }];
  buffer.tidy(26);
  assert.deepEqual(target.settle(), [], "not yet");
  buffer.tidy(30);
  assert.deepEqual(target.settle(), ["remove 0 22"]);
});

Deno.test("a removal leaves the place to start that it ends at", () => {
  const { buffer, target } = ready();
  const ends: number[] = [];
  const remove = target.remove.bind(target);
  target.remove = (start, end): void => {
    ends.push(end);
    remove(start, end);
  };
  for (let at = 0; at < 20; at++) buffer.append(chunk(at, { key: at === 10 || at === 0 }));
  target.settle();
  target.ranges = [{ start: 0, end: 20 }];
  buffer.tidy(19);
  target.settle();
  assert.ok(ends.length === 1 && ends.every((end) => end < 10 && end > 9.99), String(ends));
  assert.equal(buffer.newestKey, 10);
});

Deno.test("a removal waits for the append under way, and goes before the next", () => {
  const { buffer, target } = ready();
  target.ranges = [{ start: 0, end: 5 }, { start: 8, end: 9 }];
  buffer.append(chunk(9, { key: true }));
  buffer.append(chunk(9.04, { bytes: 4 }));
  buffer.tidy(8.5);
  assert.deepEqual(target.settle(), ["append 10", "remove 0 8", "append 4"]);
});

Deno.test("emptied of another timeline it takes what would have been known, from a key on", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(500, { key: true }));
  target.settle();
  buffer.init(Uint8Array.from(INIT), MIME);
  buffer.empty();
  buffer.append(chunk(3));
  buffer.append(chunk(4, { key: true, bytes: 12 }));
  assert.deepEqual(target.settle(), ["remove 0 Infinity", "append 12"]);
});

Deno.test("a new generation that follows a new connection at once is not taken for the old one", () => {
  const { buffer, target } = ready();
  buffer.append(chunk(10, { key: true }));
  target.settle();
  buffer.init(Uint8Array.from(INIT), MIME);
  buffer.init(Uint8Array.of(9), MIME);
  buffer.append(chunk(5, { key: true, bytes: 12 }));
  assert.deepEqual(target.settle(), ["append 1", "append 12"]);
});

/** The page's clock, set by hand while `run` runs. */
function withClock(run: (pass: (ms: number) => void) => void): void {
  let now = 1_000_000;
  Object.defineProperty(performance, "now", { value: () => now, configurable: true });
  try {
    run((ms) => now += ms);
  } finally {
    Reflect.deleteProperty(performance, "now");
  }
}

Deno.test("appends that yield nothing, or never end, break it after a while", () => {
  for (const ends of [true, false]) {
    withClock((pass) => {
      const { buffer, target, broken } = ready();
      for (let at = 0; at * 1000 <= BARREN_AFTER_MS; at += PICTURE_S) {
        assert.deepEqual(broken, [], `${at}`);
        buffer.append(chunk(at, { key: at === 0 }));
        if (ends) target.settle();
        pass(PICTURE_S * 1000);
      }
      buffer.append(chunk(60));
      assert.deepEqual(broken, ["The browser took pictures and kept none."]);
    });
  }
});

Deno.test("a buffer that grows, sound without pictures, and waiting for a SourceBuffer break nothing", () => {
  withClock((pass) => {
    const { buffer, target, broken } = ready();
    const later = set();
    for (let at = 0; at * 1000 <= 3 * BARREN_AFTER_MS; at += PICTURE_S) {
      const playing = at * 1000 <= BARREN_AFTER_MS;
      buffer.append(chunk(at, { key: at === 0, alone: !playing, soundTo: at }));
      if (playing) target.ranges = [{ start: 0, end: at + PICTURE_S }];
      target.settle();
      later.buffer.append(chunk(at, { key: at === 0 }));
      pass(PICTURE_S * 1000);
    }
    assert.deepEqual([broken, later.broken], [[], []]);
  });
});
