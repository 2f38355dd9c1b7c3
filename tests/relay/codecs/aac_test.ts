/** AAC frames out of ADTS: headers bit by bit, frames cut anywhere, times, and what esds says. */

import assert from "node:assert/strict";
import { concatBytes, toHex } from "../../../shared/bytes.ts";
import { aac } from "../../../relay/codecs/aac.ts";
import { adts, type AdtsDescription, rawFrame } from "../../support/adts_builder.ts";
import { Elementary } from "../../support/elementary.ts";
import { fromHex } from "../../support/hex.ts";
import { randomFrom } from "../../support/random.ts";

/** Frames that can be told apart. */
function frames(count: number, description: AdtsDescription = {}, first = 0): Uint8Array[] {
  return Array.from(
    { length: count },
    (_, i) => adts({ ...description, payload: rawFrame(first + i, 20 + (i * 5) % 17) }),
  );
}

function payloads(found: Elementary): string[] {
  return found.samples.map(({ units }) => units.map(toHex).join());
}

const expectedPayloads = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => toHex(rawFrame(i, 20 + (i * 5) % 17)));

const SETUPS: readonly (readonly [string, AdtsDescription, {
  readonly codec: string;
  readonly rate: number;
  readonly channels: number;
  readonly config: string;
}])[] = [
  ["a HERO4's: MPEG-2, LC, 48 kHz, stereo", { mpeg2: true }, {
    codec: "mp4a.40.2",
    rate: 48_000,
    channels: 2,
    config: "1190",
  }],
  ["LC, 44.1 kHz, mono, with CRC", { rateIndex: 4, channels: 1, crc: true }, {
    codec: "mp4a.40.2",
    rate: 44_100,
    channels: 1,
    config: "1208",
  }],
  ["Main, 96 kHz, 5.1", { profile: 0, rateIndex: 0, channels: 6 }, {
    codec: "mp4a.40.1",
    rate: 96_000,
    channels: 6,
    config: "0830",
  }],
  ["LTP, 7350 Hz, 7.1", { profile: 3, rateIndex: 12, channels: 7 }, {
    codec: "mp4a.40.4",
    rate: 7350,
    channels: 8,
    config: "2638",
  }],
];

for (const [name, description, expected] of SETUPS) {
  Deno.test(`set-up: ${name}`, () => {
    const found = new Elementary(aac).packet(concatBytes(frames(2, description)), { pts: 0 });
    assert.deepEqual(found.order, ["config", "sample", "sample"]);
    const [config] = found.configs;
    assert.ok(config?.kind === "audio");
    assert.equal(config.codec, expected.codec);
    assert.equal(config.sampleRate, expected.rate);
    assert.equal(config.timescale, expected.rate);
    assert.equal(config.channels, expected.channels);
    assert.equal(
      toHex(config.config.bytes),
      // ES_Descriptor, DecoderConfigDescriptor, DecoderSpecificInfo, SLConfigDescriptor
      "00000000" + "0319000000" + "0411" + "4015" + "0000000000000000000000" + "0502" +
        expected.config + "060102",
    );
    assert.deepEqual(payloads(found), expectedPayloads(2));
    assert.deepEqual(found.samples.map(({ duration, key }) => [duration, key]), [
      [1024, true],
      [1024, true],
    ]);
  });
}

Deno.test("set-up: every rate with every channel configuration, as MPEG-2 and as MPEG-4", () => {
  const rates = [96, 88.2, 64, 48, 44.1, 32, 24, 22.05, 16, 12, 11.025, 8, 7.35];
  const channels = [1, 2, 3, 4, 5, 6, 8];
  for (const [rateIndex, kilohertz] of rates.entries()) {
    for (const [i, count] of channels.entries()) {
      for (const mpeg2 of [true, false]) {
        const frame = adts({ rateIndex, channels: i + 1, mpeg2 });
        const found = new Elementary(aac).packet(concatBytes([frame, frame]), { pts: 0 });
        const [config] = found.configs;
        assert.ok(config?.kind === "audio");
        assert.deepEqual([config.sampleRate, config.channels], [kilohertz * 1000, count]);
        const step = (found.samples[1]?.dts ?? 0) - (found.samples[0]?.dts ?? 0);
        assert.equal(Math.round(step * 1000), Math.round(1024 * 90_000 / kilohertz));
      }
    }
  }
});

