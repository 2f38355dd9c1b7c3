/**
 * One stream as RTP packets (RFC 3550): batches in, packets and sender reports out, picture and sound on clocks that a
 * receiver can bring together. Sends nothing itself.
 *
 * @module
 */

import type { Batch, InitSegment, Track } from "../../shared/media.ts";
import { type Micros, micros } from "../../shared/units.ts";
import { type PayloadWriter, payloadWriter } from "./payload.ts";
import { goodbye, senderReport } from "./rtcp.ts";

const HEADER_BYTES = 12;
const VERSION = 0x80;
const MARKER = 0x80;
const TWO_32 = 2 ** 32;

/** What a packet is for. */
export type Channel = { readonly kind: Track["kind"]; readonly control: boolean };

/** Where packets go. */
export type Send = (packet: Uint8Array<ArrayBuffer>, channel: Channel) => void;

/** What stays the same through all generations, so that receivers see one sender. */
interface Sender {
  readonly ssrc: number;
  /** Timestamps begin somewhere (§5.1). */
  readonly offset: number;
  sequence: number;
  packets: number;
  bytes: number;
}

interface Carried {
  readonly track: Track;
  readonly writer: PayloadWriter;
  readonly sender: Sender;
}

/** Where the media's time and the capture clock meet: of a generation's first batch. */
interface Anchor {
  readonly seconds: number;
  readonly time: Micros;
}

/** One destination's. */
export class RtpSession {
  readonly #send: Send;
  readonly #cname: string;
  readonly #senders: Readonly<Record<Track["kind"], Sender>>;
  #carried: readonly Carried[] = [];
  #anchor: Anchor | undefined;

  /** @param cname names the stream among all of its host's. */
  constructor(cname: string, send: Send) {
    this.#cname = cname;
    this.#send = send;
    this.#senders = { video: newSender(), audio: newSender() };
  }

  /** A generation begins. @returns whether any of its tracks can be carried. */
  init(segment: InitSegment): boolean {
    this.#anchor = undefined;
    this.#carried = segment.tracks.flatMap((track) => {
      const writer = payloadWriter(track);
      return writer ? [{ track, writer, sender: this.#senders[track.kind] }] : [];
    });
    return this.#carried.length > 0;
  }

  /** One batch becomes packets. @returns bytes of payload. */
  push(batch: Batch): number {
    let bytes = 0;
    for (const { track, offset, byteLength, pts, duration, sizes, key } of batch.fragments) {
      const carried = this.#carried.find((each) => each.track.id === track);
      if (!carried) continue;
      const { timescale, kind } = carried.track;
      const first = this.#anchor === undefined;
      this.#anchor ??= { seconds: pts / timescale, time: batch.arrival };
      const end = offset + byteLength;
      let at = end - sizes.reduce((sum, size) => sum + size, 0);
      const samples = sizes.map((size) => batch.bytes.subarray(at, at += size));
      const each = duration / Math.max(1, samples.length);
      for (const { parts, marker, sample } of carried.writer.payloads(samples, key)) {
        const seconds = (pts + sample * each) / timescale;
        const packet = packetOf(parts, carried, { marker, seconds });
        bytes += packet.length - HEADER_BYTES;
        this.#send(packet, { kind, control: false });
      }
      if (first) this.report(batch.arrival);
    }
    return bytes;
  }

  /** Tells receivers how the clocks stand. @param now on the origin clock. */
  report(now: Micros): void {
    const anchor = this.#anchor;
    if (!anchor) return;
    const seconds = anchor.seconds + (now - anchor.time) / 1e6;
    for (const { track: { kind }, writer, sender } of this.#carried) {
      const { ssrc, packets, bytes } = sender;
      const timestamp = timestampOf(seconds, writer, sender);
      const state = { ssrc, cname: this.#cname, time: micros(now), timestamp, packets, bytes };
      this.#send(senderReport(state), { kind, control: true });
    }
  }

  /** Tells receivers that no more comes. */
  close(): void {
    for (const { track: { kind }, sender } of this.#carried) {
      this.#send(goodbye(sender.ssrc), { kind, control: true });
    }
  }
}

function newSender(): Sender {
  const [ssrc = 0, offset = 0, sequence = 0] = crypto.getRandomValues(new Uint32Array(3));
  return { ssrc, offset, sequence: sequence & 0xffff, packets: 0, bytes: 0 };
}

function packetOf(
  parts: readonly Uint8Array[],
  { writer, sender }: Carried,
  { marker, seconds }: { readonly marker: boolean; readonly seconds: number },
): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const packet = new Uint8Array(HEADER_BYTES + length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, (marker ? MARKER : 0) | writer.payloadType);
  view.setUint16(2, sender.sequence);
  view.setUint32(4, timestampOf(seconds, writer, sender));
  view.setUint32(8, sender.ssrc);
  let at = HEADER_BYTES;
  for (const part of parts) {
    packet.set(part, at);
    at += part.length;
  }
  sender.sequence = (sender.sequence + 1) & 0xffff;
  sender.packets++;
  sender.bytes += length;
  return packet;
}

function timestampOf(
  seconds: number,
  { clockRate }: PayloadWriter,
  { offset }: Sender,
): number {
  const ticks = (Math.round(seconds * clockRate) + offset) % TWO_32;
  return ticks < 0 ? ticks + TWO_32 : ticks;
}
