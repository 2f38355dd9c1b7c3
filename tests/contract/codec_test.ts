/** The codec contract, over every row of the codec table: a row without a fixture does not compile. */

import { concatBytes } from "../../shared/bytes.ts";
import { CODECS, REGISTERED_CODECS } from "../../relay/codecs/mod.ts";
import { adts, rawFrame } from "../support/adts_builder.ts";
import { annexB, DELIMITER, pps, SEI, slice, sps } from "../support/avc_builder.ts";
import { fromHex } from "../support/hex.ts";
import { opusPacket, opusUnit } from "../support/opus_builder.ts";
import { codecContract, type CodecFixture } from "./codec_contract.ts";

const PACKETS = 20;

/** x265's, of a clip made for tests: 322×182. */
const H265_SETS = [
  fromHex("40010c01ffff02200000030090000003000003003c959009"),
  fromHex(
    "42010102200000030090000003000003003ca00a480b9c94d96564924caf016e0202020800001f480003a98040",
  ),
  fromHex("4401c172b46240"),
];
const IDR_W_RADL = 19;
const TRAIL_R = 1;

function h265Slice(type: number, seed: number): Uint8Array {
  return concatBytes([new Uint8Array([type << 1, 1]), slice({ seed })]);
}

const FIXTURES: Readonly<Record<keyof typeof CODECS, CodecFixture>> = {
  0x0f: {
    packets: Array.from(
      { length: PACKETS },
      (_, i) =>
        concatBytes([adts({ payload: rawFrame(2 * i) }), adts({ payload: rawFrame(2 * i + 1) })]),
    ),
    samples: 2 * PACKETS,
    step: 2 * 1920,
  },
  0x1b: {
    packets: Array.from({ length: PACKETS }, (_, i) => {
      const sets = i % 5 === 0 ? [sps(), pps()] : [];
      return annexB([DELIMITER, ...sets, SEI, slice({ key: i % 5 === 0, seed: i })]);
    }),
    samples: PACKETS,
    step: 3000,
  },
  0x24: {
    packets: Array.from({ length: PACKETS }, (_, i) => {
      const isKey = i % 5 === 0;
      return annexB([...(isKey ? H265_SETS : []), h265Slice(isKey ? IDR_W_RADL : TRAIL_R, i)]);
    }),
    samples: PACKETS,
    step: 3000,
  },
};

for (const [streamType, fixture] of Object.entries(FIXTURES)) {
  const codec = CODECS[Number(streamType) as keyof typeof CODECS];
  codecContract(`0x${Number(streamType).toString(16)}`, { codec, fixture });
}

const REGISTERED: Readonly<Record<keyof typeof REGISTERED_CODECS, CodecFixture>> = {
  HEVC: FIXTURES[0x24],
  Opus: {
    packets: Array.from(
      { length: PACKETS },
      (_, i) => concatBytes([opusUnit(opusPacket(2 * i)), opusUnit(opusPacket(2 * i + 1))]),
    ),
    samples: 2 * PACKETS,
    step: 2 * 1800,
  },
};

for (const [name, fixture] of Object.entries(REGISTERED)) {
  const codec = REGISTERED_CODECS[name as keyof typeof REGISTERED_CODECS];
  codecContract(`registered as ${name}`, { codec, fixture });
}
