/** H.264 access units to samples and avcC. */

import assert from "node:assert/strict";
import { toHex } from "../../../shared/bytes.ts";
import { h264 } from "../../../relay/codecs/h264.ts";
import {
  annexB,
  DELIMITER,
  FILLER,
  pps,
  recoveryPoint,
  SEI,
  slice,
  sps,
} from "../../support/avc_builder.ts";
import { Elementary } from "../../support/elementary.ts";
import { fromHex } from "../../support/hex.ts";

const SPS = sps();
const PPS = pps();

/** An access unit that a decoder can begin with. */
function keyUnit(seed = 0, sets: readonly Uint8Array[] = [SPS, PPS]): Uint8Array {
  return annexB([DELIMITER, ...sets, SEI, slice({ key: true, seed })]);
}

function deltaUnit(seed = 0): Uint8Array {
  return annexB([DELIMITER, SEI, slice({ seed })]);
}

Deno.test("a key picture: set up first; parameter sets, delimiter and filler stay out of the sample", () => {
  const found = new Elementary(h264).packet(
    annexB([DELIMITER, SPS, PPS, SEI, slice({ key: true }), FILLER]),
    { pts: 6000, dts: 3000, arrival: 77 },
  );
  assert.deepEqual(found.order, ["config", "sample"]);
  const [sample] = found.samples;
  assert.deepEqual(sample?.units.map(toHex), [SEI, slice({ key: true })].map(toHex));
  assert.deepEqual(
    [sample?.dts, sample?.pts, sample?.key, sample?.arrival, sample?.duration],
    [3000, 6000, true, 77, 0],
  );
});

Deno.test("a HERO4's set-up: every byte of avcC, codec string, size, colour, rate", () => {
  const hero4 = fromHex(
    "274d40159a640d8fd80b7010101400002eec000afc83a1802ab000aae2ef2e3430055600155c5de5c3b844228b",
  );
  const found = new Elementary(h264).packet(keyUnit(0, [hero4, fromHex("28ee3880")]), { pts: 0 });
  const [config] = found.configs;
  assert.equal(
    toHex(config?.config.bytes ?? new Uint8Array()),
    "014d4015ffe1002d" + toHex(hero4) + "01000428ee3880",
  );
  assert.deepEqual({ ...config, config: undefined }, {
    kind: "video",
    codec: "avc1.4d4015",
    timescale: 90_000,
    sampleEntry: "avc1",
    config: undefined,
    width: 432,
    height: 240,
    frameRate: 180_000 / 3003 / 2,
    colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: true },
  });
});

const AVCC: readonly (readonly [string, readonly Uint8Array[], string])[] = [
  ["one of each", [SPS, PPS], "e1" + sized(SPS) + "01" + sized(PPS)],
  [
    "several, in the order of their ids",
    [sps({ id: 2 }), sps({ id: 1 }), pps({ id: 3 }), pps({ id: 0 })],
    "e2" + sized(sps({ id: 1 })) + sized(sps({ id: 2 })) + "02" + sized(pps({ id: 0 })) +
    sized(pps({ id: 3 })),
  ],
];

function sized(unit: Uint8Array): string {
  return unit.length.toString(16).padStart(4, "0") + toHex(unit);
}

for (const [name, sets, expected] of AVCC) {
  Deno.test(`avcC: ${name}`, () => {
    const [config] = new Elementary(h264).packet(keyUnit(0, sets), { pts: 0 }).configs;
    assert.equal(toHex(config?.config.bytes ?? new Uint8Array()), `014d001eff${expected}`);
  });
}

Deno.test("avcC: the High profiles' chroma fields", () => {
  const set = sps({ profile: 122, level: 51, chroma: { format: 2, luma: 10, chroma: 9 } });
  const [config] = new Elementary(h264).packet(keyUnit(0, [set, PPS]), { pts: 0 }).configs;
  assert.equal(config?.codec, "avc1.7a0033");
  assert.ok(toHex(config?.config.bytes ?? new Uint8Array()).endsWith("fefaf900"));
});

