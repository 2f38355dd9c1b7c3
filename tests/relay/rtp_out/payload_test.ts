/** Samples into RTP payloads, byte for byte: RFC 6184 for H.264, RFC 7798 for H.265, RFC 3640 for AAC, RFC 7587 for Opus. */

import assert from "node:assert/strict";
import type { Track } from "../../../shared/media.ts";
import { concatBytes } from "../../../shared/bytes.ts";
import { aacPayloads } from "../../../relay/rtp_out/aac_payload.ts";
import { h264Payloads } from "../../../relay/rtp_out/h264_payload.ts";
import { h265Payloads } from "../../../relay/rtp_out/h265_payload.ts";
import { payloadWriter } from "../../../relay/rtp_out/payload.ts";
import { senderReport } from "../../../relay/rtp_out/rtcp.ts";
import { writeSdp } from "../../../relay/rtp_out/sdp.ts";
import { micros } from "../../../shared/units.ts";

const SPS = Uint8Array.of(0x67, 0x4d, 0x40, 0x15);
const PPS = Uint8Array.of(0x68, 0xee);
const AVC_C = Uint8Array.of(1, 0x4d, 0x40, 0x15, 0xff, 0xe1, 0, 4, ...SPS, 1, 0, 2, ...PPS);
/** AAC-LC, 48 kHz, stereo: 0x1190. */
const ESDS = Uint8Array.of(
  ...[0, 0, 0, 0, 3, 25, 0, 0, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[5, 2, 0x11, 0x90, 6, 1, 2],
);
const AAC_TRACK: Track = {
  ...{ id: 2, kind: "audio", codec: "mp4a.40.2", timescale: 48_000, sampleEntry: "mp4a" },
  config: { type: "esds", bytes: ESDS },
  ...{ sampleRate: 48_000, channels: 2 },
};
const PICTURE_TRACK: Track = {
  ...{ id: 1, kind: "video", codec: "avc1.4d4015", timescale: 90_000, sampleEntry: "avc1" },
  config: { type: "avcC", bytes: AVC_C },
  ...{ width: 320, height: 180 },
};

function unit(header: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => at === 0 ? header : at & 0xff);
}

function sampleOf(...units: readonly Uint8Array[]): Uint8Array {
  return concatBytes(units.flatMap((each) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, each.length);
    return [length, each];
  }));
}

Deno.test("H.264: small units travel together, with the parameter sets before a key picture", () => {
  const { payloads } = h264Payloads(AVC_C, 100);
  const sei = unit(0x06, 10);
  const slice = unit(0x65, 30);
  const [packet, ...more] = payloads([sampleOf(unit(0x09, 2), sei, slice)], true);
  assert.equal(more.length, 0);
  assert.equal(packet?.marker, true);
  assert.deepEqual(
    concatBytes(packet?.parts ?? []),
    Uint8Array.of(
      ...[0x60 | 24, 0, 4, ...SPS, 0, 2, ...PPS], // STAP-A, of the highest nal_ref_idc
      ...[0, 10, ...sei, 0, 30, ...slice],
    ),
  );
});

Deno.test("H.264: no parameter sets before other pictures, nor twice", () => {
  const { payloads } = h264Payloads(AVC_C, 100);
  const slice = unit(0x41, 30);
  assert.deepEqual(
    payloads([sampleOf(slice)], false).map(({ parts }) => concatBytes(parts)),
    [slice],
  );
  const [packet] = payloads([sampleOf(SPS, PPS, slice)], true);
  assert.equal(concatBytes(packet?.parts ?? []).length, 1 + 2 + 4 + 2 + 2 + 2 + 30);
});

Deno.test("H.264: a large unit goes in pieces that make it again", () => {
  const { payloads } = h264Payloads(AVC_C, 50);
  const slice = unit(0x41, 151);
  const packets = payloads([sampleOf(unit(0x06, 5), slice)], false);
  assert.deepEqual(packets.map(({ marker }) => marker), [false, false, false, false, true]);
  const [sei, ...pieces] = packets.map(({ parts }) => concatBytes(parts));
  assert.deepEqual(sei, unit(0x06, 5));
  for (const piece of pieces) assert.ok(piece.length <= 50);
  assert.deepEqual(pieces.map((piece) => piece[0]), Array(4).fill(0x40 | 28));
  assert.deepEqual(pieces.map((piece) => piece[1]), [0x81, 0x01, 0x01, 0x41]);
  const rest = concatBytes(pieces.map((piece) => piece.subarray(2)));
  assert.deepEqual(concatBytes([Uint8Array.of(0x41), rest]), slice);
});

/** hvcC with one set of each kind: Main, level 3.1. */
const H265_SETS = [
  Uint8Array.of(0x40, 0x01, 0x0c),
  Uint8Array.of(0x42, 0x01, 0x01, 0x60),
  Uint8Array.of(0x44, 0x01, 0xc1),
];
const HVC_C = Uint8Array.of(
  ...[1, 0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0f],
  ...[3, ...H265_SETS.flatMap((set, at) => [0xa0 + at, 0, 1, 0, set.length, ...set])],
);