Deno.test("literal bytes: an ffmpeg ADTS header around three bytes", () => {
  const found = new Elementary(aac).packet(
    fromHex("fff150800 15ffc 21 10 04".replaceAll(" ", "")),
    {
      pts: 1,
    },
  );
  assert.deepEqual(payloads(found), ["211004"]);
  assert.ok(found.configs[0]?.kind === "audio" && found.configs[0].sampleRate === 44_100);
});

Deno.test("several frames of a packet follow its time stamp, 1024 samples apart", () => {
  const found = new Elementary(aac).packet(concatBytes(frames(3, { rateIndex: 4 })), { pts: 900 });
  const step = 1024 * 90_000 / 44_100;
  assert.deepEqual(found.samples.map(({ dts }) => dts), [900, 900 + step, 900 + 2 * step]);
  assert.deepEqual(found.samples.map(({ pts }) => pts), found.samples.map(({ dts }) => dts));
});

Deno.test("a packet without a time stamp goes on where the last ended", () => {
  const [a, b, c] = frames(3);
  const found = new Elementary(aac).packet(a ?? new Uint8Array(), { pts: 500 });
  found.packet(b ?? new Uint8Array()).packet(c ?? new Uint8Array(), { pts: 9000 });
  assert.deepEqual(found.samples.map(({ dts }) => dts), [500, 500 + 1920, 9000]);
});

Deno.test("before the first time stamp, and after a gap, frames have no time and are left out", () => {
  const [a, b, c] = frames(3);
  const found = new Elementary(aac).packet(a ?? new Uint8Array());
  assert.deepEqual([found.samples.length, found.unreadable], [0, 1]);
  found.packet(b ?? new Uint8Array(), { pts: 100 });
  found.stream.gap();
  found.packet(c ?? new Uint8Array());
  assert.deepEqual([found.samples.length, found.unreadable], [1, 2]);
});

Deno.test("a time stamp belongs to the first frame that begins in its packet", () => {
  const bytes = concatBytes(frames(3));
  const cut = adts({ payload: rawFrame(0, 20) }).length + 10; // in the second frame
  const found = new Elementary(aac).packet(bytes.subarray(0, cut), { pts: 1000, arrival: 1 });
  found.packet(bytes.subarray(cut), { pts: 5000, arrival: 2 });
  assert.deepEqual(payloads(found), expectedPayloads(3));
  assert.deepEqual(found.samples.map(({ dts }) => dts), [1000, 2920, 5000]);
  assert.deepEqual(found.samples.map(({ arrival }) => arrival), [1, 1, 2]);
});

Deno.test("a frame over many packets came when its first byte did", () => {
  const [a = new Uint8Array(), b = new Uint8Array()] = frames(2);
  const found = new Elementary(aac).packet(a, { pts: 0, arrival: 1 });
  for (let i = 0; i < b.length; i++) {
    found.packet(b.subarray(i, i + 1), { ...(i === 0 ? { pts: 1920 } : {}), arrival: 10 + i });
  }
  assert.deepEqual(payloads(found), expectedPayloads(2));
  assert.equal(found.samples[1]?.arrival, 10);
});

Deno.test("cut anywhere, the frames are the same", () => {
  const seed = 3;
  const random = randomFrom(seed);
  const bytes = concatBytes(frames(40));
  for (
    const next of [() => 1, () => 2, () => 6, () => 8, () => 1 + random(60), () => 1 + random(9)]
  ) {
    const found = new Elementary(aac);
    for (let at = 0, first = true; at < bytes.length; first = false) {
      const length = next();
      found.packet(bytes.subarray(at, at + length), first ? { pts: 0 } : {});
      at += length;
    }
    assert.deepEqual(payloads(found), expectedPayloads(40), `seed ${seed}`);
    assert.equal(found.unreadable, 0);
    assert.equal(found.samples.at(-1)?.dts, 39 * 1920);
  }
});

Deno.test("noise before and between frames is passed over and counted once each time", () => {
  const [a = new Uint8Array(), b = new Uint8Array()] = frames(2);
  const noise = new Uint8Array(30).fill(0x5a);
  const found = new Elementary(aac).packet(concatBytes([noise, a, b, noise]), { pts: 0 });
  found.packet(concatBytes([a, b]), { pts: 9000 });
  assert.deepEqual(payloads(found), [...expectedPayloads(2), ...expectedPayloads(2)]);
  assert.equal(found.unreadable, 3);
});

