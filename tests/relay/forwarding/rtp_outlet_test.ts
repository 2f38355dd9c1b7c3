/** A stream sent as RTP, read by ffmpeg and by GStreamer from its session description: the pictures that were sent. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openRtpOutlet } from "../../../relay/forwarding/rtp_outlet.ts";
import { micros } from "../../../shared/units.ts";
import { type ClipOptions, makeTransportStream } from "../../support/clips.ts";
import { decodedHashes } from "../../support/judges.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { run } from "../../support/run.ts";
import { freeUdpPort } from "../../support/udp_ports.ts";

const FRAMES = 50;

/** A camera of ffmpeg's making, which a relay sends to a port of this machine. */
class Sent implements AsyncDisposable {
  readonly relay: TestRelay;
  readonly clip: string;
  /** The session description, as the relay tells it. */
  readonly sdp: string;
  readonly #folder: string;

  private constructor(relay: TestRelay, folder: string) {
    this.relay = relay;
    this.#folder = folder;
    this.clip = join(folder, "clip.ts");
    this.sdp = join(folder, "cam.sdp");
  }

  static async start(options: Omit<ClipOptions, "seconds">): Promise<Sent> {
    const folder = await Deno.makeTempDir({ prefix: "rill-rtp-out-" });
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 2, ...options });
    const url = `rtp://127.0.0.1:${evenPort()}`;
    const relay = await TestRelay.start(["--forward", url, `cam=file:${clip}?loop`]);
    await until(() => relay.hub("cam").segment !== undefined, { what: "the first picture" });
    const answer = await fetch(`${relay.url}/api/destinations/forward/sdp`);
    assert.equal(answer.headers.get("content-type"), "application/sdp");
    const sent = new Sent(relay, folder);
    await Deno.writeTextFile(sent.sdp, await answer.text());
    return sent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.relay[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function evenPort(): number {
  for (;;) {
    const port = freeUdpPort();
    if (port % 2 === 0 && port < 65_000) return port;
  }
}

Deno.test("RTP: ffmpeg decodes the very pictures that were sent, large key pictures too", async () => {
  await using sent = await Sent.start({ size: "640x360", bitrate: 6_000_000, sound: true });
  const made = new Set(await decodedHashes(sent.clip));
  const received = `${sent.sdp}.mkv`;
  const { stderr } = await run("ffmpeg", [
    ...["-v", "error", "-nostdin", "-protocol_whitelist", "file,udp,rtp", "-i", sent.sdp],
    ...["-map", "0:v", "-c", "copy", "-frames:v", `${2 * FRAMES}`, received],
  ]);
  const read = await decodedHashes(received);
  const same = read.filter((hash) => made.has(hash)).length;
  // ffmpeg begins in the middle of a group, and a busy machine may lose datagrams.
  assert.ok(same >= FRAMES, `${same} of ${read.length} are the same; ${stderr}`);
});

for (const sound of [true, "opus"] as const) {
  Deno.test(`RTP: ${sound === true ? "AAC" : "Opus"} and picture reach ffmpeg together, in time`, async () => {
    await using sent = await Sent.start({ sound });
    const { stdout } = await run("ffprobe", [
      ...["-v", "error", "-protocol_whitelist", "file,udp,rtp", "-read_intervals", "%+2"],
      ...["-show_entries", "packet=codec_type,pts_time", "-of", "csv=p=0", sent.sdp],
    ]);
    const times = (kind: string): number[] =>
      stdout.split("\n").map((line) => line.split(",")).filter(([type]) => type === kind)
        .map(([, time]) => Number(time)).filter((time) => !Number.isNaN(time));
    const pictures = times("video");
    const sounds = times("audio");
    assert.ok(pictures.length >= 25, `${pictures.length} pictures`);
    assert.ok(sounds.length >= 40, `${sounds.length} packets of sound`);
    const apart = Math.abs((pictures.at(-1) ?? 0) - (sounds.at(-1) ?? 0));
    assert.ok(apart < 0.3, `picture and sound are ${apart} s apart`);
  });
}

Deno.test("RTP: GStreamer plays picture and sound from the session description", async () => {
  await using sent = await Sent.start({ sound: true });
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
});

Deno.test("RTP: a stream without a codec that it can carry is refused in words", async () => {
  const outlet = openRtpOutlet({
    destination: {
      ...{ id: "x", stream: "cam", url: "rtp://127.0.0.1:5004" },
      ...{ authorization: undefined, format: "rtp" },
    },
    report: { pushed: () => {}, skipped: () => {} },
    now: () => micros(0),
  });
  outlet.sink.init({
    ...{ generation: 1, mime: "video/mp4", bytes: new Uint8Array(0) },
    ...{ clockOffset: micros(0), clockError: micros(0) },
    tracks: [{
      ...{ id: 1, kind: "video", codec: "hvc1.1.6.L93.B0", timescale: 90_000 },
      ...{ sampleEntry: "hvc1", config: { type: "hvcC", bytes: new Uint8Array(0) } },
      ...{ width: 1920, height: 1080 },
    }],
  });
  const { reason, refused } = await outlet.ended;
  assert.equal(reason, "hvc1.1.6.L93.B0 is not sent by RTP: H.264, AAC and Opus are");
  assert.ok(refused);
});

Deno.test("RTP: what is no address to send to is refused, and other destinations have no description", async () => {
  await using relay = await TestRelay.start(["--open", "all", "--forward", "ws://127.0.0.1:9/x"]);
  const post = (body: unknown): Promise<Response> =>
    fetch(`${relay.url}/api/destinations`, { method: "POST", body: JSON.stringify(body) });
  for (
    const [body, field] of [
      [{ id: "a", url: "rtp://127.0.0.1" }, "url"],
      [{ id: "a", url: "rtp://studio.local:5004" }, "url"],
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
