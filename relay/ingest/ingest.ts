/**
 * The pipeline: a source's bytes → reader → codec → timeline → muxer → batches, one synchronous chain. Puts its parts
 * together, and lets go of what has waited long enough. Knows no viewer.
 *
 * @module
 */

import type { CameraControl, CameraStatus } from "../../shared/api.ts";
import type { Bytes } from "../../shared/bytes.ts";
import type { FragmentInfo } from "../../shared/mp4/fragment_reader.ts";
import { type Micros, micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import type { ElementaryOutput } from "../codecs/codec.ts";
import { codecOf } from "../codecs/mod.ts";
import type { MuxerOptions } from "../fmp4/muxer.ts";
import type {
  Aspect,
  ContributionFormat,
  OriginEstimate,
  SourceClock,
  SourceOutput,
} from "../sources/source.ts";
import { type IngestCounters, newCounters } from "./counters.ts";
import { FORMATS, type KnownFormat, type Reader } from "./formats.ts";
import { Intake } from "./intake.ts";
import { monotonicMicros } from "./origin_clock.ts";
import { OwnStream } from "./own_stream.ts";
import type { Passed } from "./pass_through.ts";
import { type Continuation, Placing } from "./placing.ts";
import { Product, type ProductOutput } from "./product.ts";
import { Program } from "./program.ts";
import { ORIGIN } from "./timeline.ts";
import { NEVER } from "./watch.ts";

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

/** Two machines' wall clocks are hardly further apart where nothing is known of another relay's, µs. */
const UNKNOWN_CLOCK_ERROR = micros(1_000_000);

/** Where the pipeline's product goes. */
export interface IngestOutput extends ProductOutput {
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
  /** When it will be looked at next. */
  nextLook = NEVER;
  /** Called when something is due before that, while it is set. */
  onDue: (() => void) | undefined;
  readonly #out: IngestOutput;
  readonly #product: Product;
  readonly #placing: Placing;
  readonly #sourceClock: SourceClock;
  readonly #intake: Intake;
  readonly #program: Program;
  readonly #said = new Set<string>();
  /** A stream of another relay's, and what passes it on once it has begun. */
  #own: OwnStream | undefined;
  /** Of another relay whose fragments come. */
  #origin: OriginEstimate | undefined;
  #lastData = 0 as Micros;
  /** The transport marks the ends of frames, or a file is replayed whose pauses are ours: they are not read as ends. */
  #framesMarked: boolean;
  readonly #minPause: Micros;

  constructor(
    out: IngestOutput,
    { from = BEGINNING, format = "sniff", clock = "arrival", reliable = false, batches = "kept" }:
      IngestOptions = {},
  ) {
    this.#out = out;
    const { counters } = this;
    this.#product = new Product(out, { counters, generation: from.generation, batches });
    this.#placing = new Placing(this.#product, { counters, from });
    this.#sourceClock = clock;
    this.#framesMarked = clock === "rate";
    this.#minPause = reliable ? MIN_STALL : MIN_PAUSE;
    this.#program = new Program({
      counters,
      declare: (kinds) => this.#product.tracks.declare(kinds),
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
  }

  data(bytes: Uint8Array, arrival: Micros): void {
    this.counters.bytesIn += bytes.length;
    this.#lastData = arrival;
    this.#intake.push(bytes, arrival);
    this.tick(arrival);
    this.#tellDue();
  }

  endOfFrame(): void {
    this.#framesMarked = true;
    this.#intake.reader?.endOfFrame();
    this.#tellDue();
  }

  endOfShortDatagram(): void {
    this.#intake.reader?.endOfShortDatagram?.();
    this.#tellDue();
  }

  lost(datagrams: number, orMore = false): void {
    this.counters.datagramsLost += datagrams;
    this.#intake.reader?.lost(datagrams, orMore);
    this.#tellDue();
  }

  discontinuity(kind: "loop" | "restart"): void {
    this.#intake.settle(this.#lastData);
    this.#intake.reader?.restart();
    this.#placing.discontinuity(kind);
    this.#tellDue();
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
    return this.#placing.mediaTime;
  }

  /** What a later run of the same stream needs to go on from here. */
  get continuation(): Continuation {
    const { end, sent } = this.#placing;
    return { generation: this.#product.generation, end, sent };
  }

  /** When {@link Ingest.tick} has something to do at the earliest, if nothing comes until then. */
  get deadline(): Micros | undefined {
    const sound = this.#product.soundSince;
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
    const sound = this.#product.soundSince;
    if (sound === undefined) return;
    const isAlone = !this.#product.tracks.video;
    if (isAlone || now - sound >= MAX_SOUND_WAIT) this.#product.flushSound(); // alone, it waits for nothing
  }

  /** The source is at its end: everything still held goes out. */
  end(): void {
    const now = monotonicMicros();
    this.#intake.settle(now);
    this.#intake.reader?.end(now);
    this.#product.end();
  }

  #tellDue(): void {
    if (this.onDue && (this.deadline ?? NEVER) < this.nextLook) this.onDue();
  }

  get #pause(): number {
    const least = this.#intake.reader?.midway ? MIN_ABSENCE : this.#minPause;
    return Math.max(least, (2e6 * this.#placing.pictureStep) / MPEG_TIMESCALE);
  }

  #open(format: KnownFormat): Reader {
    return FORMATS[format].open({
      out: {
        program: (streams) => this.#program.map(streams),
        plays: (stream) => codecOf(stream) !== undefined,
        declare: (kinds) => this.#product.tracks.declare(kinds),
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
    const { sent, hold } = this.#placing;
    const before = { sent, generation: this.#product.generation };
    const offset = this.#origin?.offset ?? this.#product.clockOffset;
    const captured = micros(arrival + offset); // where the fragment does not say
    const outcome = own.take(bytes, info, { captured, before, hold });
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
    this.#placing.endGeneration();
    this.#product.announce({
      tracks,
      bytes: index,
      clock: (here) => this.#origin ?? { offset: here, error: UNKNOWN_CLOCK_ERROR },
    });
  }

  #passOn(passed: Passed, { tracks }: OwnStream): void {
    this.counters.videoSamples += passed.pictures;
    this.counters.audioSamples += passed.sounds;
    this.#placing.passed(passed, passed.kind === "video" || tracks.length === 1);
    this.#out.batch(passed.batch);
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
    const isPicture = kind === "video";
    return {
      config: (config) => {
        // What waited was made for another set-up than the one its generation would begin with.
        if (this.#product.configure(config) && isPicture) this.#placing.hold.reset();
      },
      sample: isPicture
        ? (sample) => this.#placing.picture(sample)
        : (sample) => this.#placing.sound(sample),
      unreadable: () => void this.counters.unreadable++,
      undecodable: () => void this.counters.heldAccessUnits++,
      refused: (sentence) => this.#say(sentence),
    };
  }

  /** Part of a track is missing. */
  #gap(kind: "video" | "audio", damaged: boolean): void {
    if (damaged) this.counters.damagedAccessUnits++;
    if (kind === "video") this.#placing.hold.gap();
  }
}
