/**
 * A stream with its sound in AAC, for those who cannot play Opus: pictures go on by reference, the sound beside them is
 * made anew by ffmpeg, once for all who want it and only while somebody does. Without ffmpeg it is pictures alone. A
 * stream whose sound is no Opus goes on as it is.
 *
 * @module
 */

import { mimeType } from "../../shared/codec_string.ts";
import type { AudioTrack, Batch, InitSegment, Track } from "../../shared/media.ts";
import { readFragments } from "../../shared/mp4/fragment_reader.ts";
import { type Micros, micros, ticks } from "../../shared/units.ts";
import { NoFfmpegError } from "../ffmpeg.ts";
import { writeInitSegment } from "../fmp4/init_segment.ts";
import { Muxer } from "../fmp4/muxer.ts";
import { Hub } from "../hub/hub.ts";
import type { Sink } from "../hub/sink.ts";
import type { Log } from "../log.ts";
import { Attendance } from "../streams/attendance.ts";
import { AacEncoder, FRAME_SAMPLES, inAac } from "./aac_encoder.ts";
import { joined } from "./join.ts";
import { SoundCount } from "./sound_count.ts";

/** As long as sound waits for a picture everywhere (contract §5). */
const WAIT_MS = 40;
/** An encoder that ended sooner is not begun again. */
const STEADY_MS = 10_000;
const RESTED = "Nobody watched it in AAC; it is being made again.";

/** The stream that is made over. */
export interface Original {
  readonly name: string;
  readonly hub: Hub;
  readonly offline: string | undefined;
}

