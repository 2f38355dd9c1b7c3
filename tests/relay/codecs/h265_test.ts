/** H.265 access units to samples and hvcC. The parameter sets are x265's, of a clip made for this test. */

import assert from "node:assert/strict";
import { toHex } from "../../../shared/bytes.ts";
import { h265 } from "../../../relay/codecs/h265.ts";
import { readH265Sps } from "../../../relay/codecs/h265_sps.ts";
import { annexB } from "../../support/avc_builder.ts";
import { Elementary } from "../../support/elementary.ts";
import { fromHex } from "../../support/hex.ts";

/** 322×182, 29.97 fps, 10 bits, full range, BT.709: main 10, level 2. */
const VPS = fromHex("40010c01ffff02200000030090000003000003003c959009");
const SPS = fromHex(
  "42010102200000030090000003000003003ca00a480b9c94d96564924caf016e0202020800001f480003a98040",
);
const PPS = fromHex("4401c172b46240");
const DELIMITER = fromHex("460150");
const SEI = fromHex("4e01050180");

/** A slice of that nal_unit_type. */
function slice(type: number, seed = 1): Uint8Array {
  return new Uint8Array([type << 1, 1, 0x80, seed, 0x55]);
}

const TRAIL = 1;
const IDR = 19;
const CRA = 21;

Deno.test("SPS: size after the window, depth, range, colour, rate", () => {
  const sps = readH265Sps(SPS);
  assert.deepEqual([sps?.width, sps?.height], [322, 182]);
  assert.deepEqual([sps?.chromaFormat, sps?.bitDepthLuma, sps?.bitDepthChroma], [1, 10, 10]);
  assert.deepEqual([sps?.profile.profile, sps?.profile.level], [2, 60]);
  assert.equal(sps?.vui?.fullRange, true);
  assert.deepEqual(sps?.vui?.colour, { primaries: 1, transfer: 1, matrix: 1 });
  assert.equal(sps?.vui?.frameRate, 30_000 / 1001);
});

Deno.test("SPS: cut anywhere it is refused or loses its VUI, and nothing is thrown", () => {
  for (let length = 0; length < SPS.length; length++) {
    const sps = readH265Sps(SPS.subarray(0, length));
    assert.ok(sps === undefined || sps.vui === undefined || length > SPS.length - 3, `${length}`);
  }
});

Deno.test("a key picture: set up first, the sets out of the sample, codec string and hvcC", () => {
  const found = new Elementary(h265).packet(
    annexB([DELIMITER, VPS, SPS, PPS, SEI, slice(IDR)]),
    { pts: 6000, dts: 3000 },
  );
  assert.deepEqual(found.order, ["config", "sample"]);
  assert.deepEqual(found.samples[0]?.units.map(toHex), [SEI, slice(IDR)].map(toHex));
  assert.equal(found.samples[0]?.key, true);
  const [config] = found.configs;
  assert.ok(config?.kind === "video");
  assert.equal(config.codec, "hvc1.2.4.L60.90");
  assert.deepEqual([config.sampleEntry, config.config.type], ["hvc1", "hvcC"]);
  assert.equal(
    toHex(config.config.bytes),
    "01" + "02" + "20000000" + "900000000000" + "3c" + "f000" + "fc" + "fd" + "fa" + "fa" + "0000" +
      "0f" + "03" + // one sub-layer, nested, four-byte lengths; three arrays
      "a0" + "0001" + "0018" + toHex(VPS) +
      "a1" + "0001" + "002d" + toHex(SPS) +
      "a2" + "0001" + "0007" + toHex(PPS),
  );
});

Deno.test("keys are the pictures a decoder can start at, IDR and CRA; others are not", () => {
  const found = new Elementary(h265)
    .packet(annexB([VPS, SPS, PPS, slice(CRA)]), { pts: 0 })
    .packet(annexB([slice(TRAIL)]), { pts: 3000 })
    .packet(annexB([slice(IDR)]), { pts: 6000 });
  assert.deepEqual(found.samples.map(({ key }) => key), [true, false, true]);
});

Deno.test("no picture before all three kinds of sets", () => {
  const found = new Elementary(h265)
    .packet(annexB([SPS, PPS, slice(IDR)]), { pts: 0 })
    .packet(annexB([VPS, slice(IDR)]), { pts: 3000 });
  assert.deepEqual(found.order, ["config", "sample"]);
  assert.equal(found.samples[0]?.pts, 3000);
});
