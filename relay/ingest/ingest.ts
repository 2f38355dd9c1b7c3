/**
 * The pipeline: a source's bytes → reader → codec → timeline → muxer → batches, one synchronous chain. The
 * only place where source, reader, codec and muxer meet. Waits for nothing and knows no viewer.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { mimeType } from "../../shared/codec_string.ts";
import type { Batch, InitSegment, Sample, Track } from "../../shared/media.ts";
import type { FragmentInfo } from "../../shared/mp4/fragment_reader.ts";
import { type Micros, micros, MPEG_TIMESCALE, type Ticks } from "../../shared/units.ts";
import type { ElementaryOutput, ElementarySample } from "../codecs/codec.ts";
import { codecOf } from "../codecs/mod.ts";
import { silence } from "../codecs/silence.ts";
import { writeInitSegment } from "../fmp4/init_segment.ts";
import { Muxer, type MuxerOptions } from "../fmp4/muxer.ts";
import type { CameraControl, CameraStatus } from "../../shared/api.ts";
import type {
  Aspect,
  ContributionFormat,
  OriginEstimate,
  SourceClock,
  SourceOutput,
} from "../sources/source.ts";
import { type IngestCounters, newCounters } from "./counters.ts";
import { DamageHold } from "./damage.ts";
import { FORMATS, type KnownFormat, type Reader } from "./formats.ts";
import { AUDIO_TRACK, Tracks, VIDEO_TRACK } from "./generation.ts";
import { Intake } from "./intake.ts";
import { monotonicMicros, OriginClock } from "./origin_clock.ts";
import { OwnStream } from "./own_stream.ts";
import type { Passed } from "./pass_through.ts";
import { Program } from "./program.ts";
import { ORIGIN, type Placement, Timeline } from "./timeline.ts";
import { type OwnSample, WaitingSamples } from "./waiting_samples.ts";

/** Sound waits for a picture at most so long (contract §5). */
const MAX_SOUND_WAIT = micros(40_000);
/** A pause so long, and at least two pictures long, ends a PES packet of unstated length. */
const MIN_PAUSE = micros(50_000);
/** The same where nothing is ever missing: a stall in the middle of a picture is the network's, and its rest will come. */
const MIN_STALL = micros(500_000);
/** The same where an end would have been seen: cut short, a picture is the end of many a decoder. */
const MIN_ABSENCE = micros(2_000_000);
/** Sentences about one stream: a damaged or hostile one must not fill the log. */
const MAX_SENTENCES = 32;

/** No picture is shown so long after it is decoded: a decoder holds nothing for longer (ISO/IEC 13818-1 §2.14.3.1). */
const MAX_SHOWN_LATER = 10 * MPEG_TIMESCALE;
/** No frame of sound lasts so many seconds: AAC's longest is 0.26 s, Opus's 0.12 s. */
const MAX_SOUND_SECONDS = 1;

/** Two machines' wall clocks are hardly further apart where nothing is known of another relay's, µs. */
const UNKNOWN_CLOCK_ERROR = micros(1_000_000);

/** Where the pipeline's product goes. */
export interface IngestOutput {
  init(segment: InitSegment): void;
  batch(batch: Batch): void;
  status(status: CameraStatus): void;
  controls?(controls: readonly CameraControl[]): void;
  note(sentence: string): void;
  /** Something is amiss while the rest goes on, or is over; only noted where this is absent. */
  warn?(about: Aspect, sentence: string | undefined): void;
  /** The generation in force is on another relay's clock, which stands so; ignored where absent. */
  clock?(estimate: OriginEstimate): void;
  /** Nothing comes for now, and why; only noted where this is absent. */
  idle?(reason: string): void;
  /** Nothing of this stream can be played, and why; only noted where this is absent. */
  refused?(sentence: string): void;
  /** What it holds now is of no kind that is played, which may change; only noted where this is absent. */
  unplayed?(sentence: string): void;
}

/** What the last generation of an earlier run leaves to the next, so that numbers and times go on. */
export interface Continuation {
  readonly generation: number;
  /** End of the timeline, 90 kHz. */
  readonly end: number;
  /** Where what was sent ends; less than `end` where time has passed since. */
  readonly sent?: number;
}

/** What a pipeline is told of its source. */
export interface IngestOptions {
  readonly from?: Continuation | undefined;
  /** `sniff` if not given. */
  readonly format?: ContributionFormat;
  /** `arrival` if not given. */
  readonly clock?: SourceClock | undefined;
  /** Nothing of its bytes is ever missing; `false` if not given. */
  readonly reliable?: boolean | undefined;
  /** What the muxer's option of that name says. */
  readonly batches?: MuxerOptions["batches"];
}

