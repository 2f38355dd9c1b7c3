/** RTP packets through the pipeline: what comes out of packets in order, out of order, twice, not at all, and of noise. */

import assert from "node:assert/strict";
import { readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { MAX_HELD } from "../../../relay/rtp/reorder.ts";
import { pictureSlice, pps, sps } from "../../support/avc_builder.ts";
import { AUDIO, Ingested, payloadText, steps, VIDEO } from "../../support/ingested.ts";
import { opusPacket } from "../../support/opus_builder.ts";
import { randomFrom } from "../../support/random.ts";
import {
  feedOf,
  h264Payloads,
  PICTURES,
  rtpPacket,
  senderReport,
  SOUND,
  TABLE,
} from "../../support/rtp_packets.ts";
import type { RtpTable } from "../../../relay/rtp/table.ts";

const RATE = 30;
const STEP = 90_000 / RATE;
/** Near the end of both counters: they wrap within every test. */
const FIRST_SEQUENCE = 0xfff0;
const FIRST_TIMESTAMP = 2 ** 32 - 5 * STEP;

interface Sent {
  readonly bytes: Uint8Array;
  /** Which picture. */
  readonly picture: number;
  readonly atMs: number;
}

/** Pictures, a key picture every `group`. */
function pictures(count: number, { group = 10, marks = true } = {}): Sent[] {
  const sent: Sent[] = [];
  for (let picture = 0; picture < count; picture++) {
    const isKey = picture % group === 0;
    const slice = pictureSlice({
      type: isKey ? "idr" : "reference",
      frameNum: picture % 16,
      seed: picture,
    });
    const payloads = h264Payloads(isKey ? [sps(), pps(), slice] : [slice]);
    payloads.forEach((payload, i) =>
      sent.push({
        picture,
        atMs: (picture * 1000) / RATE,
        bytes: rtpPacket({
          payload,
          sequence: FIRST_SEQUENCE + sent.length,
          timestamp: (FIRST_TIMESTAMP + picture * STEP) % 2 ** 32,
          marker: marks && i === payloads.length - 1,
        }),
      })
    );
  }
  return sent;
}

const STAP_A = 0x78;
/** Browsers count in microseconds: what is twice as much to the tick is more than that to some of them. */
const ROUNDED = 90;

const VIDEO_ONLY = { tracks: TABLE.tracks.slice(0, 1) };

function received(sent: readonly Sent[], table: RtpTable = VIDEO_ONLY): Ingested {
  const ingested = new Ingested({ format: "rtp" }).push(feedOf([], table));
  for (const { bytes, atMs } of sent) {
    ingested.push(feedOf([bytes], table).subarray(feedOf([], table).length), atMs);
  }
  ingested.ingest.end();
  return ingested;
}

const WHOLE = received(pictures(40)).samples(VIDEO).map(payloadText);

Deno.test("rtp: every picture arrives, whatever its packets look like, at the times that they say", () => {
  const ingested = received(pictures(40));
  assert.equal(WHOLE.length, 40);
  assert.equal(new Set(WHOLE).size, 40);
  const shown = ingested.samples(VIDEO).map(({ pts }) => pts);
  assert.deepEqual(new Set(steps(shown)), new Set([STEP]));
  assert.deepEqual(
    ingested.samples(VIDEO).flatMap(({ key }, i) => key ? [i] : []),
    [0, 10, 20, 30],
  );
});

Deno.test("rtp: a picture leaves with the packet that is marked as its last, and waits for nothing of the next", () => {
  const all = new Ingested({ format: "rtp" }).push(feedOf([], VIDEO_ONLY));
  const sent = pictures(12);
  const left: number[] = [];
  for (const { bytes, atMs } of sent) {
    all.push(feedOf([bytes], VIDEO_ONLY).subarray(feedOf([], VIDEO_ONLY).length), atMs);
    left.push(all.batches.length);
  }
  const whole = sent.map(({ picture }, i) => picture + Number(sent[i + 1]?.picture !== picture));
  assert.deepEqual(left, whole);
});

Deno.test("rtp: a sender that marks no access unit's end loses nothing but the last one's promptness", () => {
  assert.deepEqual(received(pictures(40, { marks: false })).samples(VIDEO).map(payloadText), WHOLE);
});

Deno.test("rtp: a feed means the same wherever it is cut", () => {
  const feed = feedOf(pictures(12).map(({ bytes }) => bytes), VIDEO_ONLY);
  for (const size of [1, 2, 3, 5, 31, 1000]) {
    const ingested = new Ingested({ format: "rtp" });
    for (let at = 0; at < feed.length; at += size) ingested.push(feed.subarray(at, at + size));
    ingested.ingest.end();
    assert.deepEqual(ingested.samples(VIDEO).map(payloadText), WHOLE.slice(0, 12), `${size} bytes`);
  }
});

Deno.test("rtp: contributors, header extensions and padding are stepped over", () => {
  const [first] = received([]).samples(VIDEO);
  assert.equal(first, undefined);
  const slice = pictureSlice({ type: "idr" });
  const packets = h264Payloads([sps(), pps(), slice]).map((payload, i, all) => ({
    picture: 0,
    atMs: 0,
    bytes: rtpPacket({
      payload,
      sequence: i,
      timestamp: 7,
      marker: i === all.length - 1,
      contributors: i % 3,
      padding: 1 + i % 5,
      ...(i % 2 ? { extensionWords: i } : {}),
    }),
  }));
  assert.equal(received(packets).samples(VIDEO).length, 1);
});

for (let seed = 1; seed <= 20; seed++) {
  Deno.test(`rtp: packets out of order and twice change nothing (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const sent = pictures(40).flatMap((packet) => random(5) === 0 ? [packet, packet] : [packet]);
    // The first must be first: it says where the numbers begin.
    const [first, ...rest] = sent;
    assert.ok(first);
    const shuffled = rest
      .map((packet, i) => ({ packet, place: i + random(8) }))
      .sort((a, b) => a.place - b.place)
      .map(({ packet }) => packet);
    const ingested = received([first, ...shuffled]);
    assert.deepEqual(ingested.samples(VIDEO).map(payloadText), WHOLE);
    assert.equal(ingested.ingest.counters.packetsLost, 0);
  });

  Deno.test(`rtp: loss costs the pictures it fell into and what leans on them (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const sent = pictures(120);
    const kept = sent.filter((_, i) => i === 0 || random(40) !== 0);
    // A picture whose parameter sets alone are lost is whole: they were the same as before.
    const torn = new Set(
      sent.filter((packet) => !kept.includes(packet) && packet.bytes[12] !== STAP_A)
        .map(({ picture }) => picture),
    );
    const ingested = received(kept);
    const all = received(sent).samples(VIDEO).map(payloadText);
    const got = ingested.samples(VIDEO).map(payloadText).map((text) => all.indexOf(text));
    // Nothing is made up, nothing comes twice or out of order, nothing torn comes at all.
    got.forEach((picture, i) => assert.ok(picture > (got[i - 1] ?? -1), `${picture}`));
    for (const picture of got) assert.ok(!torn.has(picture), `picture ${picture} is torn`);
    // Whole groups are all there.
    for (let group = 10; group < 110; group += 10) {
      const members = Array.from({ length: 10 }, (_, i) => group + i);
      if (members.some((member) => torn.has(member)) || torn.has(group - 1)) continue;
      assert.ok(members.every((member) => got.includes(member)), `group ${group}`);
    }
    const last = Math.max(...kept.map((packet) => sent.indexOf(packet)));
    const lost = last + 1 - kept.length;
    assert.equal(ingested.ingest.counters.packetsLost, lost);
  });

  Deno.test(`rtp: noise and packets that lie are survived, and what is whole behind them plays (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const hostile = Array.from({ length: 400 }, () => {
      const payload = Uint8Array.from({ length: 1 + random(60) }, () => random(256));
      if (random(3) === 0) return Uint8Array.from({ length: random(40) }, () => random(256));
      return rtpPacket({
        payload,
        sequence: random(0x1_0000),
        timestamp: random(2 ** 31),
        payloadType: random(4) ? PICTURES.payloadType : SOUND.payloadType,
        source: random(3) ? PICTURES.source : random(2 ** 31),
        marker: random(2) === 0,
        contributors: random(16),
        extensionWords: random(4),
      });
    });
    const ingested = new Ingested({ format: "rtp" });
    ingested.push(feedOf(hostile.filter(({ length }) => length > 0)));
    const before = ingested.samples(VIDEO).length;
    ingested.push(
      feedOf(pictures(20).map(({ bytes }) => bytes)).subarray(feedOf([]).length),
      5_000,
    );
    ingested.ingest.end();
    const after = ingested.samples(VIDEO).slice(before).map(payloadText);
    assert.ok(WHOLE.slice(10, 20).every((text) => after.includes(text)));
  });
}

Deno.test("rtp: packets that wait for one that never comes are bounded", () => {
  const [first, , ...rest] = pictures(MAX_HELD);
  assert.ok(first);
  const ingested = received([first, ...rest].map((packet) => ({ ...packet, atMs: 0 })));
  assert.equal(ingested.ingest.counters.packetsLost, 1);
  assert.ok(ingested.samples(VIDEO).length > MAX_HELD / 2);
});

for (let seed = 1; seed <= 20; seed++) {
  Deno.test(`rtp: pictures that come unevenly are shown when they say, and no browser throws them away (seed ${seed})`, () => {
    const random = randomFrom(seed);
    let shown = 0;
    const times: number[] = [];
    const even = pictures(200, { group: 1 + random(80) });
    // Time stamps of their own: mostly even, with pauses up to nearly a second.
    for (let picture = 0; picture < 200; picture++) {
      times.push(shown);
      shown += random(6) === 0 ? 90 * (20 + random(900)) : STEP + random(400) - 200;
    }
    const uneven = even.map((packet) => {
      const bytes = new Uint8Array(packet.bytes);
      new DataView(bytes.buffer).setUint32(4, times[packet.picture] ?? 0);
      return { ...packet, bytes, atMs: (times[packet.picture] ?? 0) / 90 };
    });
    const ingested = received(uneven);
    const samples = ingested.samples(VIDEO);
    assert.equal(samples.length, 200);
    assert.deepEqual(steps(samples.map(({ pts }) => pts)), steps(times));
    const fragments = ingested.batches.flatMap(({ generation, bytes }) =>
      [...readFragments(bytes)].flatMap(({ tracks }) =>
        tracks.map(({ dts = NaN, duration = NaN, key, samples: [first] }) => ({
          generation,
          dts,
          duration,
          key,
          offset: first?.compositionOffset ?? NaN,
        }))
      )
    );
    assert.equal(fragments.length, 200);
    fragments.forEach(({ dts, offset, generation, key }, i) => {
      assert.ok(offset >= 0, `picture ${i} is decoded after it is shown`);
      const before = fragments[i - 1];
      if (before?.generation !== generation || key) return;
      // Media Source Extensions, coded frame processing, step 6.
      assert.ok(
        dts > before.dts && dts - before.dts < 2 * before.duration - ROUNDED,
        `picture ${i}: a step of ${dts - before.dts} after ${before.duration}`,
      );
    });
  });
}

Deno.test("rtp: a sender that begins anew under another name plays on", () => {
  const again = pictures(10).map((packet) => {
    const bytes = new Uint8Array(packet.bytes);
    bytes.set([9, 9, 9, 9], 8);
    return { ...packet, bytes, atMs: packet.atMs + 5_000 };
  });
  const ingested = received([...pictures(10), ...again]);
  assert.equal(ingested.samples(VIDEO).length, 20);
  const [gap] = steps(ingested.times(VIDEO)).slice(9);
  assert.ok(Math.abs((gap ?? 0) - 4.7 * 90_000) < STEP, `${gap}`);
});

Deno.test("rtp: sound is laid beside the pictures by what the sender reports, not by when it came", () => {
  // Sound of the same moment comes 200 ms late.
  const late = 200;
  const wall = 4_000_000_000;
  const events: { atMs: number; bytes: Uint8Array }[] = pictures(60, { group: 60 });
  for (let i = 0; i < 100; i++) {
    events.push({
      atMs: i * 20 + late,
      bytes: rtpPacket({ ...SOUND, payload: opusPacket(i), sequence: i, timestamp: 960 * i }),
    });
  }
  for (const atMs of [300, 800]) {
    const since = atMs / 1000;
    events.push({
      atMs,
      bytes: senderReport(
        PICTURES.source,
        wall + since,
        (FIRST_TIMESTAMP + since * 90_000) % 2 ** 32,
      ),
    });
    events.push({ atMs, bytes: senderReport(SOUND.source, wall + since, since * 48_000) });
  }
  events.sort((a, b) => a.atMs - b.atMs);
  const ingested = received(events.map((event) => ({ ...event, picture: 0 })), TABLE);
  const [picture] = ingested.times(VIDEO);
  const sound = ingested.samples(AUDIO);
  const last = sound.at(-1);
  assert.ok(picture !== undefined && last && payloadText(last).length > 0);
  const since = last.dts / 48_000 - picture / 90_000;
  assert.ok(Math.abs(since - 99 * 0.02) < 0.005, `the last packet is ${since} s after the picture`);
});

Deno.test("rtp: a feed without a table that can be read says so once and plays nothing", () => {
  for (const table of ["{}", "no json", '{"tracks":[]}', '{"tracks":[{"payloadType":300}]}']) {
    const bytes = new TextEncoder().encode(table);
    const record = new Uint8Array([0, bytes.length, 0, 0, ...bytes]);
    const ingested = new Ingested({ format: "rtp" }).push(record).push(record);
    assert.equal(ingested.notes.length, 1, table);
    assert.equal(ingested.batches.length, 0);
  }
});
