/** The pipeline from bytes to batches: generations, times, waiting, damage. Streams are built, none is recorded. */

import assert from "node:assert/strict";
import { concatBytes, toHex } from "../../../shared/bytes.ts";
import { readFragment, readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { micros } from "../../../shared/units.ts";
import { HABIT_PROOF } from "../../../relay/mpegts/habit.ts";
import { ORIGIN } from "../../../relay/ingest/timeline.ts";
import { NEVER } from "../../../relay/ingest/watch.ts";
import { pps, slice, sps } from "../../support/avc_builder.ts";
import { CameraStream, PICTURE_TICKS, SOUND_TICKS } from "../../support/camera_stream.ts";
import { AUDIO, Ingested, payloadText, samplesOf, steps, VIDEO } from "../../support/ingested.ts";
import { AAC, H264, PMT_PID, VIDEO_PID } from "../../support/ts_builder.ts";
import { upTo } from "../../support/up_to.ts";

const MAX_SOUND_WAIT_MS = 40;
/** At 30 pictures a second two of them. */
const MIN_PAUSE_MS = 2000 / 30;

/** Whether every picture with one of these numbers came out, in order, with its own bytes. */
function assertPictures(out: Ingested, numbers: readonly number[]): void {
  const came = out.samples(VIDEO).map(({ payload }) => payload[5]); // behind length and header byte
  assert.deepEqual(came, numbers.map((seed) => slice({ seed })[1]));
}

Deno.test("init, then a key picture; everything that was sent, with its times", () => {
  const camera = new CameraStream().tables().group(10).group(10);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assert.deepEqual(out.order.slice(0, 2), ["init 1", "batch key"]);
  assertPictures(out, upTo(20));
  assert.equal(out.samples(AUDIO).length, camera.sounds);
  assert.deepEqual(new Set(steps(out.times(VIDEO))), new Set([PICTURE_TICKS]));
  assert.deepEqual(new Set(steps(out.times(AUDIO))), new Set([1024]));
  assert.equal(out.times(VIDEO)[0], ORIGIN);
  assert.equal(out.times(AUDIO)[0], ORIGIN * 48 / 90);
  const { counters } = out.ingest;
  assert.deepEqual([counters.videoSamples, counters.audioSamples], [20, camera.sounds]);
  assert.deepEqual([counters.generations, counters.clockRestarts, counters.unreadable], [1, 0, 0]);
});

Deno.test("what the init segment says", () => {
  const out = new Ingested().push(new CameraStream().tables().group(3).take());
  const [segment] = out.segments;
  assert.equal(segment?.mime, 'video/mp4; codecs="avc1.4d001e,mp4a.40.2"');
  assert.deepEqual(segment?.tracks.map(({ id, kind, timescale }) => [id, kind, timescale]), [
    [VIDEO, "video", 90_000],
    [AUDIO, "audio", 48_000],
  ]);
});

Deno.test("pictures that are shown in another order keep both their times", () => {
  const camera = new CameraStream().tables(["picture"]);
  const start = camera.clock.picture;
  const order = [0, 3, 1, 2, 6, 4, 5]; // decode order, by place of presentation
  order.forEach((shown, i) => {
    camera.picture({
      key: i === 0,
      dts: start + i * PICTURE_TICKS,
      pts: start + (shown + 2) * PICTURE_TICKS,
    });
  });
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assert.deepEqual(
    out.samples(VIDEO).map(({ dts, pts }) => [dts - ORIGIN, pts - ORIGIN]),
    order.map((shown, i) => [i * PICTURE_TICKS, (shown + 2) * PICTURE_TICKS]),
  );
});

Deno.test("a picture whose time of showing went wrong is shown when it is decoded, and takes none along", () => {
  const camera = new CameraStream().tables(["picture"]).picturesOnly(3);
  const { clock } = camera;
  camera.picture({ pts: clock.picture + 10 * 3600 * 90_000 }).picture().picture();
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  const pictures = out.samples(VIDEO);
  assert.deepEqual(pictures.map(({ dts, pts }) => pts - dts), [0, 0, 0, 0, 0, 0]);
  const written = readFragments(concatBytes(out.batches.map(({ bytes }) => bytes)));
  assert.deepEqual(
    [...written].map(({ tracks: [track] }) => track?.samples[0]?.compositionOffset),
    [0, 0, 0, 0, 0, 0],
  );
  assert.deepEqual(steps(out.times(VIDEO)), [3000, 3000, 3000, 3000, 3000]);
  assert.deepEqual([out.segments.length, out.ingest.counters.unreadable], [1, 1]);
});

Deno.test("sound alone leaves without waiting for pictures", () => {
  const camera = new CameraStream().tables(["sound"]).sound(3);
  const out = new Ingested().push(camera.take());
  assert.equal(out.samples(AUDIO).length, 3);
  assert.deepEqual(out.order, ["init 1", "batch key"]);
  assert.equal(out.segments[0]?.mime, 'audio/mp4; codecs="mp4a.40.2"');
  out.push(camera.sound().take(), 64);
  assert.equal(out.samples(AUDIO).length, 4);
});

Deno.test("what cannot be played is said in words", () => {
  const camera = new CameraStream();
  camera.builder.pat().pmt([{ pid: 0x31, type: 0x02 }, { pid: 0x32, type: 0x06 }]);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assert.equal(out.notes.length, 1);
  assert.match(out.notes[0] ?? "", /MPEG-2 pictures.*H\.264/);
  assert.deepEqual(out.order, []);
});

Deno.test("declared and silent, sound does not hold the picture longer than a second of media", () => {
  const camera = new CameraStream().tables();
  const out = new Ingested();
  for (let i = 0; i < 40; i++) {
    const before = out.batches.length;
    out.push(camera.picture({ key: i % 10 === 0 }).take(), i * 33);
    const waited = (camera.clock.picture - PICTURE_TICKS - 900_000) / 90_000;
    // The newest picture is still without its end: nobody knows yet that it is whole.
    if (waited <= 1) assert.equal(out.batches.length, 0, `${waited} s`);
    else if (waited > 1.1) assert.ok(out.batches.length > before, `${waited} s`);
  }
  out.ingest.end();
  assertPictures(out, upTo(40));
  assert.deepEqual(out.segments.map(({ tracks }) => tracks.map(({ kind }) => kind)), [["video"]]);
});

Deno.test("sound that shows up after all begins a new generation at the next key picture", () => {
  const camera = new CameraStream().tables();
  for (let i = 0; i < 40; i++) camera.picture({ key: i % 10 === 0 });
  const out = new Ingested().push(camera.take());
  camera.clock.sound = camera.clock.picture;
  for (let i = 0; i < 5; i++) camera.sound().picture();
  camera.group(10);
  out.push(camera.take());
  out.ingest.end();
  assert.deepEqual(out.segments.map(({ tracks }) => tracks.length), [1, 2]);
  assertPictures(out, upTo(55));
  const [first] = out.samples(VIDEO).filter(({ generation }) => generation === 2);
  assert.equal(first?.key, true);
  assert.equal(out.times(VIDEO)[45], first?.dts, "the timeline goes on");
  assert.ok(out.samples(AUDIO).every(({ generation }) => generation === 2));
  assert.ok(out.samples(AUDIO).length > 0);
});

Deno.test("a map that adds sound in the middle of a group costs no picture", () => {
  const camera = new CameraStream().tables(["picture"]).picturesOnly(5);
  const out = new Ingested().push(camera.take());
  camera.tables(["picture", "sound"]);
  camera.clock.sound = camera.clock.picture;
  for (let i = 0; i < 5; i++) camera.sound().picture();
  camera.group(5);
  out.push(camera.take());
  out.ingest.end();
  assertPictures(out, upTo(15));
  assert.deepEqual(out.segments.map(({ tracks }) => tracks.length), [1, 2]);
});

Deno.test("a map that drops the sound begins a new generation at the next key picture", () => {
  const camera = new CameraStream().tables().group(6).tables(["picture"]);
  camera.picture().picture().picturesOnly(4);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assert.deepEqual(out.segments.map(({ tracks }) => tracks.length), [2, 1]);
  assertPictures(out, upTo(12));
  assert.equal(out.samples(VIDEO).filter(({ generation }) => generation === 2).length, 4);
});

Deno.test("another SPS begins a new generation, and no frame is lost", () => {
  const camera = new CameraStream().tables().group(6);
  camera.sets = [sps({ widthMbs: 40, heightMapUnits: 30 }), pps()];
  camera.group(6);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assertPictures(out, upTo(12));
  assert.deepEqual(
    out.segments.map(({ tracks }) => tracks[0]?.kind === "video" ? tracks[0].width : 0),
    [320, 640],
  );
  const second = out.samples(VIDEO).filter(({ generation }) => generation === 2);
  assert.deepEqual(second.map(({ key }) => key), [true, false, false, false, false, false]);
  assert.deepEqual(new Set(steps(out.times(VIDEO))), new Set([PICTURE_TICKS]));
  assert.equal(out.samples(AUDIO).length, camera.sounds);
  assert.deepEqual(new Set(steps(out.times(AUDIO))), new Set([1024]));
  assert.deepEqual(
    out.batches.filter(({ generation }) => generation === 2).map((b) => b.sequence),
    [
      ...upTo(out.batches.filter(({ generation }) => generation === 2).length),
    ],
  );
});

Deno.test("a set-up that comes with a picture nobody can begin with waits for one they can", () => {
  const camera = new CameraStream().tables(["picture"]).picturesOnly(4);
  camera.sets = [sps({ level: 31 }), pps({ variant: 2 })];
  camera.picture({ sets: camera.sets }).picture().picturesOnly(3);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assertPictures(out, [0, 1, 2, 3, 6, 7, 8]);
  assert.equal(out.segments.length, 2);
  assert.equal(out.ingest.counters.heldAccessUnits, 2);
});

Deno.test("a set-up that changes while the generation is not yet begun: only what fits it goes out", () => {
  const camera = new CameraStream().tables().picturesOnly(4);
  camera.sets = [sps({ widthMbs: 40 }), pps()];
  camera.picturesOnly(4);
  camera.clock.sound = camera.clock.picture;
  camera.group(4);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assert.equal(out.segments.length, 1);
  assertPictures(out, [4, 5, 6, 7, 8, 9, 10, 11]);
  assert.equal(out.ingest.counters.heldAccessUnits, 4);
});

Deno.test("sound that is set up anew waits for the key picture that begins its generation", () => {
  const camera = new CameraStream().tables().group(6);
  const before = camera.sounds;
  camera.adts = { rateIndex: 4 };
  for (let i = 0; i < 3; i++) camera.sound().picture();
  camera.group(6);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assert.equal(out.segments.length, 2);
  assert.deepEqual(out.segments.map(({ tracks }) => tracks[1]?.timescale), [48_000, 44_100]);
  const first = out.samples(AUDIO).filter(({ generation }) => generation === 1);
  assert.equal(first.length, before);
  assertPictures(out, upTo(camera.pictures));
  const sound = out.samples(AUDIO).filter(({ generation }) => generation === 2);
  const seconds = (sound[0]?.dts ?? 0) / 44_100;
  const picture = out.samples(VIDEO).find(({ generation }) => generation === 2);
  assert.ok(Math.abs(seconds - (picture?.dts ?? 0) / 90_000) < 0.05, "both on one timeline");
});

for (const [name, jump] of [["back", -600_000], ["ahead", 5_000_000]] as const) {
  Deno.test(`a clock that restarts (${name}) begins a new generation on a continuing timeline`, () => {
    const camera = new CameraStream().tables().group(8);
    const out = new Ingested().push(camera.take(), 0);
    camera.jump(jump).group(8).group(8);
    out.push(camera.take(), 500);
    out.ingest.end();
    assert.equal(out.ingest.counters.clockRestarts, 1);
    assert.deepEqual(out.segments.map(({ generation }) => generation), [1, 2]);
    assertPictures(out, upTo(24));
    const times = out.times(VIDEO);
    const [seam = 0] = steps(times).splice(7, 1);
    const silence = 500 * 90;
    assert.ok(seam >= silence && seam <= silence + 2 * PICTURE_TICKS, `${seam} ticks at the seam`);
    assert.ok(steps(times).every((step) => step >= PICTURE_TICKS));
    const sounds = out.samples(AUDIO);
    assert.ok(steps(sounds.map(({ dts }) => dts)).every((step) => step >= 1024));
    assert.equal(out.samples(VIDEO)[8]?.generation, 2);
  });
}

Deno.test("pictures after a restarted clock wait for a key picture", () => {
  const camera = new CameraStream().tables(["picture"]).picturesOnly(4).jump(-500_000);
  camera.picture().picture().picturesOnly(4);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assertPictures(out, [0, 1, 2, 3, 6, 7, 8, 9]);
  assert.equal(out.ingest.counters.heldAccessUnits, 2);
});

Deno.test("a camera that says it began anew is one restart, whatever its clock says", () => {
  for (const jump of [0, 3000, -600_000, 9_000_000]) {
    const camera = new CameraStream().tables().group(8);
    const out = new Ingested().push(camera.take(), 0);
    out.ingest.discontinuity("restart");
    camera.jump(jump).tables().group(8);
    out.push(camera.take(), 1000);
    out.ingest.end();
    assert.equal(out.ingest.counters.clockRestarts, 1, `jump ${jump}`);
    assert.deepEqual(out.segments.map(({ generation }) => generation), [1, 2], `jump ${jump}`);
    assert.equal(out.ingest.counters.continuityGaps, 0);
    assertPictures(out, upTo(16));
    assert.ok((steps(out.times(VIDEO))[7] ?? 0) >= 90_000, "the silence is on the timeline");
  }
});

Deno.test("a loop stays in one generation, with continuous times", () => {
  const clip = new CameraStream().tables().group(8).group(8).take();
  const out = new Ingested();
  for (let round = 0; round < 4; round++) {
    out.push(clip, round * 100);
    out.ingest.discontinuity("loop");
  }
  out.ingest.end();
  assert.equal(out.segments.length, 1);
  assert.equal(out.ingest.counters.clockRestarts, 0);
  assert.equal(out.samples(VIDEO).length, 64);
  assert.ok(steps(out.times(VIDEO)).every((step) => step > 0 && step < 3 * PICTURE_TICKS));
  assert.ok(steps(out.times(AUDIO)).every((step) => step >= 1024 && step < 3 * 1024));
  const rounds = out.samples(VIDEO).map(payloadText);
  assert.deepEqual(rounds.slice(16, 32), rounds.slice(0, 16));
});

Deno.test("sound from before a clip's first picture has no place where it loops, and is no loss", () => {
  const camera = new CameraStream().tables().picture({ key: true }).picture();
  camera.clock.sound -= SOUND_TICKS;
  const clip = camera.sound(7).take();
  const out = new Ingested();
  for (let round = 0; round < 4; round++) {
    out.push(clip, round * 100);
    out.ingest.discontinuity("loop");
  }
  out.ingest.end();
  const { audioSamples, unreadable } = out.ingest.counters;
  assert.deepEqual([audioSamples, unreadable], [4 * 7 - 3, 0]);
  assert.ok(steps(out.times(AUDIO)).every((step) => step >= 1024));
});

Deno.test("a loop does not glue the clip's torn end to its beginning", () => {
  const whole = new CameraStream().tables().group(8).sound().take();
  const clip = whole.subarray(0, whole.length - 100);
  const out = new Ingested();
  for (let round = 0; round < 3; round++) {
    out.push(clip);
    out.ingest.discontinuity("loop");
  }
  out.ingest.end();
  const sizes = new Set(out.samples(AUDIO).map(({ payload }) => payload.length));
  assert.equal(sizes.size, 1);
  assert.equal(out.samples(VIDEO).length, 24);
});

Deno.test("33 bits come round: one generation, no step", () => {
  const camera = new CameraStream(2 ** 33 - 10 * PICTURE_TICKS).tables().group(12).group(12);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assert.equal(out.segments.length, 1);
  assert.deepEqual(new Set(steps(out.times(VIDEO))), new Set([PICTURE_TICKS]));
  assert.deepEqual(new Set(steps(out.times(AUDIO))), new Set([1024]));
});

Deno.test("a frame followed by silence comes out by tick, when the pause is long enough", () => {
  const camera = new CameraStream().tables(["picture"]).picturesOnly(5);
  const out = new Ingested().push(camera.take(), 1000);
  assertPictures(out, upTo(4));
  const { deadline } = out.ingest;
  assert.ok(Math.abs((deadline ?? 0) / 1000 - 1066.7) < 0.1, `two pictures long: ${deadline} µs`);
  out.ingest.tick(micros((deadline ?? 0) - 1));
  assertPictures(out, upTo(4));
  out.ingest.tick(deadline ?? micros(0));
  assertPictures(out, upTo(5));
  assert.equal(out.ingest.deadline, undefined, "nothing waits any more");
  assert.equal(out.ingest.counters.lateTailBytes, 0);
});

Deno.test("a pause taken for an end too early: its rest is counted, the group is given up", () => {
  const camera = new CameraStream().tables(["picture"]).picturesOnly(3);
  const first = camera.take();
  const big = camera.picture({ bytes: 2000 }).take();
  const rest = camera.picture().picturesOnly(3).take();
  const out = new Ingested().push(first, 0).push(big.subarray(0, 3 * 188), 33);
  out.ingest.tick(micros(500_000));
  out.push(big.subarray(3 * 188), 501).push(rest, 502);
  out.ingest.end();
  assert.ok(out.ingest.counters.lateTailBytes > 1000);
  const came = out.samples(VIDEO).length;
  assert.equal(came, 4 + 3, "the torn picture, then from the next key picture");
});

Deno.test("a wall clock that is set back as a generation begins is no pause in the middle of a picture", () => {
  const camera = new CameraStream().tables(["picture"]).picturesOnly(1);
  const first = camera.take();
  const big = camera.picture({ bytes: 2000 }).take();
  const cut = 3 * 188; // what begins the generation brings a piece of the next picture
  const out = new Ingested();
  const { now } = Date;
  Date.now = () => now() - 60_000;
  try {
    out.ingest.data(concatBytes([first, big.subarray(0, cut)]), out.ingest.now());
  } finally {
    Date.now = now;
  }
  out.ingest.data(concatBytes([big.subarray(cut), camera.picture().take()]), out.ingest.now());
  out.ingest.end();
  assertPictures(out, upTo(3));
  assert.equal(out.ingest.counters.lateTailBytes, 0);
});

Deno.test("where pictures show their end, a pause in the middle of one tears none", () => {
  const camera = new CameraStream().tables(["picture"]);
  const out = new Ingested().push(camera.picturesOnly(12).take(), 0);
  const big = camera.picture({ bytes: 2000 }).take();
  out.push(big.subarray(0, 3 * 188), 33);
  out.ingest.tick(micros(1_900_000));
  out.push(big.subarray(3 * 188), 1901).push(camera.picturesOnly(3).take(), 1902);
  out.ingest.end();
  assert.equal(out.ingest.counters.lateTailBytes, 0);
  assertPictures(out, upTo(12 + 1 + 3));
  const gone = new CameraStream().tables(["picture"]);
  const left = new Ingested().push(gone.picturesOnly(12).take(), 0);
  left.push(gone.picture({ bytes: 2000 }).take().subarray(0, 3 * 188), 33);
  left.ingest.tick(micros(2_100_000));
  assert.equal(left.ingest.deadline, undefined, "what waits longer waits in vain");
});

Deno.test("where nothing is ever missing, a stall in the middle of a picture tears none", () => {
  for (const options of [{ reliable: true }, { clock: "rate" }] as const) {
    const camera = new CameraStream().tables(["picture"]).picturesOnly(3);
    const out = new Ingested(options).push(camera.take(), 0);
    const big = camera.picture({ bytes: 2000 }).take();
    out.push(big.subarray(0, 3 * 188), 33);
    out.ingest.tick(micros(450_000));
    out.push(big.subarray(3 * 188), 451).push(camera.picturesOnly(3).take(), 452);
    out.ingest.end();
    assert.equal(out.ingest.counters.lateTailBytes, 0);
    assertPictures(out, upTo(3 + 1 + 3));
  }
  const camera = new CameraStream().tables(["picture"]).picturesOnly(3);
  const out = new Ingested({ reliable: true }).push(camera.take(), 0);
  out.ingest.tick(micros(550_000));
  assertPictures(out, upTo(3)); // what waits longer is at its end
});

Deno.test("the transport's end of frame lets a frame out at once, and pauses mean nothing then", () => {
  const camera = new CameraStream().tables(["picture"]);
  const out = new Ingested();
  for (let i = 0; i < 4; i++) {
    out.push(camera.picture({ key: i === 0 }).take(), i * 33);
    out.ingest.endOfFrame();
    assertPictures(out, upTo(i + 1));
  }
  const torn = camera.picture({ bytes: 2000 }).take();
  out.push(torn.subarray(0, 188), 200);
  assert.equal(out.ingest.deadline, undefined);
  out.ingest.tick(micros(10_000_000));
  assertPictures(out, upTo(4));
  out.push(torn.subarray(188), 11_000);
  out.ingest.endOfFrame();
  assertPictures(out, upTo(5));
  assert.equal(out.ingest.counters.lateTailBytes, 0);
});

Deno.test(`a muxer that stuffs the last packet is believed after ${HABIT_PROOF} pictures`, () => {
  const camera = new CameraStream().tables(["picture"]);
  const out = new Ingested();
  for (let i = 0; i < HABIT_PROOF + 5; i++) {
    out.push(camera.picture({ key: i === 0 }).take(), i * 33);
    const waitsForTheNext = i < HABIT_PROOF;
    assert.equal(out.samples(VIDEO).length, waitsForTheNext ? i : i + 1, `picture ${i}`);
  }
});

Deno.test("sound waits for the next picture, but no longer than 40 ms", () => {
  const camera = new CameraStream().tables().group(4);
  const out = new Ingested().push(camera.take(), 0);
  out.ingest.end();
  const before = out.batches.length;
  camera.clock.sound = camera.clock.picture;
  out.push(camera.sound().take(), 100).push(camera.sound().take(), 120);
  assert.equal(out.batches.length, before);
  assert.equal((out.ingest.deadline ?? 0) / 1000, 100 + MAX_SOUND_WAIT_MS);
  out.ingest.tick(micros(139_999));
  assert.equal(out.batches.length, before);
  out.ingest.tick(micros(140_000));
  assert.equal(out.batches.length, before + 1);
  assert.deepEqual(out.batches.at(-1)?.fragments.map(({ sizes }) => sizes.length), [2]);
  // Bytes that come are a tick too.
  out.push(camera.sound().take(), 150);
  out.push(camera.sound().take(), 189);
  assert.equal(out.batches.length, before + 1);
  out.push(new Uint8Array(0), 190);
  assert.equal(out.batches.length, before + 2);
});

Deno.test("whoever looks when something is due is told of what is due sooner, and of nothing else", () => {
  const camera = new CameraStream().tables().group(4);
  const out = new Ingested();
  const { ingest } = out;
  const told: number[] = [];
  ingest.onDue = () => {
    ingest.nextLook = ingest.deadline ?? NEVER;
    told.push(ingest.nextLook / 1000);
  };
  out.push(camera.take(), 0); // its last picture waits for its end
  assert.deepEqual(told, [MIN_PAUSE_MS]);
  camera.clock.sound = camera.clock.picture;
  out.push(camera.picture().take(), 20);
  assert.equal(told.length, 1, "which came; another waits, for longer");
  out.push(camera.sound().take(), 27).push(camera.sound().take(), 30);
  assert.equal(told.length, 1, "sound waits until after the next look");
  ingest.nextLook = micros(MIN_PAUSE_MS * 2000);
  out.push(camera.sound().take(), 31);
  assert.deepEqual(told.slice(1), [27 + MAX_SOUND_WAIT_MS]);
});

Deno.test("a picture that comes in time takes the sound along in one batch", () => {
  const camera = new CameraStream().tables().group(4);
  const out = new Ingested().push(camera.take(), 0);
  out.ingest.endOfFrame();
  const before = out.batches.length;
  camera.clock.sound = camera.clock.picture;
  out.push(camera.sound().sound().picture().take(), 30);
  out.ingest.endOfFrame();
  assert.equal(out.batches.length, before + 1);
  assert.deepEqual(out.batches.at(-1)?.fragments.map(({ track }) => track), [AUDIO, VIDEO]);
});

for (const [rateIndex, rate] of [[3, 48_000], [4, 44_100]] as const) {
  Deno.test(`time stamps of sound that are a tick off make no gaps, ${rate} Hz`, () => {
    const camera = new CameraStream().tables(["sound"]);
    camera.adts = { rateIndex };
    for (let i = 0; i < 500; i++) {
      camera.clock.sound = 900_000 + Math.floor(i * 1024 * 90_000 / rate) + i % 3 - 1;
      camera.sound();
    }
    const out = new Ingested().push(camera.take());
    assert.deepEqual(new Set(steps(out.times(AUDIO))), new Set([1024]));
    assert.equal(out.batches.at(-1)?.fragments.length, 1);
  });
}

Deno.test("a gap in the sound stays one; what would play over what was before is left out", () => {
  const camera = new CameraStream().tables(["sound"]).sound(2);
  camera.clock.sound += 5 * 1920;
  camera.sound(2);
  camera.clock.sound -= 3 * 1920;
  camera.sound(1);
  camera.clock.sound += 2 * 1920;
  camera.sound(1);
  const out = new Ingested().push(camera.take());
  assert.deepEqual(steps(out.times(AUDIO)), [1024, 6 * 1024, 1024, 1024]);
  assert.equal(out.ingest.counters.unreadable, 1);
});

Deno.test("a lost packet costs its picture and what leans on it; sound goes on", () => {
  const camera = new CameraStream().tables().group(8).group(8).group(8);
  const packets = [...camera.builder.packets];
  const starts = packets.flatMap((packet, i) =>
    packet[2] === (VIDEO_PID & 0xff) && ((packet[1] ?? 0) & 0x40) ? [i] : []
  );
  packets.splice((starts[11] ?? 0) + 1, 1); // in picture 11, the fourth of its group
  const out = new Ingested().push(concatBytes(packets));
  out.ingest.end();
  assertPictures(out, [...upTo(11), ...upTo(24).slice(16)]);
  assert.equal(out.samples(AUDIO).length, camera.sounds);
  const { counters } = out.ingest;
  assert.deepEqual(
    [counters.continuityGaps, counters.damagedAccessUnits, counters.heldAccessUnits],
    [1, 1, 4],
  );
  assert.equal(counters.generations, 1);
});

Deno.test("joining in the middle of a group waits for a key picture", () => {
  const camera = new CameraStream().tables(["picture"]).picture().picture();
  camera.picture({ sets: camera.sets }).picture().picturesOnly(3);
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  assertPictures(out, [4, 5, 6]);
  assert.deepEqual(out.order[0], "init 1");
});

Deno.test("a later run goes on: numbers and times", () => {
  const first = new Ingested().push(new CameraStream().tables().group(8).take());
  first.ingest.end();
  const { continuation } = first.ingest;
  assert.equal(continuation.generation, 1);
  const last = first.times(VIDEO).at(-1) ?? 0;
  assert.ok(continuation.end >= last + PICTURE_TICKS);
  const second = new Ingested({ from: continuation }).push(
    new CameraStream(5).tables().group(8).take(),
  );
  second.ingest.end();
  assert.equal(second.segments[0]?.generation, 2);
  assert.equal(second.times(VIDEO)[0], continuation.end);
});

Deno.test("media time counts pictures from the first, and is unknown before", () => {
  const camera = new CameraStream().tables();
  const out = new Ingested().push(camera.take());
  assert.equal(out.ingest.mediaTime(), undefined);
  out.push(camera.group(4).take());
  out.ingest.end();
  assert.equal(out.ingest.mediaTime(), 100_000);
});

Deno.test("the capture time is the arrival of the first byte, and prft agrees with the batch", () => {
  const camera = new CameraStream().tables(["picture"]).picture({ key: true, bytes: 1000 });
  const bytes = camera.take();
  const at = 1_700_000_000_000; // ms
  const out = new Ingested().push(bytes.subarray(0, 188 * 4), at).push(
    bytes.subarray(188 * 4),
    at + 7,
  );
  out.ingest.endOfFrame();
  const [batch] = out.batches;
  const captured = at * 1000 + (out.segments[0]?.clockOffset ?? 0);
  assert.equal(batch?.arrival, captured);
  const { capture } = readFragment(batch.bytes) ?? {};
  const [picture] = out.samples(VIDEO);
  assert.deepEqual(capture, { track: VIDEO, time: captured, mediaTime: picture?.pts });
});

Deno.test("what the source says of itself is passed on", () => {
  const out = new Ingested();
  out.ingest.status({ battery: 40 });
  out.ingest.note("The camera is warm.");
  out.ingest.lost(4);
  assert.deepEqual(out.statuses, [{ battery: 40 }]);
  assert.deepEqual(out.notes, ["The camera is warm."]);
  assert.equal(out.ingest.counters.datagramsLost, 4);
});

Deno.test("buffers may be overwritten after each call: nothing lent is kept", () => {
  const bytes = new CameraStream().tables().group(10).group(10).take();
  const plain = new Ingested().push(bytes);
  plain.ingest.end();
  const reused = new Ingested();
  const buffer = new Uint8Array(1316);
  for (let at = 0; at < bytes.length; at += buffer.length) {
    const part = bytes.subarray(at, at + buffer.length);
    buffer.set(part);
    reused.push(buffer.subarray(0, part.length));
    buffer.fill(0xff);
  }
  reused.ingest.end();
  const flat = (out: Ingested): string[] => out.batches.map(({ bytes: b }) => toHex(b));
  assert.deepEqual(flat(reused).length, flat(plain).length);
  assert.deepEqual(
    reused.batches.flatMap(samplesOf).map(payloadText),
    plain.batches.flatMap(samplesOf).map(payloadText),
  );
});

Deno.test("another program begins: no picture is lost, and only other tracks are a new generation", () => {
  for (const widthMbs of [20, 40]) {
    const camera = new CameraStream().tables().group(6);
    const out = new Ingested().push(camera.take());
    camera.builder.pat([{ program: 1, pid: PMT_PID + 8 }]);
    out.push(camera.take());
    camera.builder.pmt([{ pid: VIDEO_PID, type: H264 }, { pid: 0x99, type: AAC }]);
    camera.sets = [sps({ widthMbs }), pps()];
    out.push(camera.group(6).take());
    out.ingest.end();
    assertPictures(out, upTo(12));
    const widths = out.segments.map(({ tracks }) =>
      tracks[0]?.kind === "video" ? tracks[0].width : 0
    );
    assert.deepEqual(widths, widthMbs === 20 ? [320] : [320, 640]);
  }
});
