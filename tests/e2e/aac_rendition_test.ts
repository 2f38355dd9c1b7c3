/** A stream with Opus, asked for in AAC: ffmpeg judges that sound is where it was, and that the pictures are the same. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { makeTransportStream } from "../support/clips.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run } from "../support/run.ts";

const RATE = 25;
const SECONDS = 6;
/** Gaps shorter than a frame of sound are closed until they add up to one, 21 ms. */
const SAME_S = 0.025;

/** A beep of a tenth at each full second, and a hole of half a second in the sound of every loop. */
async function beepingClip(path: string): Promise<void> {
  await run("ffmpeg", [
    ...["-v", "error", "-y", "-f", "lavfi", "-i", `testsrc2=size=320x180:rate=${RATE}`],
    ...["-f", "lavfi", "-i", "aevalsrc='lt(mod(t,1),0.1)*sin(2*PI*1000*t)':s=48000"],
    ...["-af", "aselect='not(between(t,3.3,3.8))'"],
    ...["-t", `${SECONDS}`, "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
    ...["-pix_fmt", "yuv420p", "-g", `${RATE}`, "-c:a", "libopus", "-f", "mpegts", path],
  ]);
}

/** What comes from `url` in so many seconds; the last fragment may be cut off. */
async function watch(
  url: string,
  { file, seconds }: { file: string; seconds: number },
): Promise<void> {
  const { body } = await fetch(url);
  assert.ok(body);
  const enough = new AbortController();
  setTimeout(() => enough.abort(), seconds * 1000);
  const output = await Deno.open(file, { write: true, create: true });
  await assert.rejects(body.pipeTo(output.writable, { signal: enough.signal }), {
    name: "AbortError",
  });
}

async function codecsOf(file: string): Promise<string[]> {
  const { stdout } = await run("ffprobe", [
    ...["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", file],
  ]);
  return stdout.trim().split(/\s+/).sort();
}

/** By presentation time, ms: what each picture is. */
async function picturesOf(file: string): Promise<Map<number, string>> {
  const { stdout } = await run("ffprobe", [
    ...["-v", "error", "-select_streams", "v", "-show_packets", "-show_data_hash", "md5"],
    ...["-show_entries", "packet=pts_time,data_hash", "-of", "csv=p=0", file],
  ]);
  return new Map(
    stdout.trim().split("\n").map((line) => line.split(",")).map((
      [time, hash],
    ) => [Math.round(Number(time) * 1000), hash ?? ""]),
  );
}

/** Where beeps begin, seconds. */
async function beepsIn(file: string): Promise<number[]> {
  const { stderr } = await run("ffmpeg", [
    ...["-hide_banner", "-copyts", "-i", file, "-map", "0:a"],
    ...["-af", "silencedetect=noise=-30dB:duration=0.3", "-f", "null", "-"],
  ]);
  return [...stderr.matchAll(/silence_end: ([\d.]+)/g)].map(([, at]) => Number(at));
}

Deno.test("Opus asked for in AAC: sound where it was, the same pictures, in files and playlists", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-aac-" });
  try {
    const clip = join(folder, "clip.ts");
    await beepingClip(clip);
    await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
    const [aac, opus] = [join(folder, "aac.mp4"), join(folder, "opus.mp4")];
    const seconds = 1.5 * SECONDS;
    await Promise.all([
      watch(`${relay.url}/live/cam~aac/stream.mp4`, { file: aac, seconds }),
      watch(`${relay.url}/live/cam/stream.mp4`, { file: opus, seconds }),
    ]);
    assert.deepEqual(await codecsOf(aac), ["aac", "h264"]);
    assert.deepEqual(await codecsOf(opus), ["h264", "opus"]);

    const beeps = await beepsIn(aac);
    const there = await beepsIn(opus);
    // The first and the last are where the file begins and ends, wherever that is.
    const compared = beeps.slice(1, -1).filter((at) => at > (there[0] ?? 0) - 0.5);
    assert.ok(compared.length >= SECONDS, `beeps at ${beeps} and ${there}`);
    for (const beep of compared) {
      const nearest = Math.min(...there.map((at) => Math.abs(at - beep)));
      assert.ok(nearest < SAME_S, `a beep at ${beep}; they were at ${there}`);
    }

    const made = await picturesOf(aac);
    const sent = await picturesOf(opus);
    const both = [...made].filter(([time]) => sent.has(time));
    assert.ok(both.length > SECONDS * RATE);
    for (const [time, hash] of both) {
      assert.equal(hash, sent.get(time), `the picture at ${time} ms`);
    }

    const playlist = await (await fetch(`${relay.url}/live/cam~aac/index.m3u8`)).text();
    assert.match(playlist, /CODECS="avc1\.[0-9a-f]+,mp4a\.40\.2"/);
    const { status } = await fetch(`${relay.url}/live/none~aac/stream.mp4`);
    assert.equal(status, 404);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what is AAC already is passed on as it is; without ffmpeg Opus becomes pictures alone", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-aac-" });
  try {
    const [opus, aac] = [join(folder, "opus.ts"), join(folder, "aac.ts")];
    await makeTransportStream(opus, { seconds: 4, sound: "opus" });
    await makeTransportStream(aac, { seconds: 4, sound: true });
    await using relay = await RelayProcess.start({
      args: [`opus=file:${opus}?loop`, `aac=file:${aac}?loop`],
      env: { PATH: folder },
    });
    const [one, other] = [join(folder, "one.mp4"), join(folder, "other.mp4")];
    await Promise.all([
      watch(`${relay.url}/live/aac~aac/stream.mp4`, { file: one, seconds: 2 }),
      watch(`${relay.url}/live/opus~aac/stream.mp4`, { file: other, seconds: 2 }),
    ]);
    assert.deepEqual(await codecsOf(one), ["aac", "h264"]);
    assert.deepEqual(await codecsOf(other), ["h264"]);
    await relay.untilSaid(/the sound is not made AAC: ffmpeg was not found/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
