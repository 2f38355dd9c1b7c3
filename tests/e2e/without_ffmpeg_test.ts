/** A machine without ffmpeg: what is recorded there is kept, and said; the next start with it does the rest. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { RecordingInfo } from "../../shared/recordings.ts";
import { jpegPictures, LiveStreamClient } from "../support/live_stream_client.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run } from "../support/run.ts";
import { PATIENCE_MS } from "../support/patience.ts";

async function until(met: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!await met()) {
    assert.ok(performance.now() < end, what());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A clip of two seconds with Opus, in fragments. */
async function opusClip(path: string): Promise<void> {
  await run("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=2"],
    ...["-f", "lavfi", "-i", "sine=sample_rate=48000:duration=2", "-c:v", "libx264", "-g", "25"],
    ...["-pix_fmt", "yuv420p", "-c:a", "libopus", "-movflags", "frag_keyframe+empty_moov"],
    ...["-f", "mp4", path],
  ]);
}

Deno.test("pictures of Live Stream Server's clients wait for ffmpeg; the list tells of Opus", async () => {
  const pictures = await jpegPictures(5);
  const folder = await Deno.makeTempDir({ prefix: "rill-no-ffmpeg-" });
  try {
    const port = freePort();
    const url = `http://127.0.0.1:${port}`;
    const file = join(folder, "rill.yaml");
    const lines = [`streams: {cam: push}`, `compat:`];
    await Deno.writeTextFile(
      file,
      `${lines.join("\n")}\n  live_stream_server: 127.0.0.1:${port}\n`,
    );
    const args = ["-c", file, "--data", join(folder, "data"), "--open", "all"];
    await opusClip(join(folder, "clip.mp4"));
    {
      await using relay = await RelayProcess.start({ args, env: { PATH: folder } });
      const client = await LiveStreamClient.connect(url);
      for (const jpeg of pictures) client.picture(jpeg);
      await relay.untilSaid(/no live stream: ffmpeg was not found/);
      await client.leave();
      await relay.untilSaid(/recording could not be made a video: ffmpeg was not found/);
      const list = await (await fetch(`${url}/recordings`)).json();
      assert.deepEqual(list, { video: [], audio: [] });

      const record = `${relay.url}/api/streams/cam/record`;
      await (await fetch(record, { method: "POST" })).body?.cancel();
      const body = await Deno.readFile(join(folder, "clip.mp4"));
      const sent = await fetch(`${relay.url}/publish/cam`, { method: "POST", body });
      assert.equal(sent.status, 200, await sent.text());
      await until(async () => {
        const { recording } = await (await fetch(record)).json();
        return recording.seconds > 1.5;
      }, () => relay.output);
      await (await fetch(record, { method: "DELETE" })).body?.cancel();
      let recording: RecordingInfo | undefined;
      await until(async () => {
        const answer = await fetch(`${relay.url}/api/recordings`);
        [recording] = (await answer.json()).recordings;
        return recording?.state === "done";
      }, () => relay.output);
      assert.match(recording?.note ?? "", /Its sound is Opus: .*without sound/);
      assert.deepEqual(recording?.tracks.map(({ codec }) => codec), ["avc1", "Opus"]);
      assert.equal(await relay.stop(), 0);
    }
    await using _relay = await RelayProcess.start({ args });
    await until(async () => {
      const list = await (await fetch(`${url}/recordings`)).json();
      return list.video.length === 1;
    }, () => "the video at the next start");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
