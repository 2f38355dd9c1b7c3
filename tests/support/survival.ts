/**
 * What a pipeline owes a damaged stream: it lives, it holds no more than it may, it counts what is lost, and behind
 * the damage everything comes out as it was sent.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Bytes } from "../../shared/bytes.ts";
import { micros } from "../../shared/units.ts";
import { MAX_HELD_GROUP } from "../../relay/ingest/damage.ts";
import { AUDIO, Ingested, type OutSample, VIDEO } from "./ingested.ts";
import { hasPayload, mutate, pidOf, thin } from "./mutations.ts";
import { randomFrom } from "./random.ts";
import { PACKET } from "./ts_builder.ts";

/** Sound may be a second behind a time stamp that went wrong, and is then left out. */
const SOUND_CATCHES_UP = 1.5;

/** No picture is shown so long after it is decoded, 90 kHz. */
const MAX_SHOWN_LATER = 10 * 90_000;

/** A stream to be damaged in its first part. */
export class Patient {
  readonly #packets: readonly Bytes[];
  /** The first packet that stays whole. */
  readonly #clean: number;
  readonly #sent: { readonly pictures: readonly Sent[]; readonly sounds: readonly Sent[] };
  /** What must come out at the end: pictures from the second key picture behind the damage, then sound. */
  readonly #pictures: readonly number[];
  readonly #sounds: readonly number[];
  /** PIDs whose losses are counted. */
  readonly #counted: readonly number[];
  /** Groups are so short that nothing of one is shown behind a loss. */
  readonly #holds: boolean;

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
    const all = out.samples(VIDEO);
    const pictures = all.filter(({ arrival }) => arrival >= this.#clean);
    const keys = pictures.flatMap(({ key }, i) => key ? [i] : []);
    const sounds = out.samples(AUDIO);
    assert.ok(all.length === 0 || keys.length >= 2, "two key pictures must follow the damage");
    this.#pictures = all.length === 0 ? [] : pictures.slice(keys[1]).map(digest);
    const rate = out.segments[0]?.tracks.find(({ kind }) => kind === "audio")?.timescale ?? 0;
    const last = sounds.at(-1)?.dts ?? 0;
    const first = sounds.find(({ arrival }) => arrival >= this.#clean)?.dts ?? 0;
    const after = first + SOUND_CATCHES_UP * rate;
    assert.ok(sounds.length === 0 || last > after, "some sound must follow the damage");
    this.#sounds = sounds.filter(({ dts }) => dts > after).map(digest);
    this.#sent = { pictures: all.map(sentAs), sounds: sounds.map(sentAs) };
    this.#counted = countedPids(this.#packets);
    const steps = all.filter(({ key }) => key).map(({ dts }) => dts);
    this.#holds = steps.every((dts, i) => dts - (steps[i - 1] ?? dts) <= MAX_HELD_GROUP);
  }

  /** Pictures that must come out at the end. */
  get pictures(): number {
    return this.#pictures.length;
  }

  /** Damages it in any way there is by `seed`, and looks at what becomes of it. */
  survive(seed: number): Ingested {
    const random = randomFrom(seed);
    const { bytes, kinds } = mutate(this.#packets, { clean: this.#clean, random });
    const passed = pass(bytes, random, `seed ${seed}: ${kinds.join(", ")}`);
    this.#judge(passed);
    return passed.out;
  }

  /** Loses and doubles packets by `seed`: each is counted, and what comes out is what was sent. */
  lose(seed: number): Ingested {
    const random = randomFrom(seed);
    const thinned = thin(this.#packets, { clean: this.#clean, random, counted: this.#counted });
    const { lost, gaps, duplicates } = thinned;
    const what = `seed ${seed}: ${lost} packets lost in ${gaps} places, ${duplicates} twice`;
    const passed = pass(thinned.bytes, random, what);
    this.#judge(passed);
    const { counters } = passed.out.ingest;
    assert.deepEqual(
      [counters.packetsLost, counters.continuityGaps, counters.duplicatePackets],
      [lost, gaps, duplicates],
      what,
    );
    assertAmong(passed.sounds, this.#sent.sounds, `sounds, ${what}`);
    assertAmong(passed.pictures, this.#sent.pictures, `pictures, ${what}`);
    if (this.#holds) assertNoTornGroup(passed.pictures, this.#sent.pictures, what);
    return passed.out;
  }

  #judge({ bytes, pictures, sounds, what }: Passed): void {
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

/** PIDs of which a lost packet is counted: tables and what is played. */
function countedPids(packets: readonly Bytes[]): readonly number[] {
  const places = new Map<number, number[]>();
  for (const [at, packet] of packets.entries()) {
    if (!hasPayload(packet)) continue;
    places.set(pidOf(packet), [...places.get(pidOf(packet)) ?? [], at]);
  }
  const counted = [...places.keys()].filter((pid) => {
    const ofPid = places.get(pid) ?? [];
    const left = ofPid[Math.floor(ofPid.length / 2)];
    const out = new Ingested();
    for (const [at, packet] of packets.entries()) if (at !== left) out.push(packet);
    out.ingest.end();
    return ofPid.length > 2 && out.ingest.counters.packetsLost === 1;
  });
  assert.ok(counted.length > 0, "losses of one stream at least are counted");
  return counted;
}

/** A sample as it was sent. */
interface Sent {
  readonly digest: number;
  readonly key: boolean;
  readonly pts: number;
}

function sentAs(sample: OutSample): Sent {
  return { digest: digest(sample), key: sample.key, pts: sample.pts };
}

/** A number that equal payloads share, and others by chance once in four thousand millions. */
function digest({ payload }: OutSample): number {
  let sum = payload.length;
  for (let i = 0; i < payload.length; i++) {
    sum = (Math.imul(sum, 0x01000193) ^ (payload[i] ?? 0)) | 0;
  }
  return sum;
}

/** What came out of a damaged stream. */
interface Passed {
  readonly out: Ingested;
  readonly bytes: Bytes;
  readonly pictures: readonly OutSample[];
  readonly sounds: readonly OutSample[];
  /** What was done to it, for the message of a failure. */
  readonly what: string;
}

/** Through a pipeline, in pieces of any size. */
function pass(bytes: Bytes, random: (below: number) => number, what: string): Passed {
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
  return { out, bytes, pictures: out.samples(VIDEO), sounds: out.samples(AUDIO), what };
}

/** The last samples are the expected ones, all of them, in order. */
function assertTail(
  samples: readonly OutSample[],
  expected: readonly number[],
  what: string,
): void {
  const came = samples.slice(samples.length - expected.length).map(digest);
  const wrong = expected.findIndex((each, i) => each !== came[i]);
  if (wrong < 0) return;
  const all = new Set(samples.map(digest));
  const missing = expected.filter((each) => !all.has(each)).length;
  assert.fail(`${missing} of the last ${expected.length} ${what} are missing`);
}

/** Each was sent, and in this order. */
function assertAmong(samples: readonly OutSample[], sent: readonly Sent[], what: string): void {
  let at = 0;
  for (const [i, sample] of samples.entries()) {
    const wanted = digest(sample);
    while (at < sent.length && sent[at]?.digest !== wanted) at++;
    assert.ok(at < sent.length, `number ${i} of the ${what} was not sent so`);
    at++;
  }
}

/** No picture comes behind one that is missing from its group, but for those shown before the group's key picture. */
function assertNoTornGroup(
  pictures: readonly OutSample[],
  sent: readonly Sent[],
  what: string,
): void {
  let at = 0;
  let keyPts = -Infinity;
  for (const [i, picture] of pictures.entries()) {
    const wanted = digest(picture);
    let torn = false;
    for (; sent[at]?.digest !== wanted; at++) torn ||= (sent[at]?.pts ?? 0) > keyPts;
    assert.ok(!torn || picture.key, `picture ${i} leans on one that is missing, ${what}`);
    if (picture.key) keyPts = sent[at]?.pts ?? 0;
    at++;
  }
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
    assert.ok(picture.pts - picture.dts <= MAX_SHOWN_LATER, `shown long after, ${what}`);
  }
}
