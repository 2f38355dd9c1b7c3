/**
 * What is inside one datagram: bare MPEG-TS, MPEG-TS behind a GoPro's header, or MPEG-TS in RTP, told
 * apart datagram by datagram. Pure: no sockets, no clocks, and the TS packets themselves are not read.
 *
 * Bare MPEG-TS may be cut anywhere: ffmpeg, where it is not told a size, fills datagrams of 1472 bytes, so that all but a
 * frame's first begin in the middle of a packet.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import {
  endsPicture,
  GOPRO_HEADER_BYTES,
  goProPayloadBytes,
  GoProSequence,
  isGoProDatagram,
} from "./gopro_header.ts";
import { findRtpPayload, type PayloadRange, RtpSequence } from "./rtp_header.ts";
import type { SourceOutput } from "./source.ts";

const TS_PACKET_BYTES = 188;
/** A TS packet with its Reed-Solomon bytes, as some receivers pass it on. */
const TS_PACKET_WITH_PARITY_BYTES = 204;
/** A TS packet behind its time code, as M2TS and some IPTV have it. */
const TS_PACKET_WITH_TIME_BYTES = 192;
const TIME_CODE_BYTES = 4;
const TS_SYNC = 0x47;

/** A datagram's MPEG-TS and what its header said. **Lent** until the next one is read. */
export interface DatagramContent {
  /** A view of the datagram. */
  readonly payload: Uint8Array;
  /** Datagrams lost just before this one. Of bare MPEG-TS, which does not number them, known only where packets are cut. */
  readonly lost: number;
  /** Or more: the header does not tell how many a group has. */
  readonly orMore: boolean;
  /** It ends a picture, so the header says. */
  readonly endOfFrame: boolean;
  /** Its payload is shorter than the longest so far, and no header says whether it ends a picture. */
  readonly short: boolean;
  /** The sender began anew: nothing before continues here. */
  readonly restart: boolean;
}

/** The reader's own, which it overwrites. */
type OwnContent = { -readonly [Field in keyof DatagramContent]: DatagramContent[Field] };

/** Reads the datagrams of one sender in the order they came. */
export class DatagramReader {
  /** Datagrams that were none of the three kinds. */
  foreign = 0;
  /** Duplicates, and datagrams that came after their successors; both are dropped. */
  late = 0;

