/**
 * One stream's life on the main thread: begins runs of its source and ends them, hands what comes of them to the hub, and
 * starts the source again when it fails. Never touches media.
 *
 * @module
 */

import type { CameraControl, CameraStatus, StreamInfo } from "../../shared/api.ts";
import { describeTrack } from "../../shared/describe_track.ts";
import { Hub } from "../hub/hub.ts";
import type { Log } from "../log.ts";
import type { PushSpec } from "../sources/push.ts";
import type { SourceCommand, SourceSpec } from "../sources/source.ts";
import { Attendance } from "./attendance.ts";
import { backOff } from "./back_off.ts";
import type { HistogramState } from "./histogram.ts";
import { History } from "./history.ts";
import { Latency } from "./latency.ts";
import { Liveness, MISSING_MS } from "./liveness.ts";
import { Outcome } from "./outcome.ts";
import type { Publication, PublicationOptions } from "./publication.ts";
import { Publishers } from "./publishers.ts";
import { RawFeed } from "./raw_feed.ts";
import { Run, type RunEnd, type RunEvent } from "./run.ts";
import { Standing } from "./standing.ts";
import { Telling } from "./telling.ts";
import { Warnings } from "./warnings.ts";

/** A run that lasted so long counts as a success: the next failure begins a new row of tries. */
const STEADY_MS = 10_000;
/** What comes for so long, and holds nothing that could be read, is given up: its sender may do better anew. */
const UNREADABLE_MS = 10_000;
/** So many times as long key pictures are waited for: some cameras send one every 17 s. */
const KEYLESS_TIMES = 2;
const LOOK_MS = 1_000;
/** Bytes were reported so lately: the source sends. Reports and looks are a second apart each. */
const SENDING_MS = 2_500;

/** What a stream is made of. */
export interface StreamOptions {
  readonly name: string;
  readonly spec: SourceSpec;
  readonly log: Log;
  /** How long something that cannot be read is put up with; tests wait less. */
  readonly unreadableMs?: number;
  /** A camera on demand rests so long after its last viewer; tests wait less. */
  readonly restMs?: number;
}

/** Runs one stream until it is disposed of. */
export class Supervisor implements AsyncDisposable {
  readonly name: string;
  readonly hub = new Hub();
  readonly #log: Log;
  readonly #unreadableMs: number;
  readonly #raw = new RawFeed((on) => this.#run?.command({ type: "raw", on }));
  readonly #latency = new Latency();
  readonly #history = new History();
  readonly #liveness = new Liveness();
  readonly #telling = new Telling();
  readonly #warnings = new Warnings();
  readonly #publishers = new Publishers();
  readonly #attendance: Attendance;
  readonly #standing: Standing;
  readonly #watch: ReturnType<typeof setInterval>;
  #spec: SourceSpec;
  #camera: CameraStatus | undefined;
  #controls: readonly CameraControl[] = [];
  #run: Run | undefined;
  /** Of the newest run. */
  #outcome: Outcome;
  #failures = 0;
  #stopping = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** The run that ends makes room for another at once. */
  #again = false;

