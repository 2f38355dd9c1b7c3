/** A GoPro's header: what it is told by, and the loss counts that follow from it. */
import assert from "node:assert/strict";
import {
  endsPicture,
  GoProSequence,
  isGoProDatagram,
} from "../../../relay/sources/gopro_header.ts";
import { goProDatagram, goProGroups, tsPackets } from "../../support/gopro_datagrams.ts";
import { randomFrom } from "../../support/random.ts";

/** Verdicts on a series of (group, index), the last of a group marked by a third member. */
function verdicts(...series: readonly (readonly [number, number, "last"?])[]): unknown[] {
  const sequence = new GoProSequence();
  return series.map(([group, index, last]) =>
    sequence.accept(goProDatagram({ group, index, endOfGroup: last !== undefined }))
  );
}

Deno.test("a GoPro's datagram is known by kind, length field and sync byte", () => {
  const good = goProDatagram({ group: 1, index: 0 });
  assert.equal(isGoProDatagram(good), true);
  const spoilt = (offset: number, value: number): Uint8Array => {
    const bytes = good.slice();
    bytes[offset] = value;
    return bytes;
  };
  assert.equal(isGoProDatagram(spoilt(0, 0x80)), false, "another kind");
  assert.equal(isGoProDatagram(spoilt(11, 0x25)), false, "a length that is no whole packets");
  const eightPackets = new Uint8Array(12 + 8 * 188);
  eightPackets.set(good);
  eightPackets.set([8 * 188 >> 8, 8 * 188 & 0xff], 10);
  assert.equal(isGoProDatagram(eightPackets), false, "a length beyond seven packets");
  assert.equal(isGoProDatagram(spoilt(12, 0)), false, "no sync byte");
  assert.equal(isGoProDatagram(good.subarray(0, 1300)), false, "shorter than it says");
  assert.equal(isGoProDatagram(good.subarray(0, 1328)), true);
  assert.equal(isGoProDatagram(tsPackets(7, 0)), false, "bare packets");
  assert.equal(isGoProDatagram(new Uint8Array(5)), false, "too short for a header");
});

Deno.test("zero length is no payload", () => {
  const bytes = goProDatagram({ group: 1, index: 0 });
  bytes[10] = 0;
  bytes[11] = 0;
  assert.equal(isGoProDatagram(bytes), false);
});

Deno.test("the end of a picture is marked, that of sound does not count", () => {
  assert.equal(endsPicture(goProDatagram({ group: 1, index: 0, endOfFrame: true })), true);
  assert.equal(endsPicture(goProDatagram({ group: 1, index: 0 })), false);
  const sound = goProDatagram({ group: 1, index: 0, picture: false, endOfFrame: true });
  assert.equal(endsPicture(sound), false);
});

Deno.test("losses inside a group and at its start are exact", () => {
  assert.deepEqual(verdicts([5, 7], [5, 8], [5, 12], [5, 13, "last"], [6, 3], [6, 4]), [
    0, // joins in the middle: nothing was lost to us
    0,
    3,
    0,
    3,
    0,
  ]);
});

Deno.test("a missing end of group, or a missing group, counts as one each", () => {
  assert.deepEqual(verdicts([1, 0], [2, 0]), [0, 1], "end of group missing");
  assert.deepEqual(verdicts([1, 0, "last"], [4, 2]), [0, 2 + 2], "two groups and two datagrams");
});

Deno.test("where a group's length is not known, what is missing is said to be as many or more", () => {
  const sequence = new GoProSequence();
  const series = [[1, 0], [1, 2], [1, 3, "last"], [2, 1], [2, 2], [3, 0, "last"], [5, 0]] as const;
  const told = series.map(([group, index, last]) => {
    sequence.accept(goProDatagram({ group, index, endOfGroup: last !== undefined }));
    return sequence.orMore;
  });
  assert.deepEqual(told, [false, false, false, false, false, true, true]);
  const unmarked = new GoProSequence();
  for (const group of [1, 2, 3]) {
    unmarked.accept(goProDatagram({ group, index: 0 }));
    assert.equal(unmarked.orMore, false, "a camera that marks no ends says nothing by it");
  }
});

Deno.test("duplicates and late datagrams are dropped and change nothing", () => {
  assert.deepEqual(
    verdicts([1, 0], [1, 2], [1, 2], [1, 1], [1, 3, "last"], [2, 0], [1, 3], [2, 1]),
    [
      0,
      1,
      "late",
      "late",
      0,
      0,
      "late",
      0,
    ],
  );
});

Deno.test("a camera that began anew is believed", () => {
  assert.deepEqual(verdicts([900, 3], [1, 0], [1, 1]), [0, "restart", 0], "far back");
  assert.deepEqual(verdicts([1, 3], [90_000, 0]), [0, "restart"], "far ahead");
  const again = Array.from({ length: 20 }, (_, i) => [1, i] as const);
  const results = verdicts([1, 19], ...again);
  assert.equal(results.filter((result) => result === "restart").length, 1, "the same group again");
  assert.equal(results.at(-1), 0);
});

Deno.test("group numbers wrap at 24 bits", () => {
  assert.deepEqual(verdicts([0xffffff, 3, "last"], [0, 0]), [0, 0]);
});

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  Deno.test(`single losses anywhere are counted exactly (seed ${seed})`, () => {
    const draw = randomFrom(seed);
    const datagrams = goProGroups(40, 33);
    const sequence = new GoProSequence();
    let [dropped, counted, before] = [0, 0, false];
    for (const [i, datagram] of datagrams.entries()) {
      const edge = i === 0 || i === datagrams.length - 1;
      before = !edge && !before && draw(20) === 0;
      if (before) {
        dropped++;
        continue;
      }
      const verdict = sequence.accept(datagram);
      assert.equal(typeof verdict, "number");
      counted += Number(verdict);
    }
    assert.ok(dropped > 20);
    assert.equal(counted, dropped);
  });
}
