/** Opus out of a transport stream: control headers bit by bit, times, trims, and what dOps says. */

import assert from "node:assert/strict";
import { concatBytes, toHex } from "../../../shared/bytes.ts";
import { opus } from "../../../relay/codecs/opus.ts";
import { opusChannels, opusSamples } from "../../../relay/codecs/opus_packet.ts";
import { Elementary } from "../../support/elementary.ts";
import { fromHex } from "../../support/hex.ts";
import { opusDescriptors, opusPacket, opusUnit } from "../../support/opus_builder.ts";

const DURATIONS: readonly (readonly [string, string, number])[] = [
  ["SILK, 10 ms", "00", 480],
  ["SILK, 60 ms", "18", 2880],
  ["SILK, wide band, 20 ms", "48", 960],
  ["hybrid, 10 ms", "60", 480],
  ["hybrid, full band, 20 ms", "78", 960],
  ["CELT, 2.5 ms", "80", 120],
  ["CELT, full band, 20 ms", "fc", 960],
  ["two frames of equal size", "fd", 1920],
  ["two frames", "fe", 1920],
  ["six frames of 20 ms", "ff06", 5760],
  ["seven frames of 20 ms are too long", "ff07", 0],
  ["three frames of SILK, 60 ms, are too long", "1b03", 0],
  ["no frames", "ff00", 0],
  ["a count that is cut off", "ff", 0],
  ["nothing", "", 0],
];

for (const [name, bytes, samples] of DURATIONS) {
  Deno.test(`Opus packet: ${name}`, () => assert.equal(opusSamples(fromHex(bytes)), samples));
}

Deno.test("Opus packet: mono and stereo", () => {
  assert.deepEqual([opusChannels(fromHex("f8")), opusChannels(fromHex("fc"))], [1, 2]);
});

/** Descriptors, then what dOps must hold. */
const SETUPS: readonly (readonly [string, readonly number[], number, string])[] = [
  ["mono", opusDescriptors(1), 1, "00 01 0000 0000bb80 0000 00"],
  ["stereo", opusDescriptors(2), 2, "00 02 0000 0000bb80 0000 00"],
  ["5.1", opusDescriptors(6), 6, "00 06 0000 0000bb80 0000 01 04 02 00 04 01 02 03 05"],
  ["7.1", opusDescriptors(8), 8, "00 08 0000 0000bb80 0000 01 05 03 00 06 01 02 03 04 05 07"],
  ["no descriptor: as the packet has it", opusDescriptors(), 2, "00 02 0000 0000bb80 0000 00"],
];

function open(descriptors: readonly number[] = opusDescriptors(2)): Elementary {
  return new Elementary({ ...opus, open: (out) => opus.open(out, new Uint8Array(descriptors)) });
}

for (const [name, descriptors, channels, dops] of SETUPS) {
  Deno.test(`Opus set-up: ${name}`, () => {
    const found = open(descriptors).packet(opusUnit(opusPacket(1)), { pts: 0 });
    const [config] = found.configs;
    assert.ok(config?.kind === "audio");
    assert.deepEqual(
      [config.codec, config.sampleEntry, config.config.type, config.timescale, config.sampleRate],
      ["opus", "Opus", "dOps", 48_000, 48_000],
    );
    assert.equal(config.channels, channels);
    assert.equal(toHex(config.config.bytes), dops.replaceAll(" ", ""));
  });
}

for (
  const [name, code] of [["two languages side by side", 0], [
    "an arrangement of its own",
    0x81,
  ]] as const
) {
  Deno.test(`Opus set-up: ${name} is refused in words, once`, () => {
    const found = open(opusDescriptors(code));
    for (let i = 0; i < 3; i++) found.packet(opusUnit(opusPacket(i)), { pts: i * 1800 });
    assert.deepEqual(found.order, ["refused"]);
    assert.match(found.refusals[0] ?? "", /Opus.*set the encoder/);
  });
}

Deno.test("Opus: several packets of a PES packet follow its time stamp, whatever their lengths", () => {
  const tocs = [0xfc, 0x1c, 0xfd];
  const packets = tocs.map((toc, i) => opusPacket(i, { toc, bytes: 200 + i * 155 }));
  const found = open().packet(concatBytes(packets.map((each) => opusUnit(each))), { pts: 9000 });
  assert.deepEqual(found.samples.map(({ dts }) => dts), [9000, 10_800, 16_200]);
  assert.deepEqual(found.samples.map(({ duration }) => duration), [960, 2880, 1920]);
  assert.deepEqual(found.samples.map(({ units }) => units.map(toHex).join()), packets.map(toHex));
});

Deno.test("Opus: a packet without a time stamp goes on where the last ended, after a gap it has none", () => {
  const found = open().packet(opusUnit(opusPacket(0)), { pts: 0 }).packet(opusUnit(opusPacket(1)));
  found.stream.gap();
  found.packet(opusUnit(opusPacket(2))).packet(opusUnit(opusPacket(3)), { pts: 9000 });
  assert.deepEqual(found.samples.map(({ dts }) => dts), [0, 1800, 9000]);
  assert.equal(found.unreadable, 1);
});

Deno.test("Opus: what is trimmed at the start is stated in dOps, at the end it is not played", () => {
  const found = open()
    .packet(opusUnit(opusPacket(0), { startTrim: 312, extension: 3 }), { pts: 0 })
    .packet(opusUnit(opusPacket(1), { endTrim: 100 }), { pts: 1800 })
    .packet(opusUnit(opusPacket(2), { startTrim: 1, endTrim: 960 }), { pts: 3600 });
  const [config] = found.configs;
  assert.equal(toHex(config?.config.bytes.subarray(2, 4) ?? new Uint8Array()), "0138");
  assert.deepEqual(found.samples.map(({ duration }) => duration), [960, 860]);
  assert.equal(found.unreadable, 0);
});

const BROKEN: readonly (readonly [string, Uint8Array])[] = [
  ["no control header", opusPacket(0)],
  ["a length beyond the packet", opusUnit(opusPacket(0), { stated: 400 })],
  ["a length of nothing", opusUnit(opusPacket(0), { stated: 0 })],
  ["a length that does not end", fromHex("7fe0ffffff")],
  ["a header cut off", fromHex("7f")],
  ["trims cut off", fromHex("7ff80101")],
  ["an extension beyond the packet", fromHex("7fe401ff00")],
  ["no Opus packet", opusUnit(fromHex("ff00"))],
];

for (const [name, payload] of BROKEN) {
  Deno.test(`Opus: ${name} is left out and counted, the next is heard`, () => {
    const found = open().packet(payload, { pts: 0 }).packet(opusUnit(opusPacket(1)), { pts: 1800 });
    assert.deepEqual(found.order, ["unreadable", "config", "sample"]);
  });
}