Deno.test("H.265: each unit by itself, with the parameter sets before a key picture, and no delimiter", () => {
  const { payloads, parameters, encoding } = h265Payloads(HVC_C, 100);
  const slice = unit(0x26, 30);
  const delimiter = Uint8Array.of(0x46, 0x01, 0x50);
  const key = payloads([sampleOf(delimiter, slice)], true);
  assert.deepEqual(key.map(({ parts }) => concatBytes(parts)), [...H265_SETS, slice]);
  assert.deepEqual(key.map(({ marker }) => marker), [false, false, false, true]);
  const trail = unit(0x02, 30);
  assert.deepEqual(
    payloads([sampleOf(trail)], false).map(({ parts }) => concatBytes(parts)),
    [trail],
  );
  assert.equal(payloads([sampleOf(...H265_SETS, slice)], true).length, 4, "not twice");
  assert.equal(encoding, "H265/90000");
  assert.equal(
    parameters,
    "profile-space=0;profile-id=1;tier-flag=0;level-id=93;interop-constraints=900000000000;" +
      "sprop-vps=QAEM;sprop-sps=QgEBYA==;sprop-pps=RAHB",
  );
});

Deno.test("H.265: a large unit goes in pieces that make it again", () => {
  const { payloads } = h265Payloads(HVC_C, 50);
  const slice = unit(0x27, 2 + 3 * 47); // IDR_W_RADL, the highest bit of its layer set
  slice[1] = 0x0b;
  const packets = payloads([sampleOf(slice)], false);
  assert.deepEqual(packets.map(({ marker }) => marker), [false, false, true]);
  const pieces = packets.map(({ parts }) => concatBytes(parts));
  for (const piece of pieces) assert.ok(piece.length <= 50);
  assert.deepEqual(pieces.map(([a, b]) => [a, b]), Array(3).fill([(49 << 1) | 1, 0x0b]));
  assert.deepEqual(pieces.map((piece) => piece[2]), [0x80 | 19, 19, 0x40 | 19]);
  const rest = concatBytes(pieces.map((piece) => piece.subarray(3)));
  assert.deepEqual(concatBytes([slice.subarray(0, 2), rest]), slice);
});

Deno.test("AAC: frames behind their sizes, as many as fit; one that does not fit in pieces", () => {
  const aac = aacPayloads(AAC_TRACK, 100);
  const frames = [unit(1, 40), unit(2, 40), unit(3, 200)];
  const packets = aac?.payloads(frames, true) ?? [];
  assert.deepEqual(packets.map(({ sample, marker }) => [sample, marker]), [
    [0, true],
    [2, false],
    [2, false],
    [2, true],
  ]);
  const [two, first, second, third] = packets.map(({ parts }) => concatBytes(parts));
  assert.deepEqual(
    two,
    concatBytes([Uint8Array.of(0, 32, 1, 0x40, 1, 0x40), ...frames.slice(0, 2)]),
  );
  assert.deepEqual(first?.subarray(0, 4), Uint8Array.of(0, 16, 200 >> 5, (200 << 3) & 0xff));
  const pieces = [first, second, third].map((piece) => piece?.subarray(4) ?? new Uint8Array(0));
  assert.deepEqual(concatBytes(pieces), frames[2]);
});

Deno.test("a damaged esds, AV1 and what else has no payload format are left out", () => {
  assert.equal(
    payloadWriter({ ...AAC_TRACK, config: { type: "esds", bytes: new Uint8Array(6) } }),
    undefined,
  );
  assert.equal(payloadWriter({ ...PICTURE_TRACK, sampleEntry: "av01" }), undefined);
});

Deno.test("a session description names ports, parameter sets and the AAC's configuration", () => {
  const sdp = writeSdp({
    ...{ name: "porch", version: 3, address: "239.1.2.3", ports: { video: 5004, audio: 5006 } },
    tracks: [PICTURE_TRACK, AAC_TRACK],
  });
  assert.deepEqual(sdp.split("\r\n"), [
    "v=0",
    "o=- 3 3 IN IP4 239.1.2.3",
    "s=porch",
    "c=IN IP4 239.1.2.3/1",
    "t=0 0",
    "m=video 5004 RTP/AVP 96",
    "a=rtpmap:96 H264/90000",
    "a=fmtp:96 packetization-mode=1;profile-level-id=4D4015;sprop-parameter-sets=Z01AFQ==,aO4=",
    "a=sendonly",
    "m=audio 5006 RTP/AVP 97",
    "a=rtpmap:97 MPEG4-GENERIC/48000/2",
    "a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;" +
    "indexdeltalength=3;config=1190",
    "a=sendonly",
    "",
  ]);
});

Deno.test("a sender report says the time in NTP's way, and who sends", () => {
  const report = senderReport({
    ...{ ssrc: 0x01020304, cname: "porch@rill", time: micros(1_500_000) },
    ...{ timestamp: 0xfffffff0, packets: 7, bytes: 700 },
  });
  const view = new DataView(report.buffer);
  assert.deepEqual([...report.subarray(0, 8)], [0x80, 200, 0, 6, 1, 2, 3, 4]);
  assert.equal(view.getUint32(8), 2_208_988_801);
  assert.equal(view.getUint32(12), 0x80000000);
  assert.equal(view.getUint32(16), 0xfffffff0);
  assert.deepEqual([view.getUint32(20), view.getUint32(24)], [7, 700]);
  assert.deepEqual([...report.subarray(28, 36)], [0x81, 202, 0, 5, 1, 2, 3, 4]);
  assert.equal(report.length, 28 + 4 * 6);
  assert.equal(new TextDecoder().decode(report.subarray(38, 48)), "porch@rill");
});