  constructor(options: StreamOptions) {
    this.name = options.name;
    this.#spec = options.spec;
    this.#outcome = new Outcome(options.spec, this.#history);
    this.#log = options.log;
    this.#unreadableMs = options.unreadableMs ?? UNREADABLE_MS;
    this.#standing = new Standing({ name: this.name, hub: this.hub, log: this.#log });
    this.#watch = setInterval(() => this.#look(), LOOK_MS);
    this.#attendance = new Attendance({
      restMs: options.restMs,
      attended: () => this.#wake(),
      deserted: () => {
        if (this.#spec.onDemand) this.#sleep();
      },
      joined: () => this.askForKeyPicture(),
    });
    this.hub.onTakers = (takers) => this.#attendance.take(takers);
    this.#begin();
  }

  /** The source's own bytes, where they are one stream. */
  get raw(): RawFeed | undefined {
    return this.#spec.loop || this.#spec.ownFormat ? undefined : this.#raw;
  }

  /** Why nothing comes, as a sentence for those who watch; `undefined` while it runs or starts. */
  get offline(): string | undefined {
    return this.#standing.why;
  }

  /** From the first datagram of each picture until every taker had been given it. */
  get latency(): HistogramState {
    return this.#latency.state;
  }

  /** What it runs, or is to run. */
  get spec(): SourceSpec {
    return this.#spec;
  }

  /** Whether a publisher is to bring it. */
  get waits(): boolean {
    return this.#spec.waits === true;
  }

  /** Whether a publisher brings it now. */
  get isPublished(): boolean {
    return this.#publishers.isPublished;
  }

  /** What that which is published came through (`shared/via.ts`). */
  get via(): readonly string[] {
    return this.#publishers.via;
  }

  /** The stream as the API tells it. */
  get info(): StreamInfo {
    const { segment, rates } = this.hub;
    const { state, liveForMs } = this.#standing;
    const live = state.kind === "live";
    return {
      name: this.name,
      source: this.#spec.label,
      state,
      ...(segment ? { mime: segment.mime } : {}),
      generation: segment?.generation ?? 0,
      tracks: segment?.tracks.map(describeTrack) ?? [],
      viewers: this.hub.viewers,
      bitrate: live ? rates.bitrate : 0,
      fps: live ? rates.fps : 0,
      uptimeMs: liveForMs,
      counters: this.#history.totals,
      warnings: this.#warnings.sentences,
      ...(this.#camera ? { camera: this.#camera } : {}),
    };
  }

  /** The camera's controls as they were told last; none where it has none. */
  get controls(): readonly CameraControl[] {
    return this.#controls;
  }

  /**
   * Lets a publisher bring this stream.
   * @returns `undefined` when there is one already (and it is not to be replaced), or nobody may.
   */
  publish(options: PublicationOptions = {}): Publication | undefined {
    if (this.#stopping || !this.waits) return undefined;
    const publication = this.#publishers.admit(options);
    if (!publication) return undefined;
    this.#standing.starting();
    const { format = "sniff" } = options;
    this.#spec = { ...this.#spec, format } as PushSpec;
    if (!this.#run) this.#start();
    return publication;
  }

  /** Ends the run and begins another, of `spec` if given; viewers stay. */
  restart(spec: SourceSpec = this.#spec): void {
    if (this.#stopping) return;
    this.#spec = spec;
    this.#failures = 0;
    clearTimeout(this.#retry);
    this.#publishers.close("this stream was started again");
    if (!this.#run) return this.#begin();
    if (spec.onDemand && this.#attendance.isNone) return this.#sleep();
    if (this.#standing.kind === "asleep") this.#standing.starting();
    this.#again = true;
    this.#run.stop();
  }

  /** Tells the camera; answers with a sentence when it does not do it. */
  tell(command: SourceCommand): Promise<string | undefined> {
    const run = this.#run;
    if (!run || (this.#standing.kind === "offline" && !this.#liveness.hasCome)) {
      return Promise.resolve(
        `the stream ${this.name} does not run: ${this.offline ?? "it is being started"}`,
      );
    }
    return this.#telling.tell(
      command,
      (id, what) => run.command({ type: "tell", id, command: what }),
    );
  }

  /** Asks for a key picture; a camera that cannot make one has key pictures of its own. */
  askForKeyPicture(): void {
    this.#publishers.wantKeyPicture();
    if (this.#spec.makesKeyPictures && this.#standing.kind === "live") {
      void this.tell({ kind: "keyPicture" });
    }
  }

  /** Ends the run and tells all takers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.hub.onTakers = undefined;
    this.#attendance[Symbol.dispose]();
    this.#publishers.close("the relay stops this stream");
    this.#run?.stop();
    await this.#run?.gone;
    this.hub.close("the relay stops this stream");
  }

  /** A first run, or none until a publisher or a viewer comes. */
  #begin(): void {
    if (this.#spec.onDemand && this.#attendance.isNone) return this.#sleep();
    if (!this.waits) return this.#start();
    this.#standing.waiting();
  }

  /** Somebody takes the stream. */
  #wake(): void {
    if (this.#stopping || this.#standing.kind !== "asleep") return;
    this.#standing.starting();
    this.#log.info("somebody watches: the camera is woken", { stream: this.name });
    // One that is still going to sleep is started again when it does.
    if (this.#run) this.#again = true;
    else this.#start();
  }

  #sleep(): void {
    clearTimeout(this.#retry);
    this.#failures = 0;
    this.#again = false;
    this.#standing.asleep();
    if (!this.#run) return;
    this.#log.info("nobody watches: the camera rests", { stream: this.name });
    this.#run.stop();
  }

  #start(): void {
    this.#publishers.begin();
    this.#history.begin();
    this.#liveness.begin();
    this.#outcome = new Outcome(this.#spec, this.#history);
    this.#run = new Run({
      name: this.name,
      spec: this.#spec,
      ready: (run) => this.#ready(run),
      event: (event) => this.#take(event),
      ended: (end) => this.#ended(end),
    });
  }

  #ready(run: Run): void {
    if (this.#raw.wanted) run.command({ type: "raw", on: true });
    run.begin(this.#history.next);
    this.#publishers.connect({
      feed: (bytes) => run.feed(bytes),
      originClock: (estimate) => run.command({ type: "originClock", estimate }),
      feedEnd: () => run.command({ type: "feedEnd" }),
    });
  }

  #take(event: RunEvent): void {
    switch (event.type) {
      case "init":
        this.#history.generation(event.segment.generation);
        this.#liveness.init(event.segment);
        this.hub.init(event.segment);
        return this.#standing.begun(event.segment);
      case "batch":
        if (this.#liveness.shows(event.batch)) this.#standing.live();
        this.hub.publish(event.batch);
        if (this.hub.segment) this.#latency.given(event.batch, this.hub.segment);
        return;
      case "fed":
        return this.#publishers.fed(event.bytes);
      case "raw":
        return this.#raw.publish(event.bytes);
      case "controls":
        this.#controls = event.controls;
        return;
      case "status":
        this.#camera = event.status;
        return;
      case "told":
        return this.#telling.answered(event.id, event.problem);
      case "clock":
        return this.hub.retime(event.estimate);
      case "refused":
        return this.#giveUp(event.sentence);
      case "unplayed":
        return this.#outcome.unplayed(event.sentence);
      case "idle":
        if (this.#standing.kind !== "asleep") this.#standing.offline(event.reason);
        return;
      case "note":
        this.#log.info(event.sentence, { stream: this.name });
        return;
      case "warning": {
        const { about, sentence } = event;
        if (this.#warnings.set(about, sentence)) this.#log.warn(sentence, { stream: this.name });
        return;
      }
      case "report":
        return this.#history.report(event.report);
    }
  }

  /** Ends the run as a failure. */
  #giveUp(reason: string): void {
    this.#outcome.giveUp(reason);
    this.#run?.stop();
  }

  /** The run is over. */
  #ended(end: RunEnd): void {
    if (end.type === "broke") {
      this.#log.error(`ingest broke: ${end.message}`, { stream: this.name });
    }
    if ("report" in end) this.#history.report(end.report);
    const problem = this.#outcome.problemOf(end);
    const lastedMs = performance.now() - (this.#run?.startedAt ?? 0);
    this.#run = undefined;
    this.#telling.giveUp();
    this.#warnings.clear();
    this.#history.end();
    const fed = this.#publishers.end(problem);
    if (this.#stopping || this.#standing.kind === "asleep") return;
    if (this.waits) return this.#unfed(fed, problem);
    if (this.#again) {
      this.#again = false;
      return this.#start();
    }
    if (problem === undefined && this.#spec.finite && this.hub.segment !== undefined) {
      return this.#standing.ended();
    }
    if (lastedMs > STEADY_MS) this.#failures = 0;
    this.#tryAgain(problem ?? this.#outcome.nothingMore);
  }

  #tryAgain(reason: string): void {
    const wait = backOff(++this.#failures, Math.random());
    this.#standing.offline(reason, new Date(Date.now() + wait).toISOString());
    this.#retry = setTimeout(() => {
      this.#history.restarts++;
      this.#start();
    }, wait);
  }

  /** The run that a publisher fed is over; the next may be waiting already. */
  #unfed(fed: Publication | undefined, problem: string | undefined): void {
    this.#again = false;
    if (this.#publishers.hasUnread) return this.#start();
    // One that said all it had to say: if none of it could be read, that is what there is to know.
    const why = fed?.kind === "ended" ? problem : undefined;
    if (fed) void fed.ended.then((reason) => this.#left(why ?? reason));
    else this.#begin();
  }

  #left(reason: string): void {
    if (!this.isPublished && !this.#stopping) this.#standing.offline(reason);
  }

  /** What makes the stream live has not come for a while: the source is told where that may help. */
  #miss(): void {
    const sends = this.#history.silentForMs < SENDING_MS;
    if (this.#standing.kind === "live") {
      const what = `no ${this.#liveness.kind} has come for ${MISSING_MS / 1000} s`;
      if (sends) this.#history.freezes++;
      this.#standing.offline(
        sends ? `${what}, although the camera still sends` : `${what}: waiting for the camera`,
      );
    }
    if (sends) this.#run?.command({ type: "frozen" });
  }

  #look(): void {
    if (this.#liveness.isMissing() && !this.#spec.finite) this.#miss(); // a file's pauses are its own
    if (this.#run === undefined || this.#standing.kind === "live") return;
    const { unreadable, keyless } = this.#outcome;
    const { bytesForMs } = this.#history;
    if (unreadable && bytesForMs > this.#unreadableMs) this.#giveUp(unreadable);
    if (keyless && bytesForMs > KEYLESS_TIMES * this.#unreadableMs) this.#standing.offline(keyless);
  }
}
