/** A stream sent as RTP, read by ffmpeg and by GStreamer from its session description: the pictures that were sent. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { DestinationInfo, DestinationState } from "../../../shared/api.ts";
import { ConnectionError } from "../../../relay/forwarding/connection.ts";
import type { Destination } from "../../../relay/forwarding/destination.ts";
import { openRtpOutlet } from "../../../relay/forwarding/rtp_outlet.ts";
import { micros } from "../../../shared/units.ts";
import { askUntil } from "../../support/ask.ts";
import { type ClipOptions, makeTransportStream } from "../../support/clips.ts";
import { TestRelay } from "../../support/relay.ts";
import { run } from "../../support/run.ts";
import { SentAsRtp } from "../../support/sent_as_rtp.ts";

const FRAMES = 50;
const DESTINATION: Destination = {
  ...{ id: "x", stream: "cam", url: "rtp://127.0.0.1:5004" },
  ...{ authorization: undefined, format: "rtp" },
};

/** A camera of ffmpeg's making, which a relay sends to a port of this machine. */
async function withCamera(
  options: Omit<ClipOptions, "seconds">,
  test: (sent: SentAsRtp) => Promise<void>,
  host?: string,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-rtp-out-" });
  try {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 2, ...options });
    await using sent = await SentAsRtp.start(clip, host);
    await test(sent);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** H.265 is slow to make. */
const LARGE = {
  h264: { size: "640x360", bitrate: 6_000_000, sound: true },
  h265: { size: "320x180", bitrate: 2_000_000, sound: true },
} as const;
for (const codec of ["h264", "h265"] as const) {
  Deno.test(`RTP: ffmpeg decodes the very pictures of ${codec} that were sent, large key pictures too`, () =>
    withCamera({ ...LARGE[codec], codec }, async (sent) => {
      const { same, said } = await sent.receive(2 * FRAMES);
      // ffmpeg begins in the middle of a group, and a busy machine may lose datagrams.
      assert.ok(same >= FRAMES, said);
    }));
}

Deno.test("RTP: GStreamer decodes H.265 from the session description", () =>
  withCamera({ codec: "h265" }, async (sent) => {
    const { stdout } = await run("gst-launch-1.0", [
      ...["-v", "filesrc", `location=${sent.sdp}`, "!", "sdpdemux", "!"],
      ...["application/x-rtp,media=video", "!", "rtph265depay", "!", "h265parse", "!"],
      ...["avdec_h265", "!", "fakesink", `num-buffers=${FRAMES}`, "silent=false", "sync=false"],
    ], { timeoutMs: 30_000 });
    const chains = stdout.split("\n").filter((line) => line.includes("last-message = chain"));
    assert.ok(chains.length >= FRAMES / 2, `${chains.length} frames`);
  }));

Deno.test("RTP: a destination by name is looked up, and sent to where it is", () =>
  withCamera({}, async (sent) => {
    assert.match(await Deno.readTextFile(sent.sdp), /^c=IN IP4 127\.0\.0\.1$/m);
    const { stdout } = await run("ffprobe", [
      ...["-v", "error", "-protocol_whitelist", "file,udp,rtp"],
      ...["-show_entries", "stream=codec_name,width", "-of", "compact=p=0", sent.sdp],
    ]);
    assert.equal(stdout.trim(), "codec_name=h264|width=320");
  }, "localhost"));

