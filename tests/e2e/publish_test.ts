/**
 * Programs that push to a relay as people run it: ffmpeg by PUT and POST, GStreamer, fragmented MP4 by WebSocket. Each is
 * watched, and what came is judged by ffprobe.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../shared/bytes.ts";
import { askUntil } from "../support/ask.ts";
import { ffprobe } from "../support/ffprobe.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run } from "../support/run.ts";
import { Viewer } from "../support/viewer.ts";

const SECONDS = 3;
const RATE = 25;
/** One group: who comes before its end is sent all of it. */
const GROUP = SECONDS * RATE;
/** A picture that moves and a tone, as a camera's encoder would send them. */
const ENCODED = [
  ...["-hide_banner", "-loglevel", "error", "-nostdin", "-re"],
  ...["-f", "lavfi", "-i", `testsrc2=size=320x240:rate=${RATE}`],
  ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
  ...["-t", String(SECONDS), "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
  ...["-pix_fmt", "yuv420p", "-g", String(GROUP), "-c:a", "aac", "-b:a", "64k"],
];

/** Everything a viewer was sent, from before the publisher came to after it went. */
async function watched(
  relay: RelayProcess,
  { name, publish }: { name: string; publish: () => Promise<unknown> },
): Promise<{ video: number; codecs: string[] }> {
  const publishing = publish();
  await askUntil(async () => {
    const found = await fetch(`${relay.url}/api/streams/${name}`);
    await found.body?.cancel();
    return found.status;
  }, { accept: (status) => status === 200, what: `the stream ${name}` });
  await using watching = await Viewer.open(`${relay.url}/live/${name}`);
  await publishing;
  await watching.until(
    // That nobody publishes yet is told too, before anything comes.
    () => watching.control.at(-1)?.type === "offline" && watching.media.length > 1,
    { what: "the publisher's end" },
  );
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "watched.mp4");
    await Deno.writeFile(path, concatBytes(watching.media.map(({ bytes }) => bytes)));
    const report = await ffprobe(path, {
      args: ["-count_packets", "-show_entries", "stream=codec_name,nb_read_packets"],
    }) as { streams: { codec_name: string; nb_read_packets: string }[] };
    const codecs = report.streams.map(({ codec_name }) => codec_name).sort();
    const pictures = report.streams.find(({ codec_name }) => codec_name === "h264");
    return { video: Number(pictures?.nb_read_packets), codecs };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("programs push, somebody watches, and every picture arrives", async (test) => {
  await using relay = await RelayProcess.start({ args: ["--open", "publish"] });
  for (const method of ["PUT", "POST"]) {
    await test.step(`ffmpeg, MPEG-TS by ${method}`, async () => {
      const name = `ffmpeg-${method.toLowerCase()}`;
      const url = `${relay.url}/publish/${name}`;
      const { video, codecs } = await watched(relay, {
        name,
        publish: () => run("ffmpeg", [...ENCODED, "-f", "mpegts", "-method", method, url]),
      });
      assert.deepEqual(codecs, ["aac", "h264"]);
      assert.equal(video, GROUP);
    });
  }
  await test.step("GStreamer, MPEG-TS by a chunked POST", async () => {
    const { video, codecs } = await watched(relay, {
      name: "gst",
      publish: () =>
        run("gst-launch-1.0", [
          ...["videotestsrc", "is-live=true", `num-buffers=${GROUP}`, "!"],
          ...[`video/x-raw,width=320,height=240,framerate=${RATE}/1`, "!"],
          ...["x264enc", "tune=zerolatency", `key-int-max=${GROUP}`, "!", "mpegtsmux", "!"],
          ...["curlhttpsink", `location=${relay.url}/publish/gst`, "use-content-length=false"],
        ]),
    });
    assert.deepEqual(codecs, ["h264"]);
    assert.equal(video, GROUP);
  });
  await test.step("fragmented MP4 by WebSocket, as ffmpeg writes it", async () => {
    const { video, codecs } = await watched(relay, {
      name: "mp4",
      publish: () => pushByWebSocket(`${relay.url.replace("http", "ws")}/publish/mp4`),
    });
    assert.deepEqual(codecs, ["aac", "h264"]);
    assert.equal(video, GROUP);
  });
});

/** What ffmpeg writes, message by message as it comes out of the pipe. */
async function pushByWebSocket(url: string): Promise<void> {
  const socket = new WebSocket(url);
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<CloseEvent>();
  socket.onopen = () => opened.resolve();
  socket.onclose = closed.resolve;
  await opened.promise;
  const fragmented = ["-movflags", "empty_moov+frag_every_frame+default_base_moof"];
  await using child = new Deno.Command("ffmpeg", {
    args: [...ENCODED, ...fragmented, "-f", "mp4", "pipe:1"],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  for await (const chunk of child.stdout) socket.send(chunk);
  socket.close(1000);
  const { code } = await closed.promise;
  assert.equal(code, 1000);
}
