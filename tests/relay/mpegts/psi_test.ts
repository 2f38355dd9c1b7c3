/** PAT and PMT from whole sections. */

import assert from "node:assert/strict";
import { readPat, readPmt } from "../../../relay/mpegts/psi.ts";
import { AAC, H264, patSection, pmtSection } from "../../support/ts_builder.ts";

/** What an assembler hands on. */
function body(section: Uint8Array): Uint8Array {
  return section.subarray(0, -4);
}

Deno.test("PAT: literal bytes of ffmpeg's own", () => {
  // 00 b0 0d 00 01 c1 00 00 | 00 01 f0 00: program 1 at 0x1000
  const section = new Uint8Array([0x00, 0xb0, 0x0d, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0x00]);
  assert.deepEqual(readPat(section), {
    programs: [{ programNumber: 1, pmtPid: 0x1000 }],
    version: 0,
    section: 0,
    lastSection: 0,
  });
});

Deno.test("PAT: the network's PID is no program", () => {
  const section = patSection([{ program: 0, pid: 0x10 }, { program: 7, pid: 0x1ffe }]);
  assert.deepEqual(readPat(body(section))?.programs, [{ programNumber: 7, pmtPid: 0x1ffe }]);
});

Deno.test("PAT: one section of several says so", () => {
  const section = patSection([{ program: 1, pid: 0x20 }], { number: 1, last: 2, version: 9 });
  const { section: number, lastSection, version } = readPat(body(section)) ?? {};
  assert.deepEqual([number, lastSection, version], [1, 2, 9]);
});

Deno.test("PAT: not in force yet, or another table", () => {
  assert.equal(readPat(body(patSection([], { current: false }))), undefined);
  assert.equal(readPat(body(pmtSection([]))), undefined);
  assert.equal(readPat(new Uint8Array([0, 0xb0, 1])), undefined);
});

Deno.test("PMT: streams with their types and descriptors, behind program_info", () => {
  const section = pmtSection([
    { pid: 0x1011, type: H264 },
    { pid: 0x1100, type: AAC, descriptors: [10, 4, 0x65, 0x6e, 0x67, 0] },
    { pid: 0x200, type: 0x80 },
  ], { program: 9, version: 31, info: [5, 4, 1, 2, 3, 4] });
  assert.deepEqual(readPmt(body(section)), {
    programNumber: 9,
    version: 31,
    streams: [
      { pid: 0x1011, streamType: H264, descriptors: new Uint8Array(0) },
      {
        pid: 0x1100,
        streamType: AAC,
        descriptors: new Uint8Array([10, 4, 0x65, 0x6e, 0x67, 0]),
      },
      { pid: 0x200, streamType: 0x80, descriptors: new Uint8Array(0) },
    ],
  });
});

Deno.test("PMT: lengths that pass the section's end end the list", () => {
  const whole = body(pmtSection([{ pid: 0x20, type: H264 }, { pid: 0x21, type: AAC }]));
  const cut = whole.slice();
  cut[20] = 0xf0;
  cut[21] = 200; // ES_info_length of the second
  assert.deepEqual(readPmt(cut)?.streams.map(({ pid }) => pid), [0x20]);
  const info = whole.slice();
  info[11] = 0xff; // program_info_length
  assert.deepEqual(readPmt(info)?.streams, []);
});

Deno.test("PMT: not in force yet, or another table", () => {
  assert.equal(readPmt(body(pmtSection([], { current: false }))), undefined);
  assert.equal(readPmt(body(patSection([]))), undefined);
  assert.equal(readPmt(new Uint8Array([2, 0xb0, 1])), undefined);
});
