/** A stream sent as RTP, read by ffmpeg and by GStreamer from its session description: the pictures that were sent. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { parseSource } from "../../../relay/sources/mod.ts";
import { openRtpOutlet, rtpPorts } from "../../../relay/forwarding/rtp_outlet.ts";
import type { Outlet } from "../../../relay/forwarding/outlet.ts";
import { Log } from "../../../relay/log.ts";
import { writeSdp } from "../../../relay/rtp_out/sdp.ts";
import { Streams } from "../../../relay/streams/streams.ts";
import type { Supervisor } from "../../../relay/streams/supervisor.ts";
import { micros } from "../../../shared/units.ts";
import { type ClipOptions, makeTransportStream } from "../../support/clips.ts";
import { decodedHashes, hashColumn } from "../../support/judges.ts";
import { until } from "../../support/relay.ts";
import { run } from "../../support/run.ts";
import { freeUdpPort } from "../../support/udp_ports.ts";

const FRAMES = 50;

/** A camera of ffmpeg's making, sent to a port of this machine. */
class Sent implements AsyncDisposable {
  readonly clip: string;
  readonly sdp: string;
  readonly bytes = { pushed: 0 };
  readonly outlet: Outlet;
  readonly #folder: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(what: {
    readonly folder: string;
    readonly clip: string;
    readonly sdp: string;
    readonly outlet: Outlet;
    readonly stack: AsyncDisposableStack;
  }) {
    this.#folder = what.folder;
    this.clip = what.clip;
    this.sdp = what.sdp;
    this.outlet = what.outlet;
    this.#stack = what.stack;
  }

  static async start(options: Omit<ClipOptions, "seconds">): Promise<Sent> {
    const folder = await Deno.makeTempDir({ prefix: "rill-rtp-out-" });
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 2, ...options });
    await using stack = new AsyncDisposableStack();
    const log = new Log({ level: "error", format: "text", write: () => {} });
    const streams = stack.use(new Streams(log));
    const stream = streams.add("cam", parseSource(`file:${clip}?loop`));
    await until(() => stream.hub.segment !== undefined, { what: "the first picture" });
    const url = `rtp://127.0.0.1:${evenPort()}`;
    const outlet = await openRtpOutlet({
      destination: { id: "x", stream: "cam", url, authorization: undefined, format: "fmp4" },
      report: { pushed: () => {}, skipped: () => {} },
      now: () => micros((performance.timeOrigin + performance.now()) * 1000),
    });
    stack.defer(async () => {
      outlet.close();
      await outlet.ended;
    });
    stack.use(stream.hub.subscribe(outlet.sink));
    const sdp = join(folder, "cam.sdp");
    await Deno.writeTextFile(sdp, describe(stream, url));
    return new Sent({ folder, clip, sdp, outlet, stack: stack.move() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function describe({ name, hub }: Supervisor, url: string): string {
  return writeSdp({
    ...{ name, version: 1, address: "127.0.0.1", ports: rtpPorts(new URL(url)) },
    tracks: hub.segment?.tracks ?? [],
  });
}

function evenPort(): number {
  for (;;) {
    const port = freeUdpPort();
    if (port % 2 === 0 && port < 65_000) return port;
  }
}

Deno.test("RTP: ffmpeg decodes the very pictures that were sent, large key pictures too", async () => {
  await using sent = await Sent.start({ size: "640x360", bitrate: 12_000_000, sound: true });
  const made = new Set(await decodedHashes(sent.clip));
  const { stdout, stderr } = await run("ffmpeg", [
    ...["-v", "error", "-nostdin", "-protocol_whitelist", "file,udp,rtp", "-threads", "1"],
    ...["-i", sent.sdp, "-map", "0:v", "-vsync", "0", "-frames:v", `${FRAMES}`],
    ...["-f", "framemd5", "-"],
  ]);
  const read = hashColumn(stdout);
  assert.equal(read.length, FRAMES, stderr);
  // Where ffmpeg begins to listen in the middle of a group, what it guesses of the first pictures is its own.
  const strange = read.slice(25).filter((hash) => !made.has(hash));
  assert.deepEqual(strange, []);
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
  assert.deepEqual([chains("fakesink0"), chains("fakesink1")], [FRAMES, FRAMES]);
});

Deno.test("RTP: a stream without a codec that it can carry is refused in words", async () => {
  const outlet = await openRtpOutlet({
    destination: {
      ...{ id: "x", stream: "cam", url: "rtp://127.0.0.1:5004" },
      ...{ authorization: undefined, format: "fmp4" },
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
