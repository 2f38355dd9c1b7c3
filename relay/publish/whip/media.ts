/**
 * A peer connection's packets, decrypted: put in order and handed on, the missing asked for again, and when they came told
 * to the sender. Knows RTP; knows no package and no stream.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { type Micros, MPEG_TIMESCALE } from "../../../shared/units.ts";
import { type RtpPacket, u16, writePacket } from "../../rtp/packet.ts";
import { h264Payload } from "../../rtp/unit_payload.ts";
import { Congestion } from "./congestion.ts";
import { type Sources, writeNack, writePli } from "./feedback.ts";
import { Incoming } from "./incoming.ts";
import type { AcceptedOffer } from "./offer.ts";

/** A key picture is asked for no more often: making one takes the sender a while. */
const KEY_PICTURE_MS = 500;
/** Pauses this long, 90 kHz, the muxer bridges for browsers however many follow each other. */
const MAX_PAUSE = 1 * MPEG_TIMESCALE;
/** Of the relay's own, in what it says back. */
const OWN_SOURCE = 1;

/** A packet as the package has it. */
export interface ReceivedPacket {
  readonly header: {
    readonly marker: boolean;
    readonly payloadType: number;
    readonly sequenceNumber: number;
    readonly timestamp: number;
    readonly ssrc: number;
    readonly extensions: readonly { readonly id: number; readonly payload: Uint8Array }[];
  };
  readonly payload: Uint8Array;
}

/** What it is opened with. */
export interface MediaOptions {
  readonly accepted: AcceptedOffer;
  /** Number of the header extension with transport-wide numbers. */
  readonly extension: number | undefined;
  /** The packet that is next. `atOnce`: it ends a picture. */
  packet(bytes: Bytes, how: { readonly arrival: Micros; readonly atOnce: boolean }): void;
  /** RTCP for the publisher. */
  reply(bytes: Bytes): void;
}

/** One connection's media. */
export class Media implements Disposable {
  readonly #options: MediaOptions;
  readonly #video: Incoming;
  readonly #audio: Incoming;
  readonly #congestion: Congestion | undefined;
  /** SSRC of the pictures; 0 until they come. */
  #pictures = 0;
  #newest = 0;
  /** Newest time stamp of the pictures, 32 bits. */
  #timestamp = 0;
  #askedAt = -Infinity;

  constructor(options: MediaOptions) {
    this.#options = options;
    this.#video = this.#incoming("video");
    this.#audio = this.#incoming("audio");
    if (options.extension !== undefined) {
      this.#congestion = new Congestion((write) =>
        options.reply(write(this.#sources(this.#newest)))
      );
    }
  }

  /** A packet as it came. Hot. */
  take(received: ReceivedPacket, arrival: Micros): void {
    const { header, payload } = received;
    const { video, audio } = this.#options.accepted;
    this.#newest = header.ssrc;
    for (const { id, payload: number } of header.extensions) {
      if (id === this.#options.extension) this.#congestion?.take(u16(number, 0), arrival);
    }
    const packet: RtpPacket = {
      marker: header.marker,
      payloadType: header.payloadType,
      sequence: header.sequenceNumber,
      timestamp: header.timestamp,
      source: header.ssrc,
      payload,
    };
    switch (header.payloadType) {
      case video?.payloadType:
        return this.#picture(packet, arrival);
      case audio?.payloadType:
        return this.#audio.push(packet, arrival);
      case video?.retransmission:
        return this.#again(packet, arrival);
    }
  }

  /** Asks for a key picture. */
  keyPicture(): void {
    const now = performance.now();
    if (this.#pictures === 0 || now - this.#askedAt < KEY_PICTURE_MS) return;
    this.#askedAt = now;
    this.#options.reply(writePli(this.#sources(this.#pictures)));
  }

  [Symbol.dispose](): void {
    this.#video.close();
    this.#audio.close();
    this.#congestion?.[Symbol.dispose]();
  }

  #picture(packet: RtpPacket, arrival: Micros): void {
    const isNew = packet.source !== this.#pictures;
    const pause = isNew ? 0 : (packet.timestamp - this.#timestamp) | 0;
    if (isNew || pause > 0) this.#timestamp = packet.timestamp;
    this.#pictures = packet.source;
    this.#video.push(packet, arrival);
    // Entered behind its beginning: nobody can decode this until the next key picture.
    if (isNew && !h264Payload.begins(packet.payload)) this.keyPicture();
    // Behind a pause that may not be bridged, browsers show nothing until there is one.
    if (pause > MAX_PAUSE) this.keyPicture();
  }

  /** A packet sent again, RFC 4588 §4: its own number stands before its payload. Probes have neither. */
  #again(packet: RtpPacket, arrival: Micros): void {
    const payloadType = this.#options.accepted.video?.payloadType;
    if (payloadType === undefined || packet.payload.length <= 2 || this.#pictures === 0) return;
    this.#video.push({
      ...packet,
      payloadType,
      sequence: u16(packet.payload, 0),
      source: this.#pictures,
      payload: packet.payload.subarray(2),
    }, arrival);
  }

  #incoming(kind: "video" | "audio"): Incoming {
    return new Incoming({
      kind,
      packet: (packet, arrival) => {
        const atOnce = kind === "video" && packet.marker;
        this.#options.packet(writePacket(packet), { arrival, atOnce });
      },
      ask: (source, sequences) => this.#options.reply(writeNack(this.#sources(source), sequences)),
      lost: () => {
        if (kind === "video") this.keyPicture();
      },
    });
  }

  #sources(media: number): Sources {
    return { sender: OWN_SOURCE, media };
  }
}