/** One stream's. Works while its hub has takers. */
export class AacRendition {
  readonly name: string;
  readonly hub = new Hub();
  readonly #of: Original;
  readonly #log: Log;
  readonly #sink: Sink;
  readonly #attendance: Attendance;
  #subscription: Disposable | undefined;
  #generation = 0;
  #sequence = 0;
  #group = 0;
  #segment: InitSegment | undefined;
  /** The Opus that is made over. */
  #sound: AudioTrack | undefined;
  #encoder: AacEncoder | undefined;
  #encoderSince = 0;
  #muxer = new Muxer({ generation: 0 });
  #count = new SoundCount();
  #arrival = micros(0);
  #flush: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, of: Original, log: Log) {
    this.name = name;
    this.#of = of;
    this.#log = log;
    const { hub } = this;
    this.#sink = {
      transport: "aac",
      get viewers(): number {
        return hub.viewers;
      },
      get sentBytes(): number {
        let sent = 0;
        for (const { bytes } of hub.outlets().values()) sent += bytes;
        return sent;
      },
      backlog: 0,
      init: (segment) => this.#init(segment),
      push: (batch) => this.#push(batch),
      skipped: () => undefined, // its backlog is always 0
      offline: (reason) => hub.offline(reason),
      close: (_why, reason) => this.#close(reason),
    };
    this.#attendance = new Attendance({
      attended: () => void (this.#subscription ??= this.#of.hub.subscribe(this.#sink)),
      deserted: () => this.#sleep(),
      joined: () => undefined, // they are given the group; a key picture is the original's to ask for
    });
    hub.onTakers = (takers) => this.#attendance.take(takers);
  }

  /** Why nothing comes, as a sentence. */
  get offline(): string | undefined {
    return this.#of.offline;
  }

  #sleep(): void {
    this.#subscription?.[Symbol.dispose]();
    this.#subscription = undefined;
    this.#stopEncoder();
    this.hub.offline(RESTED); // what was live is not live any more
  }

  #close(reason: string): void {
    this.#subscription = undefined;
    this.#stopEncoder();
    this.hub.close(reason);
    this.#attendance[Symbol.dispose](); // last: its takers have gone
  }

  #init(segment: InitSegment): void {
    this.#stopEncoder();
    this.#segment = segment;
    const sound = segment.tracks.find((track) => track.kind === "audio");
    this.#sound = sound?.codec === "opus" ? sound : undefined;
    if (this.#sound) this.#startEncoder(this.#sound);
    if (!this.#encoder && segment.tracks.length === 1) this.#sound = undefined; // better Opus than nothing
    this.#announce();
  }

  /** A generation of what there is now. */
  #announce(): void {
    const segment = this.#segment;
    if (!segment) return;
    const generation = ++this.#generation;
    this.#sequence = 0;
    this.#muxer = new Muxer({ generation, audio: { id: this.#sound?.id ?? 0 } });
    if (!this.#sound) return this.hub.init({ ...segment, generation });
    const tracks = segment.tracks.flatMap((track): Track[] => {
      if (track.kind === "video") return [track];
      return this.#encoder ? [inAac(track)] : [];
    });
    this.hub.init({
      ...segment,
      ...{ generation, tracks, mime: mimeType(tracks), bytes: writeInitSegment(tracks) },
    });
  }

  #push(batch: Batch): void {
    const sound = this.#sound;
    this.#arrival = batch.arrival;
    this.#retime();
    if (!sound) return this.#publish(batch, batch);
    for (const { moofStart, end, tracks: [run] } of readFragments(batch.bytes)) {
      if (run?.track !== sound.id || run.dts === undefined) continue;
      const { dts, duration } = run;
      if (!this.#count.fits({ dts, duration })) {
        this.#stopEncoder();
        this.#startEncoder(sound);
      }
      this.#count.went({ dts, duration });
      this.#encoder?.write(batch.bytes.subarray(moofStart, end));
    }
    const pictures = batch.fragments.filter(({ track }) => track !== sound.id);
    if (pictures.length === 0) return;
    const waited = this.#takeSound();
    if (!waited && pictures.length === batch.fragments.length) return this.#publish(batch, batch);
    this.#publish(batch, joined(waited, { pictures, bytes: batch.bytes }));
  }

  /** The original's clock is known better than when the generation began. */
  #retime(): void {
    const { clockOffset: offset, clockError: error } = this.#of.hub.segment ?? {};
    if (offset === undefined || error === undefined) return;
    const known = this.hub.segment;
    if (known?.clockOffset !== offset || known.clockError !== error) {
      this.hub.retime({ offset, error });
    }
  }

  #publish(
    { key, group, arrival }: Pick<Batch, "key" | "group" | "arrival">,
    { fragments, bytes }: Pick<Batch, "fragments" | "bytes">,
  ): void {
    this.#group = group;
    const generation = this.#generation;
    const sequence = this.#sequence++;
    this.hub.publish({ generation, sequence, group, key, arrival, fragments, bytes });
  }

  #startEncoder(sound: AudioTrack): void {
    this.#count = new SoundCount();
    this.#encoderSince = performance.now();
    try {
      this.#encoder = new AacEncoder(sound, {
        frame: (frame) => this.#frame(frame),
        ended: (reason) => this.#ended(reason),
      });
    } catch (error) {
      if (!(error instanceof NoFfmpegError)) throw error;
      this.#tell(error.message);
    }
  }

  #stopEncoder(): void {
    this.#encoder?.[Symbol.dispose]();
    this.#encoder = undefined;
    this.#takeSound();
  }

  /** Its end is nobody's wish. One that never worked leaves the pictures. */
  #ended(reason: string): void {
    this.#encoder = undefined;
    if (!this.#sound) return;
    this.#tell(reason);
    if (performance.now() - this.#encoderSince > STEADY_MS) this.#startEncoder(this.#sound);
    if (!this.#encoder) this.#announce();
  }

  #tell(reason: string): void {
    this.#log.warn(`the sound is not made AAC: ${reason}`, { stream: this.name });
  }

  #frame(frame: Uint8Array): void {
    const dts = this.#count.comes();
    if (dts === undefined) return;
    this.#muxer.audio({
      ...{ dts, pts: dts, key: true, arrival: this.#arrival, units: [frame] },
      duration: ticks(FRAME_SAMPLES),
    });
    this.#flush ??= setTimeout(() => this.#soundAlone(), WAIT_MS);
  }

  #takeSound(): Batch | undefined {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    return this.#muxer.flush();
  }

  /** No picture came to take it along. */
  #soundAlone(): void {
    const waited = this.#takeSound();
    if (!waited) return;
    const hasPictures = this.#segment?.tracks.some(({ kind }) => kind === "video") ?? false;
    const arrival: Micros = waited.arrival;
    const group = hasPictures ? this.#group : this.#group + 1;
    this.#publish({ key: !hasPictures, group, arrival }, waited);
  }
}
