/**
 * The streams of a transport stream's program (ISO/IEC 13818-1 §2.4.4.8) and which of them are read: one picture and one
 * sound, each by its codec. A map that is sent again in other words keeps what is under way. Knows no sample.
 *
 * @module
 */

import { toHex } from "../../shared/bytes.ts";
import type { Codec, ElementaryOutput, UnitCodec } from "../codecs/codec.ts";
import { registrationOf } from "../codecs/descriptors.ts";
import { codecOf, isUnitCodec, PRIVATE_DATA } from "../codecs/mod.ts";
import { PesPictures } from "../codecs/pes_pictures.ts";
import type { StreamHandler } from "../mpegts/demux_output.ts";
import type { StreamEntry } from "../mpegts/psi.ts";
import { mediaName } from "../mpegts/stream_types.ts";
import type { IngestCounters } from "./counters.ts";

/** Where a program's streams lead. */
export interface ProgramOutput {
  readonly counters: IngestCounters;
  /** Which kinds there will be. */
  declare(kinds: { readonly video: boolean; readonly audio: boolean }): void;
  elementary(kind: "video" | "audio"): ElementaryOutput;
  /** Part of a track is missing. */
  gap(kind: "video" | "audio", damaged: boolean): void;
  /** A sentence for the log. */
  note(sentence: string): void;
  /** Nothing of the program is of a kind that is played: a sentence. */
  unplayed(sentence: string): void;
}

/** One source's program. */
export class Program {
  readonly #out: ProgramOutput;
  /** By {@link identityOf}: a stream that a new program map lists again keeps its codec's state. */
  #handlers: ReadonlyMap<string, StreamHandler> = new Map();

  constructor(out: ProgramOutput) {
    this.#out = out;
  }

  /** The map as it is now; @returns who reads each stream, `undefined` for those that nobody does. */
  map(streams: readonly StreamEntry[]): (StreamHandler | undefined)[] {
    const taken = { video: false, audio: false };
    const known = this.#handlers;
    const now = new Map<string, StreamHandler>();
    const handlers = streams.map((stream) => {
      const codec = codecOf(stream);
      if (!codec || taken[codec.kind]) return undefined; // one of each: a player has no way to choose
      taken[codec.kind] = true;
      const key = identityOf(stream);
      const handler = known.get(key) ?? this.#handler(codec, stream.descriptors);
      now.set(key, handler);
      return handler;
    });
    this.#handlers = now;
    this.#out.declare(taken);
    const sentence = leftOut(streams, handlers);
    if (sentence) this.#out[now.size > 0 ? "note" : "unplayed"](sentence);
    return handlers;
  }

  #handler(codec: Codec, descriptors: Uint8Array): StreamHandler {
    if (isUnitCodec(codec)) return this.#pictures(codec);
    const stream = codec.open(this.#out.elementary(codec.kind), descriptors);
    return {
      packet: (payload, pts, dts, arrival) => stream.packet(payload, pts, dts, arrival),
      gap: (damaged) => {
        this.#out.gap(codec.kind, damaged);
        stream.gap();
      },
    };
  }

  #pictures(codec: UnitCodec): StreamHandler {
    const { counters } = this.#out;
    const pictures = new PesPictures({
      codec,
      stream: codec.open(this.#out.elementary("video")),
      unreadable: () => void counters.unreadable++,
      lateTail: (bytes) => {
        counters.lateTailBytes += bytes;
        this.#out.gap("video", false);
      },
      damaged: () => this.#out.gap("video", true),
    });
    return {
      packet: (payload, pts, dts, arrival) => pictures.packet(payload, pts, dts, arrival),
      gap: (damaged) => {
        this.#out.gap("video", damaged || pictures.waiting); // what waits may lack its rest, and is thrown away
        pictures.gap();
      },
      flush: () => pictures.flush(),
      get waiting(): boolean {
        return pictures.waiting;
      },
    };
  }
}

/** What makes a stream of a program map another: private data is told apart by its descriptors. */
function identityOf({ pid, streamType, descriptors }: StreamEntry): string {
  return `${pid}/${streamType}/${streamType === PRIVATE_DATA ? toHex(descriptors) : ""}`;
}

/** What of a transport stream is not played, in a sentence; `undefined` when that is nothing a person would miss. */
function leftOut(
  streams: readonly StreamEntry[],
  handlers: readonly (StreamHandler | undefined)[],
): string | undefined {
  const played = handlers.some((handler) => handler !== undefined);
  const missed = streams
    .filter((_, index) => handlers[index] === undefined)
    .map(({ streamType, descriptors }) =>
      mediaName(streamType, registrationOf(descriptors)) ??
        (played ? undefined : `stream type ${streamType}`)
    )
    .filter((name) => name !== undefined);
  if (played && missed.length === 0) return undefined;
  const what = missed.length === 0 ? "nothing" : missed.join(", ");
  return played
    ? `The camera also sends ${what}; Rill plays one picture in H.264 or H.265 and one sound in AAC (as ADTS) or Opus, the rest is left out.`
    : `The camera sends ${what}, and Rill plays H.264 and H.265 pictures and AAC (as ADTS) and Opus sound: set the camera to H.264.`;
}