/** A new stream. */
const BEGINNING: Continuation = { generation: 0, end: ORIGIN };

/** One source's pipeline. Hot: all of it, once per datagram or per frame. */
export class Ingest implements SourceOutput {
  readonly counters: IngestCounters = newCounters();
  /** Called when something begins to wait, while it is set. */
  onWait: (() => void) | undefined;
  readonly #out: IngestOutput;
  readonly #batches: NonNullable<MuxerOptions["batches"]>;
  readonly #clock = new OriginClock();
  readonly #sourceClock: SourceClock;
  readonly #intake: Intake;
  readonly #timeline: Timeline;
  readonly #tracks = new Tracks();
  readonly #hold = new DamageHold();
  readonly #said = new Set<string>();
  readonly #program: Program;
  readonly #sample: OwnSample;
  #muxer: Muxer | undefined;
  #generation: number;
  /** A stream of another relay's, and what passes it on once it has begun. */
  #own: OwnStream | undefined;
  /** What came while the tracks of the next generation are not all known. */
  readonly #pending = new WaitingSamples();
  /** Which of the camera's clocks has been seen, and which one the pictures are on. */
  #newestClock = 0;
  #pictureClock = 0;
  /** The pictures (or the sound, alone) are on another clock: the next key picture begins a generation. */
  #restarted = false;
  /** A clip has begun again, and none of its sound has been placed yet. */
  #loops = false;
  /** Where the next sound sample belongs if nothing is missing. */
  #soundDue: number | undefined;
  #lastPictureDts = -1;
  #lastPictureStep = 0;
  #lastData = 0 as Micros;
  /** The transport marks the ends of frames, or a file is replayed whose pauses are ours: they are not read as ends. */
  #framesMarked: boolean;
  readonly #minPause: Micros;
  readonly #start: number;
  /** What an earlier run sent ends here. */
  readonly #sentBefore: number;
  /** Of another relay whose fragments come. */
  #origin: OriginEstimate | undefined;

