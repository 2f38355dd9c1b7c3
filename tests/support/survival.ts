/**
 * What a pipeline owes a damaged stream: it lives, it holds no more than it may, and behind the damage everything
 * comes out as it was sent.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Bytes } from "../../shared/bytes.ts";
import { micros } from "../../shared/units.ts";
import { AUDIO, Ingested, type OutSample, payloadText, VIDEO } from "./ingested.ts";
import { mutate } from "./mutations.ts";
import { randomFrom } from "./random.ts";
import { PACKET } from "./ts_builder.ts";

/** Sound may be a second behind a time stamp that went wrong, and is then left out. */
const SOUND_CATCHES_UP = 1.5;

/** A stream to be damaged in its first part. */
export class Patient {
  readonly #packets: readonly Bytes[];
  /** The first packet that stays whole. */
  readonly #clean: number;
  /** What must come out at the end: pictures from the second key picture behind the damage, then sound. */
  readonly #pictures: readonly string[];
  readonly #sounds: readonly string[];

  /** @param part of the stream that is damaged, 0 to 1. */
  constructor(stream: Bytes, part: number) {
    this.#packets = Array.from(
      { length: Math.floor(stream.length / PACKET) },
      (_, i) => stream.subarray(i * PACKET, (i + 1) * PACKET),
    );
    this.#clean = Math.floor(this.#packets.length * part);
    const out = new Ingested();
    // The arrival tells from which packet on a sample was sent.
    this.#packets.forEach((packet, i) => out.ingest.data(packet, micros(i)));
    out.ingest.end();
    const pictures = out.samples(VIDEO).filter(({ arrival }) => arrival >= this.#clean);
    const keys = pictures.flatMap(({ key }, i) => key ? [i] : []);
    assert.ok(keys.length >= 2, "two key pictures must follow the damage");
    this.#pictures = pictures.slice(keys[1]).map(payloadText);
    const sounds = out.samples(AUDIO);
    const last = sounds.at(-1)?.dts ?? 0;
    const first = sounds.find(({ arrival }) => arrival >= this.#clean)?.dts ?? 0;
    const after = first + SOUND_CATCHES_UP * 48_000;
    assert.ok(sounds.length === 0 || last > after, "some sound must follow the damage");
    this.#sounds = sounds.filter(({ dts }) => dts > after).map(payloadText);
  }

  /** Damages it by `seed` and looks at what becomes of it. */
  survive(seed: number): void {
    const random = randomFrom(seed);
    const { bytes, kinds } = mutate(this.#packets, { clean: this.#clean, random });
    const what = `seed ${seed}: ${kinds.join(", ")}`;
    const out = new Ingested();
    try {
      for (let at = 0; at < bytes.length;) {
        const size = 1 + random(4000);
        out.push(bytes.subarray(at, at + size));
        at += size;
      }
      out.ingest.end();
    } catch (error) {
      throw new Error(`thrown out of the pipeline, ${what}`, { cause: error });
    }
    const pictures = out.samples(VIDEO);
    const sounds = out.samples(AUDIO);
    const heldBytes = [...pictures, ...sounds].reduce(
      (sum, { payload }) => sum + payload.length,
      0,
    );
    assert.ok(heldBytes <= 2 * bytes.length, `more came out than went in, ${what}`);
    assertGenerations(pictures, what);
    assertRising(pictures, what);
    assertTail(pictures, this.#pictures, `pictures, ${what}`);
    assertTail(sounds, this.#sounds, `sounds, ${what}`);
  }
}

/** The last samples are the expected ones, all of them, in order. */
function assertTail(
  samples: readonly OutSample[],
  expected: readonly string[],
  what: string,
): void {
  const came = samples.slice(samples.length - expected.length).map(payloadText);
  const wrong = expected.findIndex((text, i) => text !== came[i]);
  if (wrong < 0) return;
  const all = new Set(samples.map(payloadText));
  const missing = expected.filter((text) => !all.has(text)).length;
  assert.fail(`${missing} of the last ${expected.length} ${what} are missing`);
}

/** Each generation's pictures begin with one that can be begun with. */
function assertGenerations(pictures: readonly OutSample[], what: string): void {
  let generation = 0;
  for (const picture of pictures) {
    if (picture.generation === generation) continue;
    assert.ok(
      picture.key,
      `generation ${picture.generation} begins in the middle of a group, ${what}`,
    );
    generation = picture.generation;
  }
}

function assertRising(pictures: readonly OutSample[], what: string): void {
  for (const [i, picture] of pictures.entries()) {
    assert.ok(i === 0 || picture.dts > (pictures[i - 1]?.dts ?? 0), `decode times fall, ${what}`);
    assert.ok(picture.pts >= picture.dts, `shown before it is decoded, ${what}`);
  }
}
