/** Sequence parameter sets: a real camera's, and every part of one written bit by bit. */

import assert from "node:assert/strict";
import { readSps, type Sps } from "../../../relay/codecs/h264_sps.ts";
import { escape, sps, type SpsDescription } from "../../support/avc_builder.ts";
import { fromHex } from "../../support/hex.ts";

Deno.test("SPS of a HERO4's preview", () => {
  const unit = fromHex(
    "274d40159a640d8fd80b7010101400002eec000afc83a1802ab000aae2ef2e3430055600155c5de5c3b844228b",
  );
  assert.deepEqual(readSps(unit), {
    profile: 77,
    constraints: 0x40,
    level: 21,
    id: 0,
    chromaFormat: 1,
    bitDepthLuma: 8,
    bitDepthChroma: 8,
    frameMbsOnly: true,
    width: 432,
    height: 240,
    numRefFrames: 1,
    separatePlanes: false,
    frameNumBits: 9,
    pictureOrder: { type: 0, lsbBits: 9 },
    vui: {
      pixelAspect: { horizontal: 1, vertical: 1 },
      fullRange: true,
      colour: { primaries: 1, transfer: 1, matrix: 1 },
      frameRate: 180_000 / 3003 / 2,
      fixedFrameRate: true,
      maxReorderFrames: 1,
    },
  });
});

Deno.test("SPS of x264, High profile, 1080 rows by cropping, emulation prevention inside", () => {
  // x264 -profile high -s 1920x1080 -r 30: time_scale 60, num_units_in_tick 1
  const unit = fromHex("67640028acb403c0113f2e0220000003002000000791e30654");
  const read = readSps(unit);
  assert.equal(read?.width, 1920);
  assert.equal(read?.height, 1080);
  assert.equal(read?.vui?.frameRate, 30);
  assert.equal(read?.profile, 100);
});

const SHAPES: readonly (readonly [string, SpsDescription, Partial<Sps>])[] = [
  ["as it comes", {}, { width: 320, height: 240, profile: 77, level: 30, id: 0 }],
  ["its id", { id: 31 }, { id: 31 }],
  ["constraint flags", { profile: 66, constraints: 0xc0, level: 9 }, {
    profile: 66,
    constraints: 0xc0,
    level: 9,
  }],
  ["picture order of type 0", { pictureOrder: 0 }, { width: 320 }],
  ["picture order of type 1", { pictureOrder: 1 }, { width: 320 }],
  ["cropped, 4:2:0", {
    widthMbs: 120,
    heightMapUnits: 68,
    crop: { left: 1, right: 2, top: 3, bottom: 1 },
  }, { width: 1914, height: 1080 }],
  ["fields: map units are twice as high, crops too", {
    widthMbs: 45,
    heightMapUnits: 18,
    interlaced: true,
    crop: { left: 0, right: 0, top: 0, bottom: 2 },
  }, { width: 720, height: 568, frameMbsOnly: false }],
  ["4:2:2, 10 bits", {
    profile: 122,
    chroma: { format: 2, luma: 10, chroma: 10 },
    crop: { left: 1, right: 0, top: 1, bottom: 0 },
  }, { chromaFormat: 2, bitDepthLuma: 10, bitDepthChroma: 10, width: 318, height: 239 }],
  ["4:4:4", {
    profile: 244,
    chroma: { format: 3, luma: 14, chroma: 9 },
    crop: { left: 1, right: 0, top: 1, bottom: 0 },
  }, { chromaFormat: 3, bitDepthLuma: 14, bitDepthChroma: 9, width: 319, height: 239 }],
  ["4:4:4 in separate planes", {
    profile: 244,
    chroma: { format: 3, separatePlanes: true },
    crop: { left: 3, right: 0, top: 1, bottom: 0 },
  }, { width: 317, height: 239 }],
  ["grey", {
    profile: 100,
    chroma: { format: 0 },
    crop: { left: 1, right: 1, top: 1, bottom: 1 },
  }, { chromaFormat: 0, width: 318, height: 238 }],
  ["scaling lists, some absent, some cut short", {
    profile: 100,
    chroma: {
      format: 1,
      scaling: [
        Array.from({ length: 16 }, () => 1),
        undefined,
        [-8], // next scale 0: the rest repeats
        undefined,
        undefined,
        Array.from({ length: 16 }, (_, i) => i % 2 ? 3 : -2),
        Array.from({ length: 64 }, () => 2),
        [8, 8, -24],
      ],
    },
    widthMbs: 7,
  }, { width: 112, height: 240 }],
  ["twelve scaling lists with 4:4:4", {
    profile: 244,
    chroma: { format: 3, scaling: Array.from({ length: 12 }, () => [-8]) },
    widthMbs: 9,
  }, { width: 144 }],
];

for (const [name, description, expected] of SHAPES) {
  Deno.test(`SPS: ${name}`, () => {
    const read = readSps(sps(description));
    assert.deepEqual({ ...read, ...expected }, read);
    assert.equal(read?.vui, undefined);
  });
}

/** Behind everything else in the VUI: when it is read right, so was all before it. */
const LAST = { restriction: { reorder: 3, buffering: 4 } };

