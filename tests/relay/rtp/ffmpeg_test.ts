/** What ffmpeg sends as RTP, read: every access unit that its own MP4 of the same clip has, H.264, H.265 and Opus. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../../shared/bytes.ts";
import { AUDIO, Ingested, VIDEO } from "../../support/ingested.ts";
import { ffprobe } from "../../support/ffprobe.ts";
import { feedOf } from "../../support/rtp_packets.ts";
import { run } from "../../support/run.ts";

const SECONDS = 2;
const RATE = 25;

/** More than enough: a busy machine loses what finds the socket's buffer full, which is no fault of either side. */
const ATTEMPTS = 5;

/** The packets that ffmpeg sends with these arguments, in order, none missing between them. */
async function packetsOf(args: readonly string[]): Promise<Uint8Array[]> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const packets = await packetsSent(args);
    if (isWhole(packets)) return packets;
  }
  assert.fail(`the machine lost datagrams each of ${ATTEMPTS} times`);
}

/** Whether their sequence numbers follow each other (RFC 3550 §5.1); RTCP has none (RFC 5761 §4). */
function isWhole(packets: readonly Uint8Array[]): boolean {
  const numbers = packets.filter((packet) => (packet[1] ?? 0) < 192 || (packet[1] ?? 0) > 223)
    .map((packet) => new DataView(packet.buffer, packet.byteOffset).getUint16(2));
  return numbers.every((number, at) =>
    at === 0 || number === (((numbers[at - 1] ?? 0) + 1) & 0xffff)
  );
}

async function packetsSent(args: readonly string[]): Promise<Uint8Array[]> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = socket.addr as Deno.NetAddr;
  const packets: Uint8Array[] = [];
  const receiving = (async () => {
    for await (const [bytes] of socket) packets.push(bytes);
  })();
  const address = `rtp://127.0.0.1:${port}?rtcpport=${port}&pkt_size=1200`;
  await run("ffmpeg", ["-v", "error", "-nostdin", "-re", ...args, "-f", "rtp", address]);
  for (let before = -1; before !== packets.length;) { // what is in the socket's buffer
    before = packets.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  socket.close();
  await receiving;
  return packets;
}

const PICTURES = [
  ...["-f", "lavfi", "-i", `testsrc2=size=640x360:rate=${RATE}`, "-t", `${SECONDS}`],
  ...["-pix_fmt", "yuv420p", "-g", `${RATE}`, "-bf", "0"],
];
const CASES = [
  {
    codec: "h264",
    clockRate: 90_000,
    track: VIDEO,
    args: [...PICTURES, "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
    count: SECONDS * RATE,
    encoder: "libx264",
  },
  {
    codec: "h265",
    clockRate: 90_000,
    track: VIDEO,
    args: [
      ...[...PICTURES, "-c:v", "libx265", "-preset", "ultrafast"],
      ...["-x265-params", "log-level=error:bframes=0:repeat-headers=1"],
    ],
    count: SECONDS * RATE,
    encoder: "libx265",
  },
  {
    codec: "opus",
    clockRate: 48_000,
    track: AUDIO,
    args: [
      ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", `${SECONDS}`],
      ...["-ac", "2", "-c:a", "libopus"],
    ],
    count: SECONDS * 50,
    encoder: "libopus",
  },
] as const;

for (const { codec, clockRate, track, args, count } of CASES) {
  Deno.test(`rtp: ${codec} as ffmpeg sends it comes out whole, and plays`, async () => {
    const packets = await packetsOf(args);
    const table = { tracks: [{ payloadType: codec === "opus" ? 97 : 96, codec, clockRate }] };
    const ingested = new Ingested({ format: "rtp" }).push(feedOf(packets, table));
    ingested.ingest.end();
    const { counters } = ingested.ingest;
    assert.equal(counters.packetsLost + counters.damagedAccessUnits + counters.unreadable, 0);
    const samples = ingested.samples(track).length;
    assert.ok(samples === count || (codec === "opus" && samples > count), `${samples} samples`);
    const folder = await Deno.makeTempDir({ prefix: "rill-rtp-" });
    try {
      const path = join(folder, "out.mp4");
      const [segment] = ingested.segments;
      assert.ok(segment);
      await Deno.writeFile(
        path,
        concatBytes([segment.bytes, ...ingested.batches.map(({ bytes }) => bytes)]),
      );
      const { stderr } = await run("ffmpeg", ["-v", "error", "-i", path, "-f", "null", "-"]);
      assert.equal(stderr, "");
      const report = await ffprobe(path, {
        args: ["-count_frames", "-show_entries", "stream=nb_read_frames"],
      }) as { streams: { nb_read_frames: string }[] };
      assert.equal(Number(report.streams[0]?.nb_read_frames), samples);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
