/** `exec:` with real encoders: each format they write, judged by ffprobe; a program that dies is started again. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../shared/bytes.ts";
import { ffprobe } from "../support/ffprobe.ts";
import { TestRelay, until } from "../support/relay.ts";
import { Viewer } from "../support/viewer.ts";

const RATE = 90;
const PICTURES = 2 * RATE;
const ENCODER = "ffmpeg -hide_banner -loglevel error -nostdin -re -f lavfi " +
  `-i testsrc2=size=320x240:rate=${RATE} -frames:v ${PICTURES} -c:v libx264 -preset ultrafast ` +
  `-tune zerolatency -pix_fmt yuv420p -g ${RATE}`;
const FORMATS = {
  "MPEG-TS": "-f mpegts pipe:1",
  "H.264 alone": "-f h264 pipe:1",
  "fragmented MP4": "-movflags empty_moov+frag_every_frame+default_base_moof -f mp4 pipe:1",
};

Deno.test("an encoder's output at 90 pictures a second: every one, in each format", async (test) => {
  for (const [format, options] of Object.entries(FORMATS)) {
    await test.step(format, async () => {
      await using relay = await TestRelay.start([`cam=exec:${ENCODER} ${options}`]);
      await using viewer = await Viewer.open(`${relay.url}/live/cam`);
      const pictures = (): number => relay.stream("cam").info.counters.videoSamples;
      await until(() => relay.stream("cam").offline !== undefined, {
        what: "the end",
      });
      assert.match(relay.stream("cam").offline ?? "", /the source ended; it is started again/);
      assert.ok(pictures() >= PICTURES, `${pictures()} pictures`);
      const folder = await Deno.makeTempDir();
      try {
        const path = join(folder, "watched.mp4");
        const first = viewer.media.filter(({ generation }) => generation === 1);
        await Deno.writeFile(path, concatBytes(first.map(({ bytes }) => bytes)));
        const { streams: [video] } = await ffprobe(path, {
          args: ["-count_packets", "-show_entries", "stream=nb_read_packets,start_time,duration"],
        }) as { streams: { nb_read_packets: string; start_time: string; duration: string }[] };
        assert.equal(Number(video?.nb_read_packets), PICTURES);
        // Without time stamps of their own (H.264 alone) they are timed as they come: start-up is uneven.
        const tolerance = format === "H.264 alone" ? 1 : 0.05;
        // ffprobe counts a fragmented file's duration from 0, not from where it starts.
        const seconds = Number(video?.duration) - Number(video?.start_time);
        assert.ok(Math.abs(seconds - PICTURES / RATE) < tolerance, `${seconds} s`);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
});

Deno.test("a program that dies is started again, and says why it died", async () => {
  await using relay = await TestRelay.start([
    `cam=exec:sh -c '${
      ENCODER.replace(`${PICTURES}`, "30")
    } -f mpegts pipe:1; echo lens fell off >&2; exit 5'`,
  ]);
  await using viewer = await Viewer.open(`${relay.url}/live/cam`);
  const said = (): boolean =>
    viewer.control.some((message) =>
      message.type === "offline" &&
      message.reason === "the program sh ended with code 5: lens fell off"
    );
  await viewer.until(said, { what: "why" });
  await viewer.until(() => viewer.stream?.generation === 2, { what: "another run" });
  assert.ok(relay.stream("cam").info.counters.restarts >= 1);
});