const VUIS: readonly (readonly [string, SpsDescription["vui"], Sps["vui"]])[] = [
  ["nothing", {}, {}],
  ["a known aspect", { aspect: 5, ...LAST }, { pixelAspect: { horizontal: 40, vertical: 33 } }],
  ["square", { aspect: 1, ...LAST }, { pixelAspect: { horizontal: 1, vertical: 1 } }],
  ["an aspect of its own", { aspect: { horizontal: 65_535, vertical: 2 }, ...LAST }, {
    pixelAspect: { horizontal: 65_535, vertical: 2 },
  }],
  ["an aspect of nothing", { aspect: { horizontal: 0, vertical: 2 }, ...LAST }, {}],
  ["an aspect nobody has defined", { aspect: 200, ...LAST }, {}],
  ["unspecified aspect", { aspect: 0, ...LAST }, {}],
  ["overscan", { overscan: true, ...LAST }, {}],
  ["range alone", { signal: { fullRange: true }, ...LAST }, { fullRange: true }],
  ["range and colours", { signal: { fullRange: false, colour: [9, 16, 10] }, ...LAST }, {
    fullRange: false,
    colour: { primaries: 9, transfer: 16, matrix: 10 },
  }],
  ["chroma location", { chromaLocation: [2, 5], ...LAST }, {}],
  ["29.97 pictures a second, fixed", {
    timing: { unitsInTick: 1001, timeScale: 60_000 },
    ...LAST,
  }, { frameRate: 60_000 / 2002, fixedFrameRate: true }],
  ["times of 32 bits", {
    timing: { unitsInTick: 0x8000_0001, timeScale: 0xffff_ffff, fixed: false },
    ...LAST,
  }, { frameRate: 0xffff_ffff / 0x8000_0001 / 2, fixedFrameRate: false }],
  ["a rate without a tick", { timing: { unitsInTick: 0, timeScale: 60 }, ...LAST }, {
    fixedFrameRate: true,
  }],
  ["a rate no camera has", { timing: { unitsInTick: 1, timeScale: 90_000 }, ...LAST }, {
    fixedFrameRate: true,
  }],
  ["NAL HRD of one buffer", { nalHrd: { buffers: 1 }, ...LAST }, {}],
  ["VCL HRD of 32 buffers", { vclHrd: { buffers: 32 }, ...LAST }, {}],
  ["everything", {
    aspect: 14,
    overscan: false,
    signal: { fullRange: true, colour: [1, 13, 1] },
    chromaLocation: [0, 0],
    timing: { unitsInTick: 1, timeScale: 50 },
    nalHrd: { buffers: 2 },
    vclHrd: { buffers: 3 },
    ...LAST,
  }, {
    pixelAspect: { horizontal: 4, vertical: 3 },
    fullRange: true,
    colour: { primaries: 1, transfer: 13, matrix: 1 },
    frameRate: 25,
    fixedFrameRate: true,
  }],
];

for (const [name, vui, expected] of VUIS) {
  Deno.test(`VUI: ${name}`, () => {
    const reorder = vui?.restriction ? { maxReorderFrames: 3 } : {};
    assert.deepEqual(readSps(sps({ ...(vui ? { vui } : {}) }))?.vui, { ...expected, ...reorder });
  });
}

Deno.test("a VUI that is cut short is left out, the picture's size is known", () => {
  const whole = sps({ vui: { timing: { unitsInTick: 1, timeScale: 50 }, ...LAST } });
  const read = readSps(whole.subarray(0, whole.length - 4));
  assert.equal(read?.width, 320);
  assert.equal(read?.vui, undefined);
});

const SENSELESS: readonly (readonly [string, Uint8Array])[] = [
  ["nothing", new Uint8Array()],
  ["a header alone", new Uint8Array([0x67])],
  ["an id above 31", sps({ id: 32 })],
  ["wider than any level allows", sps({ widthMbs: 1025 })],
  ["higher than any level allows", sps({ heightMapUnits: 513, interlaced: true })],
  ["cropped away", sps({ crop: { left: 80, right: 80, top: 0, bottom: 0 } })],
  ["a chroma format of 4", sps({ profile: 100, chroma: { format: 4 } })],
  ["16 bits of depth", sps({ profile: 110, chroma: { format: 1, luma: 16 } })],
  ["zeros all through", escape(new Uint8Array(64).fill(0x67, 0, 1))],
];

for (const [name, unit] of SENSELESS) {
  Deno.test(`senseless SPS: ${name}`, () => assert.equal(readSps(unit), undefined));
}

Deno.test("an SPS cut anywhere, or with any bit turned, is read or refused and never throws", () => {
  const whole = sps({
    profile: 100,
    vui: { signal: { fullRange: true }, nalHrd: { buffers: 1 }, ...LAST },
  });
  for (let length = 0; length < whole.length; length++) readSps(whole.subarray(0, length));
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const turned = whole.slice();
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ 1 << bit % 8;
    const read = readSps(turned);
    assert.ok(read === undefined || (read.width > 0 && read.width <= 16_384));
  }
});