Deno.test("a sync word in the noise that leads to no other is not believed", () => {
  const [a = new Uint8Array(), b = new Uint8Array()] = frames(2);
  const trap = adts({ payload: new Uint8Array(5) }).subarray(0, 7);
  const found = new Elementary(aac).packet(concatBytes([new Uint8Array(3), trap, a, b]), {
    pts: 0,
  });
  assert.deepEqual(payloads(found), expectedPayloads(2));
  assert.equal(found.configs.length, 1);
});

Deno.test("another set-up is believed when a second frame has it", () => {
  const found = new Elementary(aac).packet(concatBytes(frames(2)), { pts: 0 });
  found.packet(concatBytes(frames(3, { rateIndex: 4 })), { pts: 9000 });
  assert.deepEqual(found.configs.map((config) => config.timescale), [48_000, 44_100]);
  assert.equal(found.samples.length, 4);
  assert.equal(found.unreadable, 1);
});

Deno.test("one damaged header changes nothing but its own frame", () => {
  const list = frames(5);
  const damaged = list[2];
  if (damaged) damaged[2] = (damaged[2] ?? 0) ^ 0x10; // another rate
  const found = new Elementary(aac).packet(concatBytes(list), { pts: 0 });
  assert.equal(found.configs.length, 1);
  assert.deepEqual(found.samples.map(({ dts }) => dts), [0, 1920, 3 * 1920, 4 * 1920]);
  assert.equal(found.unreadable, 1);
});

Deno.test("a length that lies does not swallow the packets that follow", () => {
  const [a = new Uint8Array(), lying = new Uint8Array(), c = new Uint8Array()] = frames(3);
  lying[3] = (lying[3] ?? 0) | 3; // aac_frame_length: more than 6000 bytes
  const found = new Elementary(aac).packet(a, { pts: 0 }).packet(lying, { pts: 1920 });
  found.packet(c, { pts: 3840 });
  assert.deepEqual(found.samples.map(({ dts }) => dts), [0, 3840]);
  assert.equal(found.unreadable, 1);
});

Deno.test("several raw data blocks in a frame are left out, their time passes", () => {
  const list = [...frames(1), adts({ blocks: 3 }), ...frames(1)];
  const found = new Elementary(aac).packet(concatBytes(list), { pts: 0 });
  assert.deepEqual(found.samples.map(({ dts }) => dts), [0, 4 * 1920]);
  assert.equal(found.unreadable, 1);
});

Deno.test("channels described inside the frames are refused in words, once", () => {
  const found = new Elementary(aac);
  for (let i = 0; i < 3; i++) found.packet(concatBytes(frames(2, { channels: 0 })), { pts: i });
  assert.deepEqual(found.order, ["refused"]);
  assert.match(found.refusals[0] ?? "", /channel configuration 0.*mono or stereo\.$/);
});

const NO_HEADERS: readonly (readonly [string, readonly number[]])[] = [
  ["a layer", [0xff, 0xf3, 0x4c, 0x80, 2, 0x1f, 0xfc]],
  ["a reserved rate", [0xff, 0xf1, 0x74, 0x80, 2, 0x1f, 0xfc]],
  ["a frame shorter than its header", [0xff, 0xf1, 0x4c, 0x80, 0, 0xff, 0xfc]],
];

for (const [name, header] of NO_HEADERS) {
  Deno.test(`no ADTS header: ${name}`, () => {
    const found = new Elementary(aac).packet(
      concatBytes([new Uint8Array(header), new Uint8Array(9), ...frames(2)]),
      { pts: 0 },
    );
    assert.deepEqual(payloads(found), expectedPayloads(2));
  });
}

Deno.test("a packet as large as a PES packet may be, with a frame held over, loses none", () => {
  const big = adts({ payload: rawFrame(1, 8000) });
  const bytes = concatBytes(Array.from({ length: 17 }, () => big));
  const found = new Elementary(aac).packet(bytes.subarray(0, 7900), { pts: 0 });
  for (let at = 7900; at < bytes.length; at += 65_500) {
    found.packet(bytes.subarray(at, at + 65_500));
  }
  assert.deepEqual([found.samples.length, found.unreadable], [17, 0]);
});

Deno.test("a gap forgets the frame that was held over", () => {
  const list = frames(3);
  const [a = new Uint8Array(), b = new Uint8Array(), c = new Uint8Array()] = list;
  const found = new Elementary(aac).packet(concatBytes([a, b.subarray(0, 12)]), { pts: 0 });
  found.stream.gap();
  found.packet(c, { pts: 9000 });
  assert.deepEqual(found.samples.map(({ dts }) => dts), [0, 9000]);
  assert.equal(found.unreadable, 0);
});
