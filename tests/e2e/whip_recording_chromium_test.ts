/**
 * What Chromium publishes by WHIP, recorded: on the relay by its API, and as it is watched by `record`. Both are MP4 with
 * picture and sound, as long as each other; the relay's plays in Chromium.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { RecordingInfo, RecordingState } from "../../shared/recordings.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { pollFor } from "../support/browsers/browser.ts";
import { ffprobe } from "../support/ffprobe.ts";
import { record } from "../support/record_process.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run } from "../support/run.ts";
import { publishScript } from "../support/whip_page.ts";

const SECONDS = 3;

/** Decoded without a word; sound and picture, equally long. @returns codecs in alphabetical order. */
async function judge(path: string): Promise<string[]> {
  const decoded = ["-vsync", "passthrough", "-enc_time_base", "1:90000", "-f", "null", "-"];
  const { stderr } = await run("ffmpeg", ["-v", "error", "-i", path, ...decoded]);
  assert.equal(stderr, "", path);
  const { streams } = await ffprobe(path, {
    args: ["-count_packets", "-show_entries", "stream=codec_name,duration,nb_read_packets"],
  }) as { streams: { codec_name: string; duration: string; nb_read_packets: string }[] };
  const lengths = streams.map(({ duration }) => Number(duration));
  const [first = NaN, second = NaN] = lengths;
  assert.ok(first > 1 && Math.abs(first - second) < 1, `${path}: ${lengths.join(" and ")} s`);
  for (const { nb_read_packets } of streams) assert.ok(Number(nb_read_packets) > SECONDS);
  return streams.map(({ codec_name }) => codec_name).sort();
}

Deno.test("chromium's camera, published by WHIP, is recorded with its sound, and plays", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-whip-recording-" });
  try {
    await using relay = await RelayProcess.start({
      args: ["--open", "all", "--data", join(folder, "data"), "cam=push"],
    });
    const recording = `${relay.url}/api/streams/cam/record`;
    const state = async (): Promise<RecordingState> => await (await fetch(recording)).json();
    await using browser = await launchChromium({ camera: true });
    await using page = await browser.open(`${relay.url}/`);
    const { status, text } = await page.evaluate<{ status: number; text: string }>(
      publishScript({ name: "cam", what: "camera" }),
    );
    assert.equal(status, 201, text);
    const begun = await fetch(recording, { method: "POST" });
    assert.equal(begun.status, 201, await begun.text());
    const watched = join(folder, "watched.mp4");
    await record([`${relay.url}/live/cam`, watched, "--seconds", `${SECONDS}`]);
    await pollFor(async () => ((await state()).recording?.seconds ?? 0) > SECONDS, {
      what: "the relay's recording",
    });
    await (await fetch(recording, { method: "DELETE" })).body?.cancel();
    const { ended } = await state();
    assert.equal(ended?.problem, undefined);
    const [id = ""] = ended?.recordings ?? [];
    // Opus becomes AAC, which plays everywhere, once it is closed.
    const info = async (): Promise<RecordingInfo> =>
      await (await fetch(`${relay.url}/api/recordings/${id}`)).json();
    await pollFor(async () => (await info()).state === "done", {
      what: "the recording to be finished",
    });
    assert.deepEqual(await judge(join(folder, "data", "recordings", `${id}.mp4`)), ["aac", "h264"]);
    assert.deepEqual(await judge(watched), ["h264", "opus"]);

    await page.evaluate(`void (document.body.innerHTML =
      '<video muted src="/api/recordings/${id}/media.mp4"></video>')`);
    const video = `document.querySelector("video")`;
    await page.evaluate(`void ${video}.play()`);
    await page.waitFor(`${video}.currentTime > 2 && ${video}.webkitAudioDecodedByteCount > 0`, {
      what: "two seconds of the recording, with sound",
    });
    assert.equal(await page.evaluate(`${video}.error`), null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
