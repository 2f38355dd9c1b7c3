/**
 * What every codec owes, whatever its syntax: one suite, run over each row of the codec table. A row brings a few
 * packets of a stream it can read.
 *
 * @module
 */

import assert from "node:assert/strict";
import { equalBytes, toHex } from "../../shared/bytes.ts";
import type { Codec } from "../../relay/codecs/codec.ts";
import { Elementary } from "../support/elementary.ts";
import { randomFrom } from "../support/random.ts";

/** What a row brings to the suite. */
export interface CodecFixture {
  /** Payloads of PES packets, a second or so of them; the first can be begun with. One set-up throughout. */
  readonly packets: readonly Uint8Array[];
  /** Samples they hold, all together. */
  readonly samples: number;
  /** Between two packets, 90 kHz. */
  readonly step: number;
}

/** Damaged streams a row is tried with. */
const ROUNDS = 300;

/** Registers the suite for one row. */
export function codecContract(
  streamType: string,
  { codec, fixture }: { readonly codec: Codec; readonly fixture: CodecFixture },
): void {
  const name = `${codec.name} (${streamType})`;
  const play = (packets = fixture.packets, found = new Elementary(codec)): Elementary => {
    packets.forEach((packet, i) =>
      found.packet(packet, { pts: 90_000 + i * fixture.step, arrival: i })
    );
    return found;
  };

  Deno.test(`${name}: everything comes out, set up once, before the first sample`, () => {
    const found = play();
    assert.equal(found.samples.length, fixture.samples);
    assert.deepEqual(found.order.filter((call) => call !== "sample"), ["config"]);
    assert.equal(found.order[0], "config");
    assert.deepEqual([found.unreadable, found.refusals.length], [0, 0]);
  });

  Deno.test(`${name}: the set-up is a track's`, () => {
    const [config] = play().configs;
    assert.ok(config);
    assert.equal(config.kind, codec.kind);
    assert.equal(config.sampleEntry.length, 4);
    assert.equal(config.config.type.length, 4);
    assert.ok(config.config.bytes.length > 0);
    // RFC 6381: the sample entry's name; that of Opus is registered in small letters.
    const [entry] = config.codec.split(".");
    assert.equal(entry, config.sampleEntry === "Opus" ? "opus" : config.sampleEntry);
    assert.ok(Number.isInteger(config.timescale) && config.timescale > 0);
  });

  Deno.test(`${name}: times rise, arrivals are those of the packets, payloads are not empty`, () => {
    const { samples } = play();
    samples.forEach((sample, i) => {
      assert.ok(i === 0 || sample.dts > (samples[i - 1]?.dts ?? 0));
      assert.ok(sample.pts >= sample.dts);
      assert.ok(sample.arrival >= 0 && sample.arrival < fixture.packets.length);
      assert.ok(sample.units.length > 0 && sample.units.every((unit) => unit.length > 0));
    });
    assert.equal(samples[0]?.key, true);
    assert.equal(samples[0]?.dts, 90_000);
  });

  Deno.test(`${name}: the set-up is kept, not lent`, () => {
    const found = new Elementary(codec);
    play(fixture.packets.slice(0, 2), found);
    const before = toHex(found.configs[0]?.config.bytes ?? new Uint8Array());
    play(fixture.packets, found);
    assert.equal(toHex(found.configs[0]?.config.bytes ?? new Uint8Array()), before);
    assert.equal(found.configs.length, 1, "the same again is no news");
  });

  Deno.test(`${name}: two streams know nothing of each other`, () => {
    const alone = play();
    const one = new Elementary(codec);
    const two = new Elementary(codec);
    fixture.packets.forEach((packet, i) => {
      for (const found of [one, two]) {
        found.packet(packet, { pts: 90_000 + i * fixture.step, arrival: i });
      }
    });
    assert.deepEqual(one.samples, alone.samples);
    assert.deepEqual(two.samples, alone.samples);
  });

  Deno.test(`${name}: after a gap the next packet with a time stamp is read`, () => {
    const found = new Elementary(codec);
    play(fixture.packets.slice(0, 1), found);
    const before = found.samples.length;
    found.stream.gap();
    found.stream.gap();
    play(fixture.packets, found);
    assert.equal(found.samples.length, before + fixture.samples);
  });

  Deno.test(`${name}: whatever comes, nothing is thrown, and what follows is read`, () => {
    const seed = 4711;
    const random = randomFrom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const found = new Elementary(codec);
      for (const packet of fixture.packets) {
        const damaged = damage(packet, random);
        found.packet(damaged, random(3) ? { pts: random(2 ** 30) } : {});
        if (random(8) === 0) found.stream.gap();
      }
      found.stream.gap();
      // A damaged set-up may have been believed: the whole stream again brings its own.
      const last = play([...fixture.packets, ...fixture.packets], found).samples.at(-1);
      const expected = play().samples.at(-1);
      assert.ok(last && expected, `seed ${seed}, round ${round}`);
      assert.ok(
        last.units.every((unit, i) => equalBytes(unit, expected.units[i] ?? new Uint8Array())),
        `seed ${seed}, round ${round}`,
      );
    }
  });
}

/** Turned bits, a cut, a copy of a piece, or nothing of the packet but noise. */
function damage(packet: Uint8Array, random: (below: number) => number): Uint8Array {
  const bytes = packet.slice();
  switch (random(5)) {
    case 0:
      return bytes.map(() => random(256));
    case 1:
      return bytes.subarray(random(bytes.length));
    case 2:
      return bytes.subarray(0, random(bytes.length));
    case 3:
      bytes.copyWithin(random(bytes.length), random(bytes.length));
      return bytes;
    default:
      for (let i = random(6); i >= 0; i--) {
        const at = random(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ 1 << random(8);
      }
      return bytes;
  }
}
