/** Followers of pictures: what they keep of a stream is bounded, whatever it sends. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import type { UnitCodec } from "../../../relay/codecs/codec.ts";
import { h264 } from "../../../relay/codecs/h264.ts";
import { h265 } from "../../../relay/codecs/h265.ts";
import { MAX_PARAMETER_SET_BYTES } from "../../../relay/codecs/parameter_sets.ts";
import { pictureSlice, pps, sps } from "../../support/avc_builder.ts";
import { fromHex } from "../../support/hex.ts";

const STREAMS: readonly {
  readonly codec: UnitCodec;
  readonly sps: Bytes;
  readonly pps: Bytes;
  readonly key: Bytes;
  readonly rate: number;
}[] = [{
  codec: h264,
  sps: sps({ vui: { timing: { unitsInTick: 1, timeScale: 50 } } }),
  pps: pps(),
  key: pictureSlice({ type: "idr" }),
  rate: 25,
}, {
  codec: h265,
  sps: fromHex(
    "42010102200000030090000003000003003ca00a480b9c94d96564924caf016e0202020800001f480003a98040",
  ),
  pps: fromHex("4401c172b46240"),
  key: fromHex("2601a0ffff"),
  rate: 30_000 / 1001,
}];

for (const { codec, sps, pps, key, rate } of STREAMS) {
  Deno.test(`${codec.name}: a parameter set longer than any may be is not kept`, () => {
    const pictures = codec.pictures();
    pictures.place(concatBytes([sps, new Uint8Array(MAX_PARAMETER_SET_BYTES).fill(0x55)]));
    pictures.place(pps);
    pictures.place(key);
    assert.equal(pictures.frameRate, undefined);
    pictures.place(sps);
    pictures.place(pps);
    pictures.place(key);
    assert.equal(pictures.frameRate, rate);
  });
}