Deno.test("avcC counts at most 31 parameter sets of the first kind", () => {
  const sets = Array.from({ length: 32 }, (_, id) => sps({ id }));
  const [config] = new Elementary(h264).packet(keyUnit(0, [...sets, PPS]), { pts: 0 }).configs;
  assert.equal(config?.config.bytes[5], 0xe0 | 31);
});

const COLOURS: readonly (readonly [string, Parameters<typeof sps>[0], unknown])[] = [
  ["nothing is said", {}, [undefined, undefined, undefined]],
  ["range without colours: unspecified ones", { vui: { signal: { fullRange: true } } }, [
    { primaries: 2, transfer: 2, matrix: 2, fullRange: true },
    undefined,
    undefined,
  ]],
  ["limited range says nothing new", { vui: { signal: { fullRange: false } } }, [
    undefined,
    undefined,
    undefined,
  ]],
  ["square samples say nothing", { vui: { aspect: 1 } }, [undefined, undefined, undefined]],
  ["others do, and a rate", {
    vui: { aspect: 14, timing: { unitsInTick: 1, timeScale: 100 } },
  }, [undefined, { horizontal: 4, vertical: 3 }, 50]],
];

for (const [name, description, expected] of COLOURS) {
  Deno.test(`what the track says of its VUI: ${name}`, () => {
    const [config] = new Elementary(h264).packet(keyUnit(0, [sps(description), PPS]), { pts: 0 })
      .configs;
    assert.ok(config?.kind === "video");
    assert.deepEqual([config.colour, config.pixelAspect, config.frameRate], expected);
  });
}

Deno.test("the same sets again are no news", () => {
  const found = new Elementary(h264);
  for (let i = 0; i < 3; i++) found.packet(keyUnit(i), { pts: i }).packet(deltaUnit(i), { pts: i });
  assert.equal(found.configs.length, 1);
  assert.deepEqual(found.samples.map(({ key }) => key), [true, false, true, false, true, false]);
});

Deno.test("another SPS or PPS of the same id is set up before its picture, and so is going back", () => {
  const other = sps({ widthMbs: 40 });
  const found = new Elementary(h264);
  found.packet(keyUnit(0), { pts: 0 }).packet(keyUnit(1, [other, PPS]), { pts: 1 });
  found.packet(keyUnit(2, [other, pps({ variant: 3 })]), { pts: 2 }).packet(keyUnit(3), { pts: 3 });
  assert.deepEqual(found.order, Array.from({ length: 4 }, () => ["config", "sample"]).flat());
  assert.deepEqual(
    found.configs.map((config) => config.kind === "video" ? config.width : 0),
    [320, 640, 640, 320],
  );
});

Deno.test("the newest SPS is the one in force, though another id had come before", () => {
  const [small, large] = [sps({ id: 0 }), sps({ id: 1, widthMbs: 40 })];
  const found = new Elementary(h264).packet(keyUnit(0, [small, PPS]), { pts: 0 });
  found.packet(keyUnit(1, [large, pps({ id: 1, spsId: 1 })]), { pts: 1 });
  found.packet(keyUnit(2, [small, PPS]), { pts: 2 }).packet(keyUnit(3, [small, PPS]), { pts: 3 });
  assert.deepEqual(
    found.configs.map((config) => config.kind === "video" ? config.width : 0),
    [320, 640, 320],
  );
});

Deno.test("parameter sets in a packet of their own, or in two", () => {
  const found = new Elementary(h264).packet(annexB([SPS]), { pts: 0 }).packet(annexB([PPS]));
  assert.deepEqual(found.order, []);
  found.packet(annexB([slice({ key: true })]), { pts: 5 });
  assert.deepEqual(found.order, ["config", "sample"]);
});

Deno.test("what stands before a picture in packets of its own belongs to it, a recovery point too", () => {
  const found = new Elementary(h264);
  const recovery = recoveryPoint(0);
  for (const unit of [DELIMITER, SPS, PPS, SEI, recovery, slice()]) {
    found.packet(annexB([unit]), { pts: 3000 });
  }
  found.packet(deltaUnit(1), { pts: 6000 });
  const [first, second] = found.samples;
  assert.deepEqual(first?.units.map(toHex), [SEI, recovery, slice()].map(toHex));
  assert.deepEqual([first?.key, second?.key], [true, false]);
  assert.equal(second?.units.length, 2);
});