  readonly #goPro = new GoProSequence();
  readonly #rtp = new RtpSequence();
  readonly #range: PayloadRange = { start: 0, end: 0 };
  readonly #content: OwnContent = {
    payload: new Uint8Array(0),
    lost: 0,
    orMore: false,
    endOfFrame: false,
    short: false,
    restart: false,
  };
  /** Bytes of the longest payload so far. */
  #longest = 0;
  /** Packets are cut anywhere. */
  #cuts = false;
  /** Bytes of the newest packet that are still to come. */
  #missing = 0;

  /** Hot: once per datagram. `undefined` for one that holds nothing to use; a counter says why. */
  read(datagram: Uint8Array): DatagramContent | undefined {
    const missing = this.#missing;
    this.#missing = 0;
    if (missing > 0 && goesOn(datagram, missing)) return this.#cut(datagram, missing);
    if (isWholePackets(datagram) || isTimedPackets(datagram)) {
      return this.#behind(missing, this.#bare(datagram));
    }
    if (isGoProDatagram(datagram)) return this.#fromGoPro(datagram);
    if (findRtpPayload(datagram, this.#range)) return this.#fromRtp(datagram);
    const found = this.#find(datagram);
    if (found) return this.#behind(missing, found);
    this.foreign++;
    return undefined;
  }

  /** Not whole packets, yet packets follow each other: the demuxer finds its way. */
  #find(datagram: Uint8Array): OwnContent | undefined {
    if (datagram[0] === TS_SYNC) {
      if (datagram[TS_PACKET_BYTES] === TS_SYNC) return this.#cut(datagram, 0);
      if (datagram[TS_PACKET_WITH_PARITY_BYTES] === TS_SYNC) return this.#bare(datagram);
    }
    if (!this.#cuts) return undefined;
    // Its first packet's beginning was lost.
    for (let at = 1; at < TS_PACKET_BYTES && at + TS_PACKET_BYTES < datagram.length; at++) {
      if (goesOn(datagram, at)) return this.#cut(datagram.subarray(at), 0);
    }
    return undefined;
  }

  /** What comes where so many bytes of a packet were still to come: they were lost. */
  #behind(missing: number, content: OwnContent): OwnContent {
    content.lost = missing > 0 ? 1 : 0;
    content.orMore = missing > 0;
    return content;
  }

  /** Packets behind `rest` bytes of the one before, the last perhaps not whole. */
  #cut(datagram: Uint8Array, rest: number): OwnContent {
    const over = (datagram.length - rest) % TS_PACKET_BYTES;
    this.#missing = over === 0 ? 0 : TS_PACKET_BYTES - over;
    this.#cuts ||= over !== 0;
    return this.#bare(datagram);
  }

  #bare(datagram: Uint8Array): OwnContent {
    const content = this.#content;
    content.payload = datagram;
    content.lost = 0;
    content.orMore = false;
    content.endOfFrame = false;
    content.short = this.#isShort(datagram);
    content.restart = false;
    return content;
  }

  #isShort({ length }: Uint8Array): boolean {
    if (length < this.#longest) return true;
    this.#longest = length;
    return false;
  }

  #fromGoPro(datagram: Uint8Array): DatagramContent | undefined {
    const verdict = this.#goPro.accept(datagram);
    if (verdict === "late") {
      this.late++;
      return undefined;
    }
    const content = this.#content;
    const end = GOPRO_HEADER_BYTES + goProPayloadBytes(datagram);
    content.payload = datagram.subarray(GOPRO_HEADER_BYTES, end);
    content.lost = verdict === "restart" ? 0 : verdict;
    content.orMore = this.#goPro.orMore;
    content.endOfFrame = endsPicture(datagram);
    content.short = false;
    content.restart = verdict === "restart";
    return content;
  }

  #fromRtp(datagram: Uint8Array): DatagramContent | undefined {
    const verdict = this.#rtp.accept(datagram);
    if (verdict === "late") {
      this.late++;
      return undefined;
    }
    const content = this.#content;
    content.payload = datagram.subarray(this.#range.start, this.#range.end);
    content.lost = verdict === "restart" ? 0 : verdict;
    content.orMore = false;
    content.endOfFrame = false; // RFC 2250 §2: the marker bit means something else here
    content.short = this.#isShort(content.payload);
    content.restart = verdict === "restart";
    return content;
  }
}

/** Hands a datagram's content to the pipeline, everything in its order. */
export function passOn(content: DatagramContent, out: SourceOutput, arrival: Micros): void {
  if (content.restart) out.discontinuity("restart");
  if (content.lost > 0) out.lost(content.lost, content.orMore);
  out.data(content.payload, arrival);
  if (content.endOfFrame) out.endOfFrame();
  else if (content.short) out.endOfShortDatagram();
}

function isWholePackets(datagram: Uint8Array): boolean {
  return datagram[0] === TS_SYNC && datagram.length % TS_PACKET_BYTES === 0;
}

/** Whole packets, each behind its time code. */
function isTimedPackets(datagram: Uint8Array): boolean {
  const { length } = datagram;
  if (length === 0 || length % TS_PACKET_WITH_TIME_BYTES !== 0) return false;
  for (let at = TIME_CODE_BYTES; at < length; at += TS_PACKET_WITH_TIME_BYTES) {
    if (datagram[at] !== TS_SYNC) return false;
  }
  return true;
}

/** Whether packets begin behind the first `rest` bytes, or nothing more is there. */
function goesOn(datagram: Uint8Array, rest: number): boolean {
  if (datagram.length < rest) return false;
  for (let at = rest; at < datagram.length; at += TS_PACKET_BYTES) {
    if (datagram[at] !== TS_SYNC) return false;
  }
  return true;
}
