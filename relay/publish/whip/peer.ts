/**
 * One publisher's peer connection, by the `werift` package: ICE, DTLS and SRTP are the package's; which packets are handed
 * on, and what is said back, is here. The relay is ICE-lite (RFC 8445 §2.5): it stands where its addresses say, and
 * publishers find it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  RTCPeerConnection,
  type RtcpPacket,
  RtcpSrPacket,
  RTCRtpCodecParameters,
  type RtpPacket as ReceivedPacket,
  useOPUS,
  useTransportWideCC,
} from "werift";
import type { Bytes } from "../../../shared/bytes.ts";
import { RecordWriter } from "../../rtp/records.ts";
import {
  asOneStream,
  extensionNumber,
  forPackage,
  TRANSPORT_WIDE,
  withFeedback,
} from "./description.ts";
import { nowUs } from "./incoming.ts";
import { Media } from "./media.ts";
import type { AcceptedOffer } from "./offer.ts";
import { mendReports } from "./receiver_reports.ts";

/** Packets wait so long at most for others to cross with them. */
const BATCH_MS = 10;
const GATHER_MS = 3_000;

/** What a peer is opened with. */
export interface PeerOptions {
  readonly sdp: string;
  readonly accepted: AcceptedOffer;
  /** Addresses that the outside reaches this machine by, besides its own. */
  readonly hosts: readonly string[];
  /** What comes goes back to the publisher too. */
  readonly echo: boolean;
  media(bytes: Bytes): void;
  ended(reason: string, clean: boolean): void;
}

/** Whose media come by one transport. */
type Transport = RTCPeerConnection["dtlsTransports"][number];

/** A publisher, from its offer to its end. */
export class Peer {
  readonly #options: PeerOptions;
  readonly #connection: RTCPeerConnection;
  readonly #records = new RecordWriter();
  readonly #media: Media[] = [];
  #flush: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #wasConnected = false;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#connection = new RTCPeerConnection({
      codecs: codecsOf(options.accepted),
      headerExtensions: { video: [useTransportWideCC()], audio: [useTransportWideCC()] },
      bundlePolicy: "max-bundle",
      iceLite: true,
      iceUseIpv6: false,
      iceUseTcp: false,
      iceServers: [],
      iceAdditionalHostAddresses: [...options.hosts],
    });
    this.#connection.connectionStateChange.subscribe((state) => this.#state(state));
  }

  /**
   * The answer, with every address in it.
   * @param gather runs what opens this connection's sockets; is told its user name fragment.
   */
  async answer(
    gather: (ufrag: string, open: () => Promise<unknown>) => Promise<unknown>,
  ): Promise<string> {
    const connection = this.#connection;
    const { sdp: offer, accepted, echo } = this.#options;
    await connection.setRemoteDescription({ type: "offer", sdp: forPackage(offer) });
    for (const transceiver of connection.getTransceivers()) {
      transceiver.direction = echo ? "sendrecv" : "recvonly";
    }
    const description = await connection.createAnswer();
    const ufrag = connection.iceTransports[0]?.localParameters.usernameFragment ?? "";
    await gather(ufrag, () => connection.setLocalDescription(description));
    if (connection.iceGatheringState !== "complete") {
      await connection.iceGatheringStateChange
        .watch((state) => state === "complete", GATHER_MS);
    }
    const answer = connection.localDescription?.sdp ?? "";
    for (const transport of connection.dtlsTransports) this.#listen(transport, answer);
    const whole = withFeedback(answer, { offer, accepted });
    return echo ? asOneStream(whole) : whole;
  }

  /** Asks the publisher for a key picture. */
  keyPicture(): void {
    for (const media of this.#media) media.keyPicture();
  }

  async close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#flush);
    for (const media of this.#media) media[Symbol.dispose]();
    await this.#connection.close();
  }

  #state(state: string): void {
    if (state === "connected") this.#wasConnected = true;
    if (this.#isOver || (state !== "closed" && state !== "failed")) return;
    this.#isOver = true;
    this.#send();
    if (!this.#wasConnected) this.#options.ended("the publisher could not be connected", false);
    else if (state === "closed") this.#options.ended("the publisher has ended", true);
    else this.#options.ended("the publisher's connection broke off", false);
  }

  #listen(transport: Transport, answer: string): void {
    const media = new Media({
      accepted: this.#options.accepted,
      extension: extensionNumber(answer, TRANSPORT_WIDE),
      packet: (packet, { arrival, atOnce }) => {
        this.#records.add(packet, arrival);
        this.#schedule(atOnce);
        if (this.#options.echo) this.#sendBack(packet);
      },
      reply: (bytes) => sendControl(transport, bytes),
    });
    this.#media.push(media);
    if (this.#options.echo) {
      for (const { sender } of this.#connection.getTransceivers()) {
        sender.onPictureLossIndication.subscribe(() => media.keyPicture());
      }
    }
    const send = transport.sendRtcp.bind(transport);
    transport.sendRtcp = (packets): ReturnType<typeof send> => {
      mendReports(packets);
      return send(packets);
    };
    transport.onRtp.subscribe((packet: ReceivedPacket) => media.take(packet, nowUs()));
    transport.onRtcp.subscribe((packet: RtcpPacket) => {
      if (packet.type !== RtcpSrPacket.type) return;
      this.#records.add(packet.serialize(), nowUs());
      this.#schedule(false);
    });
  }

  /** Sound and picture are told apart by their payload types. */
  #sendBack(packet: Bytes): void {
    const payloadType = (packet[1] ?? 0) & 0x7f;
    for (const { sender } of this.#connection.getTransceivers()) {
      if (sender.codec?.payloadType !== payloadType) continue;
      sender.sendRtp(Buffer.from(packet)).catch(() => this.#isOver); // of the moment, too
    }
  }

  #schedule(atOnce: boolean): void {
    if (this.#isOver) return;
    if (atOnce || this.#records.isFull) this.#send();
    else this.#flush ??= setTimeout(() => this.#send(), BATCH_MS);
  }

  #send(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    if (!this.#records.isEmpty) this.#options.media(this.#records.take(nowUs()));
  }
}

/** Feedback is of the moment: what cannot be sent is not sent later. */
function sendControl(transport: Transport, bytes: Bytes): void {
  if (transport.state !== "connected") return;
  const sealed = transport.srtcp.encrypt(Buffer.from(bytes.buffer));
  transport.iceTransport.connection.send(sealed).catch(() => transport.state);
}

/** The one picture and the one sound that are taken, under the offer's own numbers. */
function codecsOf(
  { video, audio }: AcceptedOffer,
): { video: RTCRtpCodecParameters[]; audio: RTCRtpCodecParameters[] } {
  const pictures: RTCRtpCodecParameters[] = [];
  if (video) {
    const { payloadType, parameters, retransmission } = video;
    const clockRate = 90_000;
    pictures.push(
      new RTCRtpCodecParameters({ mimeType: "video/H264", clockRate, payloadType, parameters }),
    );
    if (retransmission !== undefined) {
      const again = { payloadType: retransmission, parameters: `apt=${payloadType}` };
      pictures.push(new RTCRtpCodecParameters({ mimeType: "video/rtx", clockRate, ...again }));
    }
  }
  const sounds = audio
    ? [useOPUS({ payloadType: audio.payloadType, parameters: audio.parameters })]
    : [];
  return { video: pictures, audio: sounds };
}