Deno.test("no sample before both kinds of set, and none is counted as broken", () => {
  const found = new Elementary(h264).packet(deltaUnit(), { pts: 0 });
  found.packet(keyUnit(0, [SPS]), { pts: 1 }).packet(deltaUnit(), { pts: 2 });
  assert.deepEqual(found.order, []);
  found.packet(keyUnit(1, [PPS]), { pts: 3 });
  assert.deepEqual(found.order, ["config", "sample"]);
});

Deno.test("several slices are one picture; one of them an IDR makes it key", () => {
  const slices = [0, 1, 2].map((seed) => slice({ seed, key: true }));
  const [sample] = new Elementary(h264).packet(annexB([SPS, PPS, ...slices]), { pts: 0 }).samples;
  assert.equal(sample?.units.length, 3);
  assert.equal(sample?.key, true);
});

Deno.test("start codes of three bytes and zeros behind units change nothing", () => {
  const units = [DELIMITER, SPS, PPS, slice({ key: true })];
  const plain = new Elementary(h264).packet(annexB(units), { pts: 0 });
  const odd = new Elementary(h264).packet(annexB(units, { startCode: 3, trailingZeros: 5 }), {
    pts: 0,
  });
  assert.deepEqual(odd.samples, plain.samples);
  assert.deepEqual(odd.configs, plain.configs);
});

Deno.test("without DTS the PTS is both; without both the stated rate goes on", () => {
  const set = sps({ vui: { timing: { unitsInTick: 1001, timeScale: 60_000 } } });
  const found = new Elementary(h264).packet(keyUnit(0, [set, PPS]), { pts: 9000 });
  found.packet(deltaUnit(1)).packet(deltaUnit(2)).packet(deltaUnit(3), { pts: 30_000 });
  assert.deepEqual(found.samples.map(({ dts, pts }) => [dts, pts]), [
    [9000, 9000],
    [12_003, 12_003],
    [15_006, 15_006],
    [30_000, 30_000],
  ]);
});

Deno.test("a picture that has no time and cannot get one is left out and counted", () => {
  const found = new Elementary(h264).packet(keyUnit(0), { pts: 9000 }).packet(deltaUnit(1));
  assert.deepEqual([found.samples.length, found.unreadable], [1, 1]);
  const rated = sps({ vui: { timing: { unitsInTick: 1, timeScale: 60 } } });
  const after = new Elementary(h264).packet(keyUnit(0, [rated, PPS]), { pts: 0 });
  after.stream.gap();
  after.packet(deltaUnit(1));
  assert.deepEqual([after.samples.length, after.unreadable], [1, 1]);
});

const UNREADABLE: readonly (readonly [string, Uint8Array])[] = [
  ["an SPS that makes no sense", new Uint8Array([0x67, 77])],
  ["an SPS longer than any", new Uint8Array(5000).fill(0x67)],
  ["a PPS longer than any", new Uint8Array(5000).fill(0x68)],
  ["a PPS with an id above 255", pps({ id: 256 })],
];

for (const [name, unit] of UNREADABLE) {
  Deno.test(`left out and counted: ${name}`, () => {
    const found = new Elementary(h264).packet(annexB([SPS, PPS, unit, slice({ key: true })]), {
      pts: 0,
    });
    assert.equal(found.unreadable, 1);
    assert.deepEqual(found.order, ["unreadable", "config", "sample"]);
    assert.equal(found.configs[0]?.config.bytes[5], 0xe1);
  });
}

Deno.test("noise without a start code is no picture", () => {
  const found = new Elementary(h264).packet(keyUnit(), { pts: 0 });
  found.packet(new Uint8Array(100).fill(9), { pts: 1 }).packet(new Uint8Array(), { pts: 2 });
  assert.equal(found.samples.length, 1);
});
