/**
 * A feed of RTP packets (records.ts) taken apart: each payload type to its track, sound laid beside the pictures by the
 * sender's reports. One video and one audio track are read, the first of each that sends anything. Where the packets
 * come from is not its concern.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";
import type { ElementaryOutput } from "../codecs/codec.ts";
import { h264 } from "../codecs/h264.ts";
import { h265 } from "../codecs/h265.ts";
import { MediaClock } from "./media_clock.ts";
import { isControl, newPacket, readPacket, type RtpPacket } from "./packet.ts";
import { PictureTrack } from "./picture_track.ts";
import { RecordReader } from "./records.ts";
import { Reorder } from "./reorder.ts";
import { readSenderReports } from "./sender_report.ts";
import { SoundTrack } from "./sound_track.ts";
import { decodeTable, parameterSets, type RtpTable, type RtpTrack } from "./table.ts";
import { h264Payload, h265Payload } from "./unit_payload.ts";

/** A packet that is missing is waited for so long. */
const MAX_WAIT_US = 150_000;

/** Where a reader's findings go. */
export interface RtpOutput {
  declare(kinds: { readonly video: boolean; readonly audio: boolean }): void;
  elementary(kind: "video" | "audio"): ElementaryOutput;
  /** Part of a track is missing before its next sample. `damaged`: an access unit was thrown away. */
  gap(kind: "video" | "audio", damaged: boolean): void;
  /** So many packets never came. */
  lost(packets: number): void;
  /** A sentence for the log. */
  note(sentence: string): void;
}

type Kind = "video" | "audio";

/** A track that sends. */
interface Sending {
  readonly kind: Kind;
  readonly clock: MediaClock;
  readonly order: Reorder;
  readonly media: PictureTrack | SoundTrack;
  source: number;
}

/** Reads one session. Hot: once per packet. */
export class RtpReader {
  readonly #out: RtpOutput;
  readonly #packet: RtpPacket = newPacket();
  readonly #records = new RecordReader((record, ageUs) => this.#record(record, ageUs));
  #table: RtpTable | undefined;
  #refused = false;
  /** By payload type; of those that share a kind, one is read. */
  readonly #sending = new Map<number, Sending>();
  #now = 0 as Micros;

  constructor(out: RtpOutput) {
    this.#out = out;
  }

  push(bytes: Uint8Array, arrival: Micros): void {
    this.#now = arrival;
    this.#records.push(bytes);
    for (const { order } of this.#sending.values()) order.expire(arrival);
  }

  /** Nothing to do: the packets' own marks say it. */
  endOfFrame(): void {}

  /** Nothing to do: the packets' own numbers say it. */
  lost(_datagrams: number): void {}

  flush(): void {
    for (const { order, media } of this.#sending.values()) {
      order.flush();
      if (media instanceof PictureTrack) media.flush();
    }
  }

  get waiting(): boolean {
    for (const { order, media } of this.#sending.values()) {
      if (order.waiting || (media instanceof PictureTrack && media.waiting)) return true;
    }
    return false;
  }

  end(_arrival: Micros): void {
    this.flush();
  }

  restart(): void {
    for (const { order, media } of this.#sending.values()) {
      order.flush();
      media.restart();
    }
  }

  #record(record: Uint8Array, ageUs: number): void {
    if (this.#table) return this.#take(record, micros(this.#now - ageUs));
    if (this.#refused) return;
    this.#table = decodeTable(record);
    this.#refused = this.#table === undefined;
    if (!this.#table) return this.#out.note("The RTP session has no table that could be read.");
    const kinds = this.#table.tracks.map(kindOf);
    this.#out.declare({ video: kinds.includes("video"), audio: kinds.includes("audio") });
  }

  #take(bytes: Uint8Array, arrival: Micros): void {
    if (isControl(bytes)) return this.#reports(bytes);
    const packet = this.#packet;
    if (!readPacket(bytes, packet)) return;
    const sending = this.#sending.get(packet.payloadType) ?? this.#open(packet.payloadType);
    if (!sending) return;
    sending.source = packet.source;
    sending.order.push(packet, arrival);
  }

  #reports(bytes: Uint8Array): void {
    let video: MediaClock | undefined;
    let audio: MediaClock | undefined;
    const reports = readSenderReports(bytes);
    for (const { kind, clock, source } of this.#sending.values()) {
      for (const report of reports) if (report.source === source) clock.report(report);
      if (kind === "video") video = clock;
      else audio = clock;
    }
    if (video && audio) audio.alignTo(video);
  }

  /** The first packet of a payload type. */
  #open(payloadType: number): Sending | undefined {
    const track = this.#table?.tracks.find((known) => known.payloadType === payloadType);
    if (!track) return undefined;
    const kind = kindOf(track);
    for (const [other, sending] of this.#sending) {
      if (sending.kind !== kind) continue;
      // The sender went over to another payload type: its parameters, and maybe its codec, are others.
      sending.order.flush();
      this.#out.gap(kind, false);
      this.#sending.delete(other);
    }
    const clock = new MediaClock(track.clockRate);
    const media = this.#media(track, clock);
    const order = new Reorder({
      packet: (packet, arrival) => media.packet(packet, arrival),
      lost: (packets) => {
        this.#out.lost(packets);
        media.lost();
      },
      restart: () => media.restart(),
    }, { maxWaitUs: this.#table?.ordered ? 0 : MAX_WAIT_US });
    const sending = { kind, clock, order, media, source: -1 };
    this.#sending.set(payloadType, sending);
    return sending;
  }

  #media(track: RtpTrack, clock: MediaClock): PictureTrack | SoundTrack {
    const kind = kindOf(track);
    const out = this.#out.elementary(kind);
    if (kind === "audio") {
      return new SoundTrack({ clock, out, gap: () => this.#out.gap("audio", false) });
    }
    const isH265 = track.codec === "h265";
    return new PictureTrack({
      clock,
      payload: isH265 ? h265Payload : h264Payload,
      stream: (isH265 ? h265 : h264).open(out),
      sets: parameterSets(track),
      gap: (damaged) => this.#out.gap("video", damaged),
      unreadable: () => out.unreadable(),
    });
  }
}

function kindOf({ codec }: RtpTrack): Kind {
  return codec === "opus" ? "audio" : "video";
}
