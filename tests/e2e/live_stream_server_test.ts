/** Live Stream Server's clients at a relay as users run it: by a configuration file, with no more leave than that needs. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { ffprobe } from "../support/ffprobe.ts";
import { jpegPictures, LiveStreamClient, tone } from "../support/live_stream_client.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { Viewer } from "../support/viewer.ts";
import { PATIENCE_MS } from "../support/patience.ts";

async function video(url: string): Promise<string> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const list: { video: string[]; audio: string[] } = await (await fetch(`${url}/recordings`))
      .json();
    const [name] = list.video;
    if (name !== undefined && list.audio.length === 1) return name;
    assert.ok(performance.now() < end, JSON.stringify(list));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Resolves once so many bytes of pictures lie in the clients' folders. */
async function collected(temp: string, bytes: number): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const folders = [...Deno.readDirSync(temp)].filter(({ name }) => name.startsWith("frames_"));
    const files = folders.flatMap(({ name }) =>
      [...Deno.readDirSync(join(temp, name))].map((file) => join(temp, name, file.name))
    );
    const found = files.reduce((sum, path) => sum + Deno.statSync(path).size, 0);
    if (found === bytes) return;
    assert.ok(performance.now() < end, `${found} bytes of ${bytes} are on the disk`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test("watched live; the relay is killed, and its next start finishes the recording", async () => {
  const pictures = await jpegPictures(15);
  const folder = await Deno.makeTempDir({ prefix: "rill-lss-" });
  try {
    const port = freePort();
    const url = `http://127.0.0.1:${port}`;
    const file = join(folder, "rill.yaml");
    await Deno.writeTextFile(
      file,
      `compat:\n  live_stream_server: 127.0.0.1:${port}\n`,
    );
    let sent = 0;
    let bytes = 0;
    {
      await using relay = await RelayProcess.start({
        args: ["-c", file, "--data", join(folder, "data")],
      });
      await using client = await LiveStreamClient.connect(url);
      client.hello("Front Door");
      const feeding = setInterval(() => {
        const picture = pictures[sent++ % pictures.length] ?? new Uint8Array();
        client.picture(picture);
        bytes += picture.length;
        client.sound(tone(66));
      }, 66);
      try {
        const end = performance.now() + PATIENCE_MS;
        let known = false;
        while (!known) {
          assert.ok(performance.now() < end, relay.output);
          await new Promise((resolve) => setTimeout(resolve, 50));
          const { streams } = await (await fetch(`${relay.url}/api/streams`)).json();
          known = streams.length === 1;
        }
        await using viewer = await Viewer.open(`${relay.url}/live/live-stream-server/Front-Door`);
        await viewer.until(() => viewer.stream?.tracks.length === 2, { what: "both tracks" });
        await viewer.until(() => viewer.fragments(viewer.pictures).length > 20, {
          what: "pictures",
        });
      } finally {
        clearInterval(feeding);
      }
      await collected(join(folder, "data", "media", "temp"), bytes);
      await relay.kill();
      await client.closed;
    }
    await using relay = await RelayProcess.start({
      args: ["-c", file, "--data", join(folder, "data")],
    });
    const path = join(folder, "data", "media", "video", await video(url));
    const args = ["-count_frames", "-show_streams"];
    const { streams: [track] } = await ffprobe(path, { args, level: "error" }) as {
      streams: Record<string, unknown>[];
    };
    assert.equal(track?.nb_read_frames, String(sent));
    assert.equal(track.avg_frame_rate, "15/1");
    assert.equal(await relay.stop(), 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
