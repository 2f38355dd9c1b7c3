/**
 * A camera for the browser bench: a clip with a picture every 33 ms, a 4 s group and a beep every other second,
 * sent as MPEG-TS datagrams at the pace at which a camera would have made them: a picture when it is taken, a
 * piece of sound when the last of it was heard.
 *
 * @module
 */

import { PACKET_BYTES, payloadOffset, pid, unitStart } from "../../../relay/mpegts/packet.ts";
import { run } from "../../support/run.ts";
import { UdpSender } from "../../support/ports.ts";

export const RATE = 30;
/** Pictures from key picture to key picture: four seconds. */
export const GROUP = 120;
/** A beep begins every so many seconds, with the picture of that time. */
export const BEEP_EVERY_S = 2;
const BITRATE = 2_500_000;
const SAMPLE_RATE = 48_000;
/** Samples of an AAC frame. */
const FRAME_SAMPLES = 1024;
const DATAGRAM = 7 * PACKET_BYTES;
/** A datagram's time on the air, as in the bench `latency`. */
const AIR_MS = 0.12;
/** ffmpeg's first and second elementary stream. */
const VIDEO_PID = 0x100;
const AUDIO_PID = 0x101;
/** Clock of MPEG-TS. */
const HZ = 90_000;
const ENCODING_LIMIT_MS = 1_200_000;

/** One PES packet with the tables that go before it. */
interface Unit {
  readonly kind: "picture" | "sound";
  /** 90 kHz. */
  readonly pts: number;
  /** When a camera has all of it, s on the clip's clock. */
  readonly dueS: number;
  readonly packets: Uint8Array[];
}

/** Makes the clip: 720p30, H.264 without B-pictures, AAC with one frame a PES packet. */
export async function makeClip(path: string, seconds: number): Promise<void> {
  const beep = `aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,${BEEP_EVERY_S}),0.1)':s=${SAMPLE_RATE}`;
  const rate = `${BITRATE}`;
  await run("ffmpeg", [
    ...["-v", "error", "-y", "-f", "lavfi", "-i", `testsrc2=size=1280x720:rate=${RATE}`],
    ...["-f", "lavfi", "-i", beep, "-t", `${seconds}`, "-vf", "noise=alls=12:allf=t"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
    ...["-b:v", rate, "-maxrate", rate, "-bufsize", `${BITRATE / 4}`],
    ...["-g", `${GROUP}`, "-keyint_min", `${GROUP}`, "-sc_threshold", "0"],
    ...["-c:a", "aac", "-b:a", "96k", "-pes_payload_size", "0", "-muxdelay", "0"],
    ...["-muxpreload", "0", "-f", "mpegts", path],
  ], { timeoutMs: ENCODING_LIMIT_MS });
}

/** A 33-bit time stamp of a PES header (ISO/IEC 13818-1 §2.4.3.7) whose packet starts at `at`. */
function ptsAt(stream: Uint8Array, at: number): number {
  const b = stream.subarray(at + payloadOffset(stream, at) + 9);
  return ((b[0] ?? 0) & 0x0e) * 2 ** 29 + (b[1] ?? 0) * 2 ** 22 + ((b[2] ?? 0) & 0xfe) * 2 ** 14 +
    (b[3] ?? 0) * 2 ** 7 + ((b[4] ?? 0) >> 1);
}

/** The clip cut into its PES packets, in the order in which a camera has them. */
function unitsOf(stream: Uint8Array): Unit[] {
  const units: Unit[] = [];
  const open = new Map<number, Unit>();
  let tables: Uint8Array[] = [];
  for (let at = 0; at + PACKET_BYTES <= stream.length; at += PACKET_BYTES) {
    const packet = stream.subarray(at, at + PACKET_BYTES);
    const of = pid(stream, at);
    if (of !== VIDEO_PID && of !== AUDIO_PID) {
      tables.push(packet);
      continue;
    }
    if (unitStart(stream, at)) {
      const pts = ptsAt(stream, at);
      const kind = of === VIDEO_PID ? "picture" : "sound";
      const dueS = pts / HZ + (kind === "sound" ? FRAME_SAMPLES / SAMPLE_RATE : 0);
      const unit = { kind, pts, dueS, packets: kind === "picture" ? tables : [] } as const;
      if (kind === "picture") tables = [];
      open.set(of, unit);
      units.push(unit);
    }
    open.get(of)?.packets.push(packet);
  }
  return units.sort((a, b) => a.dueS - b.dueS);
}

/** When a picture went out, ms since the Unix epoch on this machine's clock. */
export interface Sent {
  readonly pts: number;
  readonly firstAt: number;
  /** The last datagram had left: the earliest moment at which anybody can have all of it. */
  readonly lastAt: number;
}

/** This machine's clock, monotonic, ms since the Unix epoch. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

/** The camera, from construction to its end or its disposal. */
export class PacedCamera implements AsyncDisposable {
  /** Pictures that were sent, in order. */
  readonly pictures: Sent[] = [];
  readonly #units: readonly Unit[];
  readonly #sending: Promise<void>;
  #stopped = false;

  constructor(port: number, stream: Uint8Array) {
    this.#units = unitsOf(stream);
    this.#sending = this.#run(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#sending;
  }

  async #run(port: number): Promise<void> {
    using sender = new UdpSender(port);
    const began = performance.now() - (this.#units[0]?.dueS ?? 0) * 1000;
    for (const { kind, pts, dueS, packets } of this.#units) {
      const wait = began + dueS * 1000 - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.#stopped) return;
      const firstAt = wallClock();
      await sendPackets(sender, packets);
      if (kind === "picture") this.pictures.push({ pts, firstAt, lastAt: wallClock() });
    }
  }
}

async function sendPackets(sender: UdpSender, packets: readonly Uint8Array[]): Promise<void> {
  const perDatagram = DATAGRAM / PACKET_BYTES;
  for (let i = 0; i < packets.length; i += perDatagram) {
    const some = packets.slice(i, i + perDatagram);
    const datagram = new Uint8Array(some.length * PACKET_BYTES);
    for (const [at, packet] of some.entries()) datagram.set(packet, at * PACKET_BYTES);
    await sender.send(datagram);
    const due = performance.now() + AIR_MS;
    while (performance.now() < due);
  }
}
