/**
 * The contribution formats: what a source's bytes may be, and who reads each. A format is one folder with a reader
 * and one row here; {@link sniff} picks the row from the first bytes.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Track } from "../../shared/media.ts";
import type { FragmentInfo } from "../../shared/mp4/fragment_reader.ts";
import type { Micros } from "../../shared/units.ts";
import { AdtsReader, looksLikeAdts } from "../adts/reader.ts";
import { AnnexBReader } from "../annexb/reader.ts";
import { sniffAnnexB } from "../annexb/sniff.ts";
import type { ElementaryOutput, UnitCodec } from "../codecs/codec.ts";
import { h264 } from "../codecs/h264.ts";
import { h265 } from "../codecs/h265.ts";
import { Mp4Reader } from "../fmp4_in/reader.ts";
import { looksLikeBoxes } from "../fmp4_in/sniff.ts";
import type { DemuxOutput } from "../mpegts/demux_output.ts";
import { Demuxer } from "../mpegts/demuxer.ts";
import { looksLikeTransportStream } from "../mpegts/sniff.ts";
import { RtpReader } from "../rtp/reader.ts";
import type { ContributionFormat, SourceClock } from "../sources/source.ts";
import type { IngestCounters } from "./counters.ts";
import { JointReader } from "./joint_reader.ts";

/** A name of {@link FORMATS}. */
export type KnownFormat = Exclude<ContributionFormat, "sniff">;

/** What a pipeline asks of whoever takes its bytes apart. Damaged input is counted, never thrown. */
export interface Reader {
  /** Bytes as they came, cut anywhere; lent. */
  push(bytes: Uint8Array, arrival: Micros): void;
  /** The access unit in flight is complete: the source said so. */
  endOfFrame(): void;
  /** What was pushed last was a datagram shorter than its sender's full ones; for readers that can use it. */
  endOfShortDatagram?(): void;
  /** Exactly so many datagrams are missing before the next bytes, or more where that is said. */
  lost(datagrams: number, orMore?: boolean): void;
  /** Nothing has come for longer than a frame lasts: what waits for its end has ended. */
  flush(): void;
  /** Whether {@link Reader.flush} would let go of anything. */
  readonly waiting: boolean;
  /** Whether what waits is known not to have ended: its rest is on its way, or lost. For readers that can tell. */
  readonly midway?: boolean;
  /** The input is at its end. */
  end(arrival: Micros): void;
  /** What follows does not continue what came. */
  restart(): void;
}

/** Where a reader puts what it finds. */
export interface ReaderOutput extends DemuxOutput {
  /** Which tracks there will be, as soon as that is known. */
  declare(kinds: { readonly video: boolean; readonly audio: boolean }): void;
  /** The taker of a track's samples. */
  elementary(kind: "video" | "audio"): ElementaryOutput;
  /** Part of a track is missing before its next sample. `damaged`: an access unit was thrown away. */
  gap(kind: "video" | "audio", damaged: boolean): void;
  /** The index of a stream that another relay made, as it came. */
  ownIndex(bytes: Bytes, tracks: readonly Track[]): void;
  /** A fragment of it, lent; `false` where it is to be taken apart. */
  ownFragment(bytes: Bytes, info: FragmentInfo, arrival: Micros): boolean;
  /** A sentence for the log. */
  note(sentence: string): void;
  /** Nothing that comes is of a kind that is played: a sentence. */
  unplayed(sentence: string): void;
}

/** What a row's reader is opened with. */
export interface ReaderOptions {
  readonly out: ReaderOutput;
  readonly counters: IngestCounters;
  /** For formats without time stamps. */
  readonly clock: SourceClock;
}

/** A row of the table. */
export interface Format {
  /** Whether a stream of this format may begin so; `undefined` where more bytes must be seen. */
  begins(head: Uint8Array): boolean | undefined;
  open(options: ReaderOptions): Reader;
}

/** One row a format, in the order they are asked. */
export const FORMATS = {
  mp4: {
    begins: looksLikeBoxes,
    open: ({ out, counters }) =>
      new Mp4Reader({
        declare: (kinds) => out.declare(kinds),
        elementary: (kind) => out.elementary(kind),
        gap: (kind, damaged) => out.gap(kind, damaged),
        skipped: (bytes) => void (counters.resyncBytes += bytes),
        note: (sentence) => out.note(sentence),
        unplayed: (sentence) => out.unplayed(sentence),
        ownIndex: (bytes, tracks) => out.ownIndex(bytes, tracks),
        ownFragment: (bytes, info, arrival) => out.ownFragment(bytes, info, arrival),
      }),
  },
  mpegts: {
    begins: looksLikeTransportStream,
    open: ({ out, counters }) => new Demuxer(out, counters),
  },
  h264: {
    begins: (head) => beginsAs(head, "h264"),
    open: (options) => openAnnexB(h264, options),
  },
  h265: {
    begins: (head) => beginsAs(head, "h265"),
    open: (options) => openAnnexB(h265, options),
  },
  adts: {
    begins: looksLikeAdts,
    open: ({ out, counters, clock }) => {
      out.declare({ video: false, audio: true });
      return new AdtsReader({
        out: out.elementary("audio"),
        clock,
        skipped: (bytes) => void (counters.resyncBytes += bytes),
        gap: () => out.gap("audio", false),
      });
    },
  },
  rtp: {
    begins: () => false, // packets say nothing of what they carry: whoever brings them does
    open: ({ out, counters }) =>
      new RtpReader({
        declare: (kinds) => out.declare(kinds),
        elementary: (kind) => out.elementary(kind),
        gap: (kind, damaged) => out.gap(kind, damaged),
        lost: (packets) => void (counters.packetsLost += packets),
        note: (sentence) => out.note(sentence),
      }),
  },
  joint: {
    begins: () => false, // as rtp
    open: ({ out, counters }) => new JointReader({ out, counters }),
  },
} as const satisfies Record<KnownFormat, Format>;

function beginsAs(head: Uint8Array, name: "h264" | "h265"): boolean | undefined {
  const found = sniffAnnexB(head);
  return found === undefined ? undefined : found === name;
}

function openAnnexB(codec: UnitCodec, { out, counters, clock }: ReaderOptions): Reader {
  out.declare({ video: true, audio: false });
  return new AnnexBReader({
    codec,
    out: out.elementary("video"),
    clock,
    gap: (damaged) => out.gap("video", damaged),
    lateTail: (bytes) => void (counters.lateTailBytes += bytes),
  });
}

/** Bytes after which a stream that no row knows is left to the row that finds its way best. */
export const MAX_SNIFFED_BYTES = 8 * 1024;
/** Resynchronises by itself, wherever it is entered. */
const LAST_RESORT: KnownFormat = "mpegts";

/**
 * The format of a stream that begins with `head`; `undefined` while too little of it is there.
 * @param ended nothing follows: what is there must do.
 */
export function sniff(
  head: Uint8Array,
  { ended = false }: { readonly ended?: boolean } = {},
): KnownFormat | undefined {
  let undecided = false;
  for (const name of Object.keys(FORMATS) as KnownFormat[]) {
    const answer = FORMATS[name].begins(head);
    if (answer === true) return name;
    undecided ||= answer === undefined;
  }
  if (ended || head.length >= MAX_SNIFFED_BYTES) return LAST_RESORT;
  return undecided ? undefined : LAST_RESORT;
}
