/** Fields joined to frames, recovery points as starts, and what cannot be decoded after an entry. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import { h264 } from "../../../relay/codecs/h264.ts";
import { h265 } from "../../../relay/codecs/h265.ts";
import { REFRESH_PATIENCE } from "../../../relay/codecs/nal_stream.ts";
import {
  annexB,
  DELIMITER,
  pictureSlice,
  pps,
  recoveryPoint,
  sps,
} from "../../support/avc_builder.ts";
import { Elementary } from "../../support/elementary.ts";
import { fromHex } from "../../support/hex.ts";

const FIELD = 1800;
const FRAME = 3600;
const SETS = [sps({ interlaced: true }), pps()];

function field(
  index: number,
  { key = false, frameNum = index >> 1 }: { key?: boolean; frameNum?: number } = {},
): Uint8Array {
  const type = key ? "idr" : "reference";
  const half = index % 2 === 0 ? "top" : "bottom";
  return pictureSlice({ type, frameNum, field: half, seed: index });
}

Deno.test("PAFF: two fields in a packet each become one sample, with the times of the first", () => {
  const found = new Elementary(h264);
  for (let i = 0; i < 6; i++) {
    const units = [DELIMITER, ...(i === 0 ? SETS : []), field(i, { key: i === 0 })];
    found.packet(annexB(units), { pts: 90_000 + i * FIELD, arrival: i });
  }
  assert.deepEqual(found.samples.map(({ dts, arrival }) => [dts, arrival]), [
    [90_000, 0],
    [90_000 + FRAME, 2],
    [90_000 + 2 * FRAME, 4],
  ]);
  assert.deepEqual(found.samples.map(({ units }) => units), [
    [field(0, { key: true }), field(1)],
    [field(2), field(3)],
    [field(4), field(5)],
  ]);
  assert.deepEqual(found.samples.map(({ key }) => key), [true, false, false]);
});

Deno.test("PAFF: both fields in one packet, and frames between field pairs", () => {
  const found = new Elementary(h264);
  const frame = (frameNum: number) => pictureSlice({ frameNum, field: "frame", seed: 9 });
  const packets = [
    [...SETS, field(0, { key: true }), field(1)],
    [frame(1)],
    [field(4), field(5)],
    [frame(3)],
  ];
  packets.forEach((units, i) => found.packet(annexB(units), { pts: i * FRAME }));
  assert.deepEqual(found.samples.map(({ units }) => units.length), [2, 1, 2, 1]);
});

Deno.test("PAFF: a field that lost its other half goes out alone, and the next pair is whole", () => {
  const found = new Elementary(h264);
  const lone = field(2);
  const packets = [[...SETS, field(0, { key: true }), field(1)], [lone], [field(4)], [field(5)]];
  packets.forEach((units, i) => found.packet(annexB(units), { pts: i * FIELD }));
  assert.deepEqual(found.samples.map(({ units }) => units), [
    [field(0, { key: true }), field(1)],
    [lone],
    [field(4), field(5)],
  ]);
});

Deno.test("an exact recovery point is a start; a gradual one only where nothing else has come for long", () => {
  const found = new Elementary(h264);
  const sets = [sps(), pps()];
  const at = (dts: number, units: readonly Uint8Array[]) =>
    found.packet(annexB(units), { pts: dts });
  at(0, [...sets, pictureSlice({ type: "idr" })]);
  at(3600, [recoveryPoint(0), pictureSlice({ frameNum: 1 })]);
  at(7200, [recoveryPoint(20), pictureSlice({ frameNum: 2 })]);
  at(3600 + REFRESH_PATIENCE, [recoveryPoint(20), pictureSlice({ frameNum: 3 })]);
  at(7200 + REFRESH_PATIENCE, [pictureSlice({ frameNum: 4 })]);
  assert.deepEqual(found.samples.map(({ key }) => key), [true, true, false, true, false]);
});

Deno.test("a stream of gradual refreshes alone is entered at the first", () => {
  const found = new Elementary(h264);
  found.packet(annexB([sps(), pps(), pictureSlice({ frameNum: 5 })]), { pts: 0 });
  found.packet(annexB([recoveryPoint(9), pictureSlice({ frameNum: 6 })]), { pts: 3600 });
  assert.deepEqual(found.samples.map(({ key }) => key), [false, true]);
});

Deno.test("entered at an open group of H.264, what is shown before its first picture is left out, times close up", () => {
  const found = new Elementary(h264);
  const shown = [4, 1, 2, 7, 5, 6]; // in decoding order, by place of presentation
  shown.forEach((place, i) => {
    const head = i === 0 ? [sps(), pps(), recoveryPoint(0)] : [];
    found.packet(annexB([...head, pictureSlice({ frameNum: i })]), {
      pts: (place + 1) * FRAME,
      dts: i * FRAME,
    });
  });
  assert.deepEqual(found.samples.map(({ pts }) => pts / FRAME - 1), [4, 7, 5, 6]);
  assert.deepEqual(found.samples.map(({ dts }) => dts / FRAME), [0, 1, 2, 3]);
  assert.equal(found.order.filter((call) => call === "undecodable").length, 2);
});

Deno.test("in the middle of a stream an open group loses nothing", () => {
  const found = new Elementary(h264);
  found.packet(annexB([sps(), pps(), pictureSlice({ type: "idr" })]), { pts: FRAME, dts: 0 });
  found.packet(annexB([recoveryPoint(0), pictureSlice({ frameNum: 1 })]), {
    pts: 4 * FRAME,
    dts: FRAME,
  });
  found.packet(annexB([pictureSlice({ frameNum: 2 })]), { pts: 2 * FRAME, dts: 2 * FRAME });
  assert.equal(found.samples.length, 3);
});

/** x265's, of a clip made for tests: 322×182. */
const H265_SETS = [
  fromHex("40010c01ffff02200000030090000003000003003c959009"),
  fromHex(
    "42010102200000030090000003000003003ca00a480b9c94d96564924caf016e0202020800001f480003a98040",
  ),
  fromHex("4401c172b46240"),
];
const CRA = 21;
const RASL = 9;
const RADL = 7;
const TRAIL = 1;

