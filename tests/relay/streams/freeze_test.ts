/** Pictures that cease while the camera still sends: not called live, said in words, counted, and mended where it can be. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import { Log } from "../../../relay/log.ts";
import { parseSource } from "../../../relay/sources/mod.ts";
import { Supervisor } from "../../../relay/streams/supervisor.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { GoProCamera } from "../../support/gopro_camera.ts";
import { goProDatagram } from "../../support/gopro_datagrams.ts";
import { hero4 } from "../../support/gopro_firmware.ts";
import { RecordingSink } from "../../support/recording_sink.ts";
import { until } from "../../support/relay.ts";
import { freeUdpPort, UdpSender } from "../../support/ports.ts";

const PACKET_BYTES = 188;
const FROZEN = "no picture has come for 5 s, although the camera still sends";

/** A stream of that source, who takes it, and what it logged. */
function supervise(source: string): {
  readonly stream: Supervisor;
  readonly sink: RecordingSink;
  readonly lines: string[];
} {
  const lines: string[] = [];
  const log = new Log({ level: "info", format: "text", write: (line) => void lines.push(line) });
  const stream = new Supervisor({ name: "cam", spec: parseSource(source), log });
  const sink = new RecordingSink();
  stream.hub.subscribe(sink);
  return { stream, sink, lines };
}

const pictures = ({ batches }: RecordingSink): number =>
  batches.flatMap(({ fragments }) => fragments).filter(({ track }) => track === 1).length;
const sounds = ({ batches }: RecordingSink): number =>
  batches.flatMap(({ fragments }) => fragments).filter(({ track }) => track === 2).length;

/** Packets that hold nothing (ISO/IEC 13818-1 §2.4.3.2). */
function nothing(): Uint8Array {
  const packets = new Uint8Array(7 * PACKET_BYTES).fill(0xff);
  for (let at = 0; at < packets.length; at += PACKET_BYTES) {
    packets.set([0x47, 0x1f, 0xff, 0x10], at);
  }
  return packets;
}

const GOES_ON: readonly (readonly [what: string, bytes: (camera: CameraStream) => Uint8Array])[] = [
  ["sound", (camera) => camera.tables().sound().take()],
  ["tables", (camera) => camera.tables().take()],
  ["null packets", nothing],
];

for (const [what, bytes] of GOES_ON) {
  Deno.test(`pictures cease and ${what} goes on: offline in words until pictures come again`, async () => {
    const port = freeUdpPort();
    const { stream, sink, lines } = supervise(`udp://127.0.0.1:${port}`);
    await using _ = stream;
    using sender = new UdpSender(port);
    const camera = new CameraStream();
    let filming = true;
    const sending = setInterval(() => {
      const piece = filming ? camera.tables().group(3).take() : bytes(camera);
      camera.clock.picture = Math.max(camera.clock.picture, camera.clock.sound);
      void sender.send(piece);
    }, 20);
    try {
      await until(() => stream.info.state.kind === "live", { what: "the picture" });
      filming = false;
      await until(() => stream.offline !== undefined, { what: "the freeze" });
      assert.equal(stream.offline, FROZEN);
      assert.equal(stream.info.counters.freezes, 1);
      assert.equal(sink.story.filter((call) => call === "offline").length, 1);
      const before = { pictures: pictures(sink), sounds: sounds(sink) };
      const joiner = new RecordingSink();
      stream.hub.subscribe(joiner);
      if (what === "sound") {
        await until(() => sounds(sink) > before.sounds + 20, { what: "sound meanwhile" });
      }
      assert.equal(stream.offline, FROZEN, "sound is no picture");
      const late = new RecordingSink();
      stream.hub.subscribe(late);
      assert.deepEqual([joiner.story, late.story], [["offline"], ["offline"]]);
      filming = true;
      await until(() => stream.info.state.kind === "live", { what: "the picture again" });
      assert.equal(stream.offline, undefined);
      assert.ok(pictures(sink) > before.pictures);
      assert.equal(lines.filter((line) => line.includes(FROZEN)).length, 1);
    } finally {
      clearInterval(sending);
    }
  });
}

/** Datagrams of one frame each, at the camera's pace: pictures and sound for some seconds, then sound alone. */
function freezing(
  { seconds, then }: { readonly seconds: number; readonly then: number },
): Uint8Array {
  const camera = new CameraStream();
  const datagrams = Array.from({ length: 30 * (seconds + then) }, (_, i) => {
    camera.tables();
    if (i < 30 * seconds) camera.picture({ key: i % 15 === 0, bytes: 200 });
    else camera.clock.picture += 3000;
    while (camera.clock.sound <= camera.clock.picture) camera.sound();
    const bytes = camera.take();
    const datagram = goProDatagram({
      group: 1 + Math.floor(i / 15),
      index: i % 15,
      packets: bytes.length / PACKET_BYTES,
      endOfFrame: true,
      endOfGroup: i % 15 === 14,
    });
    datagram.set(bytes, 12);
    return datagram;
  });
  return concatBytes(datagrams);
}

Deno.test("a GoPro whose preview freezes while its sound goes on is started again, and its picture is back", async () => {
  await using camera = GoProCamera.on({
    firmware: hero4,
    capture: freezing({ seconds: 2, then: 30 }),
    streamPort: freeUdpPort(),
  });
  const { stream, sink, lines } = supervise(camera.source);
  await using _ = stream;
  await until(() => stream.info.state.kind === "live", { what: "the picture" });
  await until(() => stream.offline !== undefined, { what: "the freeze" });
  assert.equal(stream.offline, FROZEN);
  await until(() => stream.info.state.kind === "live", { what: "the picture again" });
  assert.equal(camera.starts, 2);
  assert.ok(camera.requests.some((path) => path.endsWith("c1=stop")));
  assert.equal(stream.info.counters.freezes, 1);
  assert.equal(stream.info.counters.restarts, 0, "of the preview, not of the source");
  assert.equal(sink.story.filter((call) => call.startsWith("init")).length, 2);
  assert.ok(lines.some((line) => line.includes("though it sends: its preview is restarted")));
});