Deno.test("RTP: a name that nobody has is said in a sentence, and looked up again", async () => {
  await using relay = await TestRelay.start([
    ...["--open", "all", "--forward", "rtp://no-such-host.invalid:5004", "demo"],
  ]);
  const next = async (after?: string): Promise<DestinationState & { kind: "offline" }> => {
    for (;;) {
      const answer = await fetch(`${relay.url}/api/destinations/forward`);
      const { state } = await answer.json() as DestinationInfo;
      if (state.kind === "offline" && state.retryAt !== after) return state;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const first = await next();
  assert.match(
    first.reason,
    /^(there is no host by the name of|no name server says within 5 s what address) no-such-host\.invalid /,
  );
  await next(first.retryAt); // tried again
});

Deno.test("RTP: a host that has moved is sent to where it is now", async () => {
  const asked: string[] = [];
  const outlet = openRtpOutlet({
    ...{ destination: { ...DESTINATION, url: "rtp://studio.local:5004" }, address: "127.0.0.1" },
    ...{ report: { pushed: () => {}, skipped: () => {} }, now: () => micros(0) },
    following: {
      everyMs: 5,
      lookUp: (hostname) => {
        asked.push(hostname);
        if (asked.length === 2) return Promise.reject(new ConnectionError("no name server"));
        return Promise.resolve(asked.length < 4 ? "127.0.0.1" : "127.0.0.2");
      },
    },
  });
  const { reason, refused } = await outlet.ended;
  assert.equal(reason, "studio.local:5004 has another address now");
  assert.equal(refused, false);
  assert.deepEqual(asked, Array(4).fill("studio.local"));
});

for (const sound of [true, "opus"] as const) {
  Deno.test(`RTP: ${sound === true ? "AAC" : "Opus"} and picture reach ffmpeg together, in time`, () =>
    withCamera({ sound }, async (sent) => {
      // A busy machine may lose datagrams, and those of two seconds are looked at then anew.
      await askUntil(async () => {
        const { stdout } = await run("ffprobe", [
          ...["-v", "error", "-protocol_whitelist", "file,udp,rtp", "-read_intervals", "%+2"],
          ...["-show_entries", "packet=codec_type,pts_time", "-of", "csv=p=0", sent.sdp],
        ]);
        const times = (kind: string): number[] =>
          stdout.split("\n").map((line) => line.split(",")).filter(([type]) => type === kind)
            .map(([, time]) => Number(time)).filter((time) => !Number.isNaN(time));
        const [pictures, sounds] = [times("video"), times("audio")];
        return {
          ...{ pictures: pictures.length, sounds: sounds.length },
          apart: Math.abs((pictures.at(-1) ?? 0) - (sounds.at(-1) ?? 0)),
        };
      }, {
        accept: ({ pictures, sounds, apart }) => pictures >= 25 && sounds >= 40 && apart < 0.3,
        what: "picture and sound, together",
      });
    }));
}

Deno.test("RTP: GStreamer plays picture and sound from the session description", () =>
  withCamera({ sound: true }, async (sent) => {
    const { stdout } = await run("gst-launch-1.0", [
      ...["-v", "filesrc", `location=${sent.sdp}`, "!", "sdpdemux", "name=d"],
      ...["d.", "!", "application/x-rtp,media=video", "!", "rtph264depay", "!", "h264parse", "!"],
      ...["avdec_h264", "!", "fakesink", `num-buffers=${FRAMES}`, "silent=false", "sync=false"],
      ...["d.", "!", "application/x-rtp,media=audio", "!", "rtpmp4gdepay", "!", "aacparse", "!"],
      ...["fakesink", `num-buffers=${FRAMES}`, "silent=false", "sync=false"],
    ], { timeoutMs: 30_000 });
    const chains = (sink: string): number =>
      stdout.split("\n").filter((line) => line.includes(`${sink}: last-message = chain`)).length;
    // The sink that has enough first ends both.
    for (const sink of ["fakesink0", "fakesink1"]) {
      assert.ok(chains(sink) >= FRAMES / 2, `${chains(sink)} frames in ${sink}`);
    }
  }));

Deno.test("RTP: a stream without a codec that it can carry is refused in words", async () => {
  const outlet = openRtpOutlet({
    ...{ destination: DESTINATION, address: "127.0.0.1" },
    report: { pushed: () => {}, skipped: () => {} },
    now: () => micros(0),
  });
  outlet.sink.init({
    ...{ generation: 1, mime: "video/mp4", bytes: new Uint8Array(0) },
    ...{ clockOffset: micros(0), clockError: micros(0) },
    tracks: [{
      ...{ id: 1, kind: "video", codec: "av01.0.04M.08", timescale: 90_000 },
      ...{ sampleEntry: "av01", config: { type: "av1C", bytes: new Uint8Array(0) } },
      ...{ width: 1920, height: 1080 },
    }],
  });
  const { reason, refused } = await outlet.ended;
  assert.equal(reason, "av01.0.04M.08 is not sent by RTP: H.264, H.265, AAC and Opus are");
  assert.ok(refused);
});

Deno.test("RTP: what is no address to send to is refused, and other destinations have no description", async () => {
  await using relay = await TestRelay.start(["--open", "all", "--forward", "ws://127.0.0.1:9/x"]);
  const post = (body: unknown): Promise<Response> =>
    fetch(`${relay.url}/api/destinations`, { method: "POST", body: JSON.stringify(body) });
  for (
    const [body, field] of [
      [{ id: "a", url: "rtp://127.0.0.1" }, "url"],
      [{ id: "a", url: "rtp://studio_1:5004" }, "url"],
      [{ id: "a", url: "rtp://127.1:5004" }, "url"],
      [{ id: "a", url: "rtp://studio.local" }, "url"],
      [{ id: "a", url: "rtp://127.0.0.1:65533" }, "url"],
      [{ id: "a", url: "rtp://127.0.0.1:5004", format: "ts" }, "format"],
    ] as const
  ) {
    const refused = await post(body);
    assert.equal(refused.status, 400);
    assert.equal((await refused.json()).field, field);
  }
  for (const id of ["forward", "nobody"]) {
    const none = await fetch(`${relay.url}/api/destinations/${id}/sdp`);
    assert.equal(none.status, 404);
    await none.body?.cancel();
  }
});