function h265Slice(type: number, seed: number): Uint8Array {
  return concatBytes([new Uint8Array([type << 1, 1, 0x80 | seed]), new Uint8Array(30).fill(seed)]);
}

Deno.test("entered at a CRA picture, its RASL pictures are left out and its RADL pictures stay; later they all stay", () => {
  const found = new Elementary(h265);
  const group = [CRA, RASL, RADL, TRAIL];
  const shown = [3, 1, 2, 4];
  [0, 1].forEach((round) =>
    group.forEach((type, i) =>
      found.packet(annexB([...(i === 0 ? H265_SETS : []), h265Slice(type, 1 + i)]), {
        pts: ((shown[i] ?? 0) + 1 + 4 * round) * FRAME,
        dts: (i + 4 * round) * FRAME,
      })
    )
  );
  const types = found.samples.map(({ units }) => ((units[0]?.[0] ?? 0) >> 1) & 63);
  assert.deepEqual(types, [CRA, RADL, TRAIL, ...group]);
  assert.deepEqual(found.samples.map(({ key }) => key).slice(0, 4), [true, false, false, true]);
  assert.deepEqual(found.samples.map(({ dts }) => dts / FRAME), [0, 1, 2, 3, 4, 5, 6]);
});

Deno.test("a picture set that changes in mid-group goes in band, and into the set-up at the next start", () => {
  const found = new Elementary(h264);
  const other = concatBytes([pps(), new Uint8Array([0x11])]);
  const packets = [
    [sps(), pps(), pictureSlice({ type: "idr" })],
    [pictureSlice({ frameNum: 1 })],
    [other],
    [pictureSlice({ frameNum: 2 })],
    [pictureSlice({ frameNum: 3 })],
    [sps(), other, pictureSlice({ type: "idr", seed: 4 })],
  ];
  packets.forEach((units, i) => found.packet(annexB(units), { pts: i * FRAME }));
  assert.deepEqual(found.samples.map(({ units }) => units.length), [1, 1, 2, 1, 1]);
  assert.deepEqual(found.samples[2]?.units[0], other);
  assert.deepEqual(found.order.filter((call) => call !== "undecodable"), [
    ...["config", "sample", "sample", "sample", "sample"],
    ...["config", "sample"],
  ]);
});

Deno.test("sets before one picture that contradict each other are read once", () => {
  const found = new Elementary(h264);
  const units = [sps({ interlaced: true }), sps({ id: 1 }), sps({ interlaced: true, level: 31 })];
  for (let i = 0; i < 3; i++) {
    const picture = pictureSlice({ type: "idr", field: "frame", seed: i });
    found.packet(annexB([...units, pps(), picture]), { pts: i * FRAME });
  }
  assert.equal(found.samples.length, 3);
});