  constructor(
    out: IngestOutput,
    { from = BEGINNING, format = "sniff", clock = "arrival", reliable = false, batches = "kept" }:
      IngestOptions = {},
  ) {
    this.#out = out;
    this.#batches = batches;
    this.#clock.anchor();
    this.#generation = from.generation;
    this.#start = from.end;
    this.#sentBefore = from.generation === 0 ? -Infinity : from.sent ?? from.end;
    this.#timeline = new Timeline(from.end);
    this.#sourceClock = clock;
    this.#framesMarked = clock === "rate";
    this.#minPause = reliable ? MIN_STALL : MIN_PAUSE;
    this.#program = new Program({
      counters: this.counters,
      declare: (kinds) => this.#tracks.declare(kinds),
      elementary: (kind) => this.#elementary(kind),
      gap: (kind, damaged) => this.#gap(kind, damaged),
      note: (sentence) => this.#say(sentence),
      unplayed: (sentence) => this.#tellUnplayed(sentence),
    });
    this.#intake = new Intake({
      format,
      open: (known) => this.#open(known),
      refuse: (sentence) =>
        this.#out.refused ? this.#out.refused(sentence) : this.#out.note(sentence),
    });
    this.#sample = {
      dts: 0 as Ticks,
      pts: 0 as Ticks,
      key: false,
      arrival: 0 as Micros,
      duration: 0 as Ticks,
      units: [],
    };
  }

  data(bytes: Uint8Array, arrival: Micros): void {
    this.counters.bytesIn += bytes.length;
    this.#lastData = arrival;
    this.#intake.push(bytes, arrival);
    this.tick(arrival);
    if (this.onWait !== undefined && this.deadline !== undefined) this.onWait();
  }

  endOfFrame(): void {
    this.#framesMarked = true;
    this.#intake.reader?.endOfFrame();
  }

  endOfShortDatagram(): void {
    this.#intake.reader?.endOfShortDatagram?.();
  }

  lost(datagrams: number, orMore = false): void {
    this.counters.datagramsLost += datagrams;
    this.#intake.reader?.lost(datagrams, orMore);
  }

  discontinuity(kind: "loop" | "restart"): void {
    this.#intake.settle(this.#lastData);
    this.#intake.reader?.restart();
    this.#loops = kind === "loop";
    if (kind === "loop") this.#timeline.join();
    else this.#timeline.restart();
  }

  status(status: CameraStatus): void {
    this.#out.status(status);
  }

  originClock(estimate: OriginEstimate): void {
    this.#origin = estimate;
    if (this.#own?.hasBegun) this.#out.clock?.(estimate);
  }

  idle(reason: string): void {
    if (this.#out.idle) this.#out.idle(reason);
    else this.#out.note(reason);
  }

  controls(controls: readonly CameraControl[]): void {
    this.#out.controls?.(controls);
  }

  warn(about: Aspect, sentence: string | undefined): void {
    if (this.#out.warn) this.#out.warn(about, sentence);
    else if (sentence !== undefined) this.#out.note(sentence);
  }

  note(sentence: string): void {
    this.#out.note(sentence);
  }

  now(): Micros {
    return monotonicMicros();
  }

  mediaTime(): Micros | undefined {
    // Pictures lead where there are any: paced by both, they would come at the sound's uneven times.
    const newest = this.#lastPictureDts >= 0 ? this.#lastPictureDts : this.#timeline.newest;
    if (newest === this.#start && this.#lastPictureDts < 0) return undefined;
    return micros(((newest - this.#start) * 1e6) / MPEG_TIMESCALE);
  }

  /** What a later run of the same stream needs to go on from here. */
  get continuation(): Continuation {
    return { generation: this.#generation, end: this.#timeline.end, sent: this.#sent };
  }

  /** When {@link Ingest.tick} has something to do at the earliest, if nothing comes until then. */
  get deadline(): Micros | undefined {
    const sound = this.#soundSince;
    const pause = this.#intake.reader?.waiting && !this.#framesMarked
      ? this.#lastData + this.#pause
      : undefined;
    if (sound === undefined) return pause as Micros | undefined;
    return Math.min(sound + MAX_SOUND_WAIT, pause ?? Infinity) as Micros;
  }

  /** Lets go of what has waited long enough. */
  tick(now: Micros): void {
    const reader = this.#intake.reader;
    if (reader && !this.#framesMarked && now - this.#lastData >= this.#pause && reader.waiting) {
      reader.flush();
    }
    const sound = this.#soundSince;
    if (sound === undefined) return;
    if (!this.#tracks.video || now - sound >= MAX_SOUND_WAIT) this.#flushSound(); // alone, it waits for nothing
  }

  /** The source is at its end: everything still held goes out. */
  end(): void {
    const now = monotonicMicros();
    this.#intake.settle(now);
    this.#intake.reader?.end(now);
    if (!this.#muxer && !this.#pending.isEmpty && this.#tracks.known) this.#begin();
    this.#flushSound();
  }

  /** Where what was sent ends, 90 kHz: pictures that follow come later than the last. */
  get #sent(): number {
    if (this.#lastPictureDts >= 0) return this.#lastPictureDts + 1;
    return this.counters.audioSamples > 0 ? this.#timeline.end : this.#sentBefore;
  }

  /** When the oldest sound came that waits for a picture. */
  get #soundSince(): Micros | undefined {
    const since = this.#muxer?.waitingSince;
    return since === undefined ? undefined : micros(since - this.#clock.offset);
  }

  get #pause(): number {
    const least = this.#intake.reader?.midway ? MIN_ABSENCE : this.#minPause;
    return Math.max(least, (2e6 * this.#lastPictureStep) / MPEG_TIMESCALE);
  }

  #open(format: KnownFormat): Reader {
    return FORMATS[format].open({
      out: {
        program: (streams) => this.#program.map(streams),
        plays: (stream) => codecOf(stream) !== undefined,
        declare: (kinds) => this.#tracks.declare(kinds),
        elementary: (kind) => this.#elementary(kind),
        gap: (kind, damaged) => this.#gap(kind, damaged),
        note: (sentence) => this.#say(sentence),
        unplayed: (sentence) => this.#tellUnplayed(sentence),
        ownIndex: (bytes, tracks) => {
          this.#own = new OwnStream(bytes, tracks);
        },
        ownFragment: (bytes, info, arrival) => this.#pass(bytes, info, arrival),
      },
      counters: this.counters,
      clock: this.#sourceClock,
    });
  }

  /** Passes on a fragment of another relay's; `false` where it must be muxed anew: its times would go back. */
  #pass(bytes: Bytes, info: FragmentInfo, arrival: Micros): boolean {
    const own = this.#own;
    if (!own) return false;
    const before = { sent: this.#sent, generation: this.#generation };
    const { offset } = this.#origin ?? this.#clock;
    const captured = micros(arrival + offset); // where the fragment does not say
    const outcome = own.take(bytes, info, { captured, before, hold: this.#hold });
    switch (outcome.kind) {
      case "unfit":
        return false;
      case "repeated":
        return true;
      case "held":
        if (outcome.isPicture) this.counters.heldAccessUnits++;
        return true;
      case "passed":
        if (outcome.begins) this.#beginOwn(own);
        this.#passOn(outcome.passed, own);
        return true;
    }
  }

  #beginOwn({ tracks, index }: OwnStream): void {
    this.#endGeneration();
    const clock = this.#origin;
    this.#announce({
      tracks,
      bytes: index,
      clock: () => clock ?? { offset: this.#clock.offset, error: UNKNOWN_CLOCK_ERROR },
    });
  }

  #passOn({ batch, kind, pictures, sounds, dts, end }: Passed, { tracks }: OwnStream): void {
    this.counters.videoSamples += pictures;
    this.counters.audioSamples += sounds;
    if (kind === "video" || tracks.length === 1) this.#lastPictureDts = dts;
    this.#timeline.extend(end);
    this.#out.batch(batch);
  }

  /** What the stream gives cause to say: once each, and no more than a person reads. */
  #say(sentence: string): void {
    if (this.#said.size >= MAX_SENTENCES || this.#said.has(sentence)) return;
    this.#said.add(sentence);
    this.#out.note(sentence);
  }

  #tellUnplayed(sentence: string): void {
    if (this.#said.has(sentence)) return;
    this.#say(sentence);
    this.#out.unplayed?.(sentence);
  }

  #elementary(kind: "video" | "audio"): ElementaryOutput {
    const picture = kind === "video";
    return {
      config: (config) => {
        if (this.#tracks.configure(config)) this.#dropPending(picture ? VIDEO_TRACK : AUDIO_TRACK);
      },
      sample: picture ? (sample) => this.#picture(sample) : (sample) => this.#sound(sample),
      unreadable: () => void this.counters.unreadable++,
      undecodable: () => void this.counters.heldAccessUnits++,
      refused: (sentence) => this.#say(sentence),
    };
  }

  /** Part of a track is missing. */
  #gap(kind: "video" | "audio", damaged: boolean): void {
    if (damaged) this.counters.damagedAccessUnits++;
    if (kind === "video") this.#hold.gap();
  }

  #picture(from: ElementarySample): void {
    const place = this.#place(VIDEO_TRACK, from);
    if (!place) return;
    const { shift, clock } = place;
    if (clock !== this.#pictureClock) {
      this.#pictureClock = clock;
      this.#restarted = true;
      this.#hold.reset();
    }
    // Decode order is the order of arrival: a slip of the muxer's clock is evened out.
    const dts = Math.max(Math.round(from.dts + shift), this.#lastPictureDts + 1);
    if (this.#lastPictureDts >= 0) {
      this.#lastPictureStep = Math.min(dts - this.#lastPictureDts, MPEG_TIMESCALE);
    }
    this.#lastPictureDts = dts;
    this.#timeline.extend(dts + this.#lastPictureStep);
    const { changed } = this.#tracks;
    if (this.#muxer && changed.video && !from.key) this.#hold.reset(); // set up anew for a picture that cannot begin anything
    if (!this.#hold.passes(from.key, dts)) {
      this.counters.heldAccessUnits++;
      return;
    }
    if (from.key && (changed.video || changed.audio || this.#restarted)) this.#endGeneration();
    const sample = this.#sample;
    sample.dts = dts as Ticks;
    sample.pts = this.#shownAt(Math.round(from.pts + shift), dts) as Ticks;
    sample.key = from.key;
    sample.arrival = from.arrival;
    sample.duration = 0 as Ticks;
    sample.units = from.units;
    this.counters.videoSamples++;
    this.#deliver(VIDEO_TRACK, sample, dts);
  }

  /** When a picture is shown: by a time that went wrong it would be hours away, and players follow it there. */
  #shownAt(pts: number, dts: number): number {
    if (pts - dts <= MAX_SHOWN_LATER) return Math.max(dts, pts);
    this.counters.unreadable++;
    return dts;
  }

  #sound(from: ElementarySample): void {
    const place = this.#place(AUDIO_TRACK, from);
    if (!place) return;
    const { changed, audio, video } = this.#tracks;
    if (!audio) return;
    if (!video && place.clock !== this.#pictureClock) {
      this.#pictureClock = place.clock;
      this.#restarted = true;
    }
    if (this.#muxer && (changed.audio || changed.video || this.#restarted)) {
      if (!video) {
        this.#endGeneration();
      } else if (changed.audio) {
        this.counters.heldAccessUnits++; // set up anew: waits for the key picture that begins a generation
        return;
      }
    }
    const placed = from.dts + place.shift;
    const stated = Math.round((placed * audio.timescale) / MPEG_TIMESCALE);
    const due = this.#soundDue;
    // A time stamp is rounded to 90 kHz; where it agrees with the count of samples to a tick, the count is truer.
    const dts = due !== undefined && Math.abs(stated - due) <= 1 ? due : stated;
    const isEndless = from.duration > MAX_SOUND_SECONDS * audio.timescale;
    const overlaps = due !== undefined && dts < due - from.duration / 2;
    if (dts < 0 || isEndless || overlaps) { // would play over the sound before it, or all that follows
      // A clip's sound often begins before its pictures: where it loops there is no place for that, and nothing is lost.
      if (!(overlaps && this.#loops)) this.counters.unreadable++;
      return;
    }
    this.#loops = false;
    this.#soundDue = dts + from.duration;
    this.#timeline.extend(placed + (from.duration * MPEG_TIMESCALE) / audio.timescale);
    const sample = this.#sample;
    sample.dts = dts as Ticks;
    sample.pts = dts as Ticks;
    sample.key = true;
    sample.arrival = from.arrival;
    sample.duration = from.duration as Ticks;
    sample.units = from.units;
    this.counters.audioSamples++;
    this.#deliver(AUDIO_TRACK, sample, placed);
  }

  /** Where a sample belongs, or `undefined` when that is nowhere. */
  #place(track: number, from: ElementarySample): Placement | undefined {
    const place = this.#timeline.place(track, from.dts, from.arrival);
    if (!place) {
      this.counters.unreadable++;
    } else if (place.clock > this.#newestClock) {
      this.#newestClock = place.clock;
      this.counters.clockRestarts++;
    }
    return place;
  }

  /** @param dts of the sample at 90 kHz, on the stream's timeline. */
  #deliver(track: number, sample: OwnSample, dts: number): void {
    if (!this.#muxer) {
      if (!this.#tracks.complete(dts) && this.#pending.hasRoom) {
        return this.#pending.keep(track, sample);
      }
      this.#begin();
    }
    this.#mux(track, sample);
  }

  #mux(track: number, sample: OwnSample): void {
    const muxer = this.#muxer;
    if (!muxer) return;
    sample.arrival = micros(sample.arrival + this.#clock.offset); // from here on it is a capture time
    if (track === VIDEO_TRACK) {
      this.#out.batch(muxer.picture(sample));
    } else {
      const silentBefore = muxer.silentSamples;
      if (!muxer.audio(sample)) this.counters.unreadable++;
      this.counters.silentSamples += muxer.silentSamples - silentBefore;
    }
  }

  /** What waits was made for another set-up than the one its generation would begin with. */
  #dropPending(track: number): void {
    this.counters.heldAccessUnits += this.#pending.drop(track);
    if (track === VIDEO_TRACK) this.#hold.reset();
  }

  /** Begins a generation with the tracks there are, and sends what waited for it. */
  #begin(): void {
    const { video, audio } = this.#tracks;
    const tracks = this.#tracks.list();
    this.#tracks.settle();
    this.#restarted = false;
    this.#muxer = new Muxer({
      generation: this.#generation + 1,
      ...(video ? { video } : {}),
      ...(audio ? { audio, silence: (duration) => silence(audio, duration) } : {}),
      batches: this.#batches,
    });
    this.#announce({
      tracks,
      bytes: writeInitSegment(tracks),
      clock: () => ({ offset: this.#clock.offset, error: micros(0) }),
    });
    for (const { track, sample } of this.#pending.take()) this.#mux(track, sample);
  }

  /** A new generation of these tracks. @param what.clock the one its capture times are of. */
  #announce({ tracks, bytes, clock }: {
    readonly tracks: readonly Track[];
    readonly bytes: Bytes;
    readonly clock: () => OriginEstimate;
  }): void {
    this.#clock.anchor();
    this.#generation++;
    this.counters.generations++;
    const { offset, error } = clock();
    this.#out.init({
      generation: this.#generation,
      mime: mimeType(tracks),
      tracks,
      bytes,
      clockOffset: offset,
      clockError: error,
    });
  }

  #endGeneration(): void {
    this.#flushSound();
    if (this.#tracks.changed.audio) this.#soundDue = undefined; // counts in another timescale from here
    this.#muxer = undefined;
  }

  #flushSound(): void {
    const batch = this.#muxer?.flush();
    if (batch) this.#out.batch(batch);
  }
}
