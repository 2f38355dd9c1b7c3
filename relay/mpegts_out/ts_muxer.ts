/**
 * Batches in, transport stream out (ISO/IEC 13818-1): tables, PES packets, a clock. Every run of packets that begins at
 * a key picture begins with the tables, so that a receiver can be given it first. Made once for all who watch.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import type { Batch, Fragment, InitSegment, Track } from "../../shared/media.ts";
import { MPEG_TIMESCALE, rescale } from "../../shared/units.ts";
import { PAT_PID } from "../mpegts/packet.ts";
import { PacketWriter } from "./packets.ts";
import { type PayloadWriter, payloadWriter } from "./payload.ts";
import { wrap33, writePes } from "./pes_packet.ts";
import { PMT_PID, type StreamLine, writePat, writePmt } from "./tables.ts";

const FIRST_PID = 0x100;
/** The clock runs so far before decoding: longer than sound waits for a picture. */
const LEAD = 0.2 * MPEG_TIMESCALE;
/** A clock reference at least so often; §2.7.2 asks for 0.1 s. */
const CLOCK_STEP = 0.08 * MPEG_TIMESCALE;
/** Tables at least so often. */
const TABLE_STEP = 0.4 * MPEG_TIMESCALE;
/** A longer step of the clock is a break: nothing is filled in. */
const BREAK = 1 * MPEG_TIMESCALE;

interface Elementary {
  readonly track: Track;
  readonly writer: PayloadWriter;
  readonly packets: PacketWriter;
  readonly line: StreamLine;
}

/** Muxes one stream, generation after generation. */
export class TsMuxer {
  readonly #pat = new PacketWriter(PAT_PID);
  readonly #pmt = new PacketWriter(PMT_PID);
  /** By PID, so that counters go on from one generation to the next. */
  readonly #packets = new Map<number, PacketWriter>();
  #streams: readonly Elementary[] = [];
  #clockTrack = 0;
  #generations = 0;
  #tables = -Infinity;
  #clock: number | undefined;
  #fresh = true;

  /** A generation begins: another map, another clock. */
  init(segment: InitSegment): void {
    this.#streams = segment.tracks.flatMap((track, index) => {
      const writer = payloadWriter(track);
      if (!writer) return [];
      const pid = FIRST_PID + index;
      const packets = this.#packets.get(pid) ?? new PacketWriter(pid);
      this.#packets.set(pid, packets);
      const { streamType, descriptors } = writer;
      return [{ track, writer, packets, line: { pid, streamType, descriptors } }];
    });
    const lead = this.#streams.find(({ track }) => track.kind === "video") ?? this.#streams[0];
    this.#clockTrack = lead?.track.id ?? 0;
    this.#generations++;
    this.#fresh = true;
  }

  /** The packets of one batch. */
  push(batch: Batch): Bytes {
    const pieces: Uint8Array[] = [];
    const first = batch.fragments[0];
    const began = first && this.#time(first, first.dts);
    if (
      began !== undefined &&
      (batch.key || began - this.#tables >= TABLE_STEP || began < this.#tables)
    ) {
      this.#tables = began;
      pieces.push(...this.#writeTables());
    }
    for (const fragment of batch.fragments) {
      const stream = this.#streams.find(({ track }) => track.id === fragment.track);
      if (stream) this.#fragment(stream, { batch, fragment, pieces });
    }
    return concatBytes(pieces);
  }

  #time({ track: id }: Fragment, value: number): number {
    const track = this.#streams.find(({ track }) => track.id === id)?.track;
    return rescale(value, track?.timescale ?? MPEG_TIMESCALE, MPEG_TIMESCALE);
  }

  #writeTables(): Uint8Array[] {
    const pcrPid = this.#streams.find(({ track }) => track.id === this.#clockTrack)?.line.pid ??
      0x1fff;
    return [
      this.#pat.unit(writePat()),
      this.#pmt.unit(writePmt({
        version: this.#generations % 32,
        pcrPid,
        streams: this.#streams.map(({ line }) => line),
      })),
    ];
  }

  #fragment(
    { track, writer, packets }: Elementary,
    { batch, fragment, pieces }: { batch: Batch; fragment: Fragment; pieces: Uint8Array[] },
  ): void {
    const dts = this.#time(fragment, fragment.dts);
    const clock = track.id === this.#clockTrack ? this.#tick(packets, { dts, pieces }) : {};
    const { key } = fragment;
    const payload = samplesOf(batch, fragment).flatMap((sample) => writer.sample(sample, key));
    const pes = writePes(payload, {
      streamId: writer.streamId,
      pts: this.#time(fragment, fragment.pts) + LEAD,
      dts: dts + LEAD,
    });
    pieces.push(packets.unit(pes, {
      ...clock,
      ...(key && track.kind === "video" ? { randomAccess: true } : {}),
    }));
  }

  /** The clock at a unit that is decoded at `dts` + lead; what it skipped over is filled in before. */
  #tick(
    packets: PacketWriter,
    { dts, pieces }: { dts: number; pieces: Uint8Array[] },
  ): { pcr?: number; discontinuity?: boolean } {
    const last = this.#clock;
    const broken = last !== undefined && (this.#fresh || dts < last || dts - last > BREAK);
    this.#fresh = false;
    this.#clock = dts;
    if (last === undefined || broken) return { pcr: wrap33(dts), discontinuity: broken };
    for (let at = last + CLOCK_STEP; at < dts - CLOCK_STEP / 2; at += CLOCK_STEP) {
      pieces.push(packets.clock(wrap33(at)));
    }
    return { pcr: wrap33(dts) };
  }
}

/** Payloads of a fragment's samples: back to back at its end. */
function samplesOf({ bytes }: Batch, { offset, byteLength, sizes }: Fragment): Uint8Array[] {
  let at = offset + byteLength;
  for (const size of sizes) at -= size;
  return sizes.map((size) => {
    at += size;
    return bytes.subarray(at - size, at);
  });
}
