/**
 * One stream's life on the main thread: owns its ingest worker, hands what comes through the door to the hub,
 * starts the source again when it fails, and says in words how things stand. Never touches media.
 *
 * @module
 */

import type { StreamCounters, StreamInfo, StreamState } from "../../shared/api.ts";
import { describeTrack } from "../../shared/describe_track.ts";
import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import { Hub } from "../hub/hub.ts";
import { type IngestCounters, newCounters } from "../ingest/counters.ts";
import type { IngestCommand, IngestEvent, IngestReport } from "../ingest/door.ts";
import type { Continuation } from "../ingest/ingest.ts";
import { ORIGIN } from "../ingest/timeline.ts";
import type { Log } from "../log.ts";
import type { CameraControl, CameraStatus } from "../../shared/api.ts";
import type { SourceCommand, SourceSpec } from "../sources/source.ts";
import type { Bytes } from "../../shared/bytes.ts";
import type { PushSpec } from "../sources/push.ts";
import { Publication, type PublicationOptions } from "./publication.ts";
import { backOff } from "./back_off.ts";
import { Telling } from "./telling.ts";
import { Histogram, type HistogramState } from "./histogram.ts";
import { RawFeed } from "./raw_feed.ts";

/** Without a batch for so long a live stream is not called live any more. */
const SILENCE_MS = 5_000;
/** A run that lasted so long counts as a success: the next failure begins a new row of tries. */
const STEADY_MS = 10_000;
/** What comes for so long, and holds nothing that could be read, is given up: its sender may do better anew. */
const UNREADABLE_MS = 10_000;
/** A worker that was told to stop has so long before it is ended. */
const STOP_MS = 2_000;

/** Seconds that a picture may take through the relay: from what a quiet machine needs to what nobody wants. */
const LATENCY_LIMITS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** A camera on demand is kept awake so long after its last viewer: people come back. */
const REST_MS = 10_000;
/** A joiner's wish for a key picture is passed on no more often. */
const KEY_PICTURE_MS = 1_000;

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
  readonly #raw = new RawFeed((on) => this.#command({ type: "raw", on }));
  #spec: SourceSpec;
  readonly #log: Log;
  readonly #latency = new Histogram(LATENCY_LIMITS);
  readonly #unreadableMs: number;
  #state: StreamState = { kind: "starting" };
  #camera: CameraStatus | undefined;
  #controls: readonly CameraControl[] = [];
  /** Of the runs that are over. */
  readonly #before: IngestCounters = newCounters();
  #counters: IngestCounters = newCounters();
  #continuation: Continuation = { generation: 0, end: ORIGIN };
  /** When the timeline's end was what {@link Continuation} says. */
  #continuationAt = performance.now();
  readonly #telling = new Telling();
  #restarts = 0;
  #failures = 0;
  #worker: Worker | undefined;
  #stopped = Promise.withResolvers<void>();
  #stopping = false;
  #startedAt = 0;
  /** When this run brought its first bytes, as far as is known. */
  #bytesSince: number | undefined;
  #liveSince = 0;
  #lastBatch = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Why the run that ends was given up. */
  #givenUp: string | undefined;
  /** The run that ends makes room for another at once. */
  #again = false;
  /** The newest publisher, and the one that the worker is fed by. */
  #publication: Publication | undefined;
  #feeding: Publication | undefined;
  #wantsKeyPicture: (() => void) | undefined;
  #askedAt = -Infinity;
  #takers = 0;
  #drowsy: ReturnType<typeof setTimeout> | undefined;
  readonly #restMs: number;
  readonly #watch: ReturnType<typeof setInterval>;

  constructor(options: StreamOptions) {
    this.name = options.name;
    this.#spec = options.spec;
    this.#log = options.log;
    this.#unreadableMs = options.unreadableMs ?? UNREADABLE_MS;
    this.#restMs = options.restMs ?? REST_MS;
    this.#watch = setInterval(() => this.#look(), 1000);
    this.hub.onTakers = (takers) => {
      const joined = takers > this.#takers;
      this.#takers = takers;
      if (joined) this.#askForKeyPicture();
      if (this.#spec.onDemand) this.#attend();
    };
    this.#begin();
  }

  /** The source's own bytes, where they are one stream. */
  get raw(): RawFeed | undefined {
    return this.#spec.loop ? undefined : this.#raw;
  }

  /** Why nothing comes, as a sentence; `undefined` while it runs or starts. */
  get offline(): string | undefined {
    if (this.#state.kind === "offline") return this.#state.reason;
    return this.#state.kind === "ended" ? ENDED : undefined;
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
    return this.#publication?.isOver === false;
  }

  /**
   * Lets a publisher bring this stream.
   * @returns `undefined` when there is one already (and it is not to be replaced), or nobody may.
   */
  publish(options: PublicationOptions = {}): Publication | undefined {
    const known = this.#publication;
    const taken = known !== undefined && !known.isOver;
    if (this.#stopping || !this.waits || (taken && !options.replace)) return undefined;
    if (taken) known.close("another publisher took its place", "replaced");
    const publication = new Publication(options);
    this.#publication = publication;
    this.#wantsKeyPicture = options.wantsKeyPicture;
    this.#state = { kind: "starting" };
    const { format = "sniff" } = options;
    this.#spec = { ...this.#spec, format } as PushSpec;
    if (!this.#worker) this.#start();
    return publication;
  }

  /** Ends the run and begins another, of `spec` if given; viewers stay. */
  restart(spec: SourceSpec = this.#spec): void {
    if (this.#stopping) return;
    this.#spec = spec;
    this.#failures = 0;
    clearTimeout(this.#retry);
    this.#publication?.close("this stream was started again", "stopped");
    if (!this.#worker) return this.#begin();
    this.#again = true;
    this.#stop();
  }

  /** The stream as the API tells it. */
  get info(): StreamInfo {
    const { segment, rates } = this.hub;
    const live = this.#state.kind === "live";
    return {
      name: this.name,
      source: this.#spec.label,
      state: this.#state,
      ...(segment ? { mime: segment.mime } : {}),
      generation: segment?.generation ?? 0,
      tracks: segment?.tracks.map(describeTrack) ?? [],
      viewers: this.hub.viewers,
      bitrate: live ? rates.bitrate : 0,
      fps: live ? rates.fps : 0,
      uptimeMs: live ? Math.round(performance.now() - this.#liveSince) : 0,
      counters: this.#totals(),
      ...(this.#camera ? { camera: this.#camera } : {}),
    };
  }

  /** The camera's controls as they were told last; none where it has none. */
  get controls(): readonly CameraControl[] {
    return this.#controls;
  }

  /** Tells the camera; answers with a sentence when it does not do it. */
  tell(command: SourceCommand): Promise<string | undefined> {
    if (!this.#worker || this.#state.kind === "offline") {
      return Promise.resolve(`${this.name} does not run: ${this.offline ?? "it is being started"}`);
    }
    return this.#telling.tell(
      command,
      (id, what) => this.#command({ type: "tell", id, command: what }),
    );
  }

  /** Ends the run and tells all takers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    clearTimeout(this.#drowsy);
    this.#publication?.close("the relay stops this stream", "stopped");
    if (this.#worker) {
      this.#command({ type: "stop" });
      const patience = setTimeout(() => this.#end(), STOP_MS);
      await this.#stopped.promise;
      clearTimeout(patience);
    }
    this.hub.close("the relay stops this stream");
  }

  /** A first run, or none until a publisher comes. */
  #begin(): void {
    if (this.#spec.onDemand && this.#takers === 0) return this.#sleep();
    if (!this.waits) return this.#start();
    this.#state = { kind: "offline", reason: WAITING };
    this.hub.offline(WAITING);
  }

  /** Somebody came or went: a camera that sleeps is woken, and one that nobody wants is let be after a while. */
  #attend(): void {
    clearTimeout(this.#drowsy);
    if (this.#stopping) return;
    if (this.#takers > 0) {
      if (this.#state.kind !== "asleep") return;
      this.#state = { kind: "starting" };
      this.#log.info("somebody watches: the camera is woken", { stream: this.name });
      // One that is still going to sleep is started again when it does.
      if (this.#worker) this.#again = true;
      else this.#start();
      return;
    }
    this.#drowsy = setTimeout(() => this.#sleep(), this.#restMs);
  }

  #sleep(): void {
    clearTimeout(this.#retry);
    this.#failures = 0;
    this.#state = { kind: "asleep" };
    this.hub.offline(ASLEEP); // what was live is not live any more
    if (!this.#worker) return;
    this.#log.info("nobody watches: the camera rests", { stream: this.name });
    this.#stop();
  }

  #start(): void {
    this.#feeding = this.#publication;
    this.#givenUp = undefined;
    const worker = new Worker(new URL("../ingest/worker.ts", import.meta.url).href, {
      type: "module",
      name: this.name,
      deno: { permissions: workerPermissions(this.#spec) },
    });
    this.#worker = worker;
    this.#stopped = Promise.withResolvers();
    this.#startedAt = performance.now();
    this.#bytesSince = undefined;
    worker.onmessage = ({ data }: MessageEvent<IngestEvent>) => this.#take(data);
    worker.onerror = (event) => {
      event.preventDefault(); // it is this camera's end, not the relay's
      this.#log.error(`ingest broke: ${event.message}`, { stream: this.name });
      this.#over({
        kind: "failed",
        reason: "Rill failed while reading this camera; it starts again.",
      });
    };
  }

  #command(command: IngestCommand): void {
    this.#worker?.postMessage(command);
  }

  #take(event: IngestEvent): void {
    switch (event.type) {
      case "ready": {
        const silence = ((performance.now() - this.#continuationAt) / 1000) * MPEG_TIMESCALE;
        const { generation, end, sent = end } = this.#continuation;
        const from: Continuation = {
          generation,
          end: generation === 0 ? end : Math.round(end + silence),
          sent,
        };
        if (this.#raw.wanted) this.#command({ type: "raw", on: true });
        this.#command({ type: "run", spec: this.#spec, from });
        this.#feeding?.connect({
          feed: (bytes) => this.#feed(bytes),
          originClock: (estimate) => this.#command({ type: "originClock", estimate }),
          feedEnd: () => this.#command({ type: "feedEnd" }),
        });
        return;
      }
      case "init":
        // Known at once: a run that breaks before its next report must not be followed by the same number.
        this.#continuation = { ...this.#continuation, generation: event.segment.generation };
        this.hub.init(event.segment);
        this.#log.info(describe(this.hub), { stream: this.name });
        return;
      case "batch":
        this.#lastBatch = performance.now();
        if (this.#state.kind !== "live") this.#live();
        this.hub.publish(event.batch);
        this.#measure(event.batch.arrival);
        return;
      case "fed":
        this.#feeding?.fed(event.bytes);
        return;
      case "raw":
        this.#raw.publish(event.bytes);
        return;
      case "controls":
        this.#controls = event.controls;
        return;
      case "status":
        this.#camera = event.status;
        return;
      case "told":
        this.#telling.answered(event.id, event.problem);
        return;
      case "clock":
        this.hub.retime(event.estimate);
        return;
      case "refused":
        this.#giveUp(event.sentence);
        return;
      case "idle":
        this.#goOffline(event.reason);
        return;
      case "note":
        this.#log.info(event.sentence, { stream: this.name });
        return;
      case "report":
        this.#report(event.report);
        return;
      case "ended":
        this.#report(event.report);
        this.#over(this.#isBarren ? { kind: "failed", reason: UNREADABLE } : { kind: "ended" });
        return;
      case "failed":
        this.#report(event.report);
        this.#over({ kind: "failed", reason: event.reason });
    }
  }

  #measure(arrival: Micros): void {
    const { segment } = this.hub;
    if (!segment) return;
    const now = (performance.timeOrigin + performance.now()) * 1000 + segment.clockOffset;
    this.#latency.observe(Math.max(0, now - arrival) / 1e6);
  }

  #report({ counters, continuation }: IngestReport): void {
    this.#counters = counters;
    if (counters.bytesIn > 0) this.#bytesSince ??= performance.now();
    if (continuation.end !== this.#continuation.end) this.#continuationAt = performance.now();
    this.#continuation = continuation;
  }

  #live(): void {
    if (this.#state.kind === "asleep") return; // the last of a run that is being ended
    this.#state = { kind: "live" };
    this.#liveSince = performance.now();
    this.#log.info("the picture flows", { stream: this.name });
  }

  /** Something came in this run, and nothing in it could be read. */
  get #isBarren(): boolean {
    const { bytesIn, videoSamples, audioSamples, heldAccessUnits } = this.#counters;
    return bytesIn > 0 && videoSamples + audioSamples + heldAccessUnits === 0 &&
      !this.#spec.finite;
  }

  /** Ends the run as a failure. */
  #giveUp(reason: string): void {
    this.#givenUp ??= reason;
    this.#stop();
  }

  /** Tells the run to end, and sees to it. */
  #stop(): void {
    const worker = this.#worker;
    this.#command({ type: "stop" });
    setTimeout(() => this.#worker === worker && this.#over({ kind: "ended" }), STOP_MS);
  }

  /** The run is over. */
  #over(ending: Ending): void {
    if (!this.#worker) return;
    const how: Ending = this.#givenUp === undefined
      ? ending
      : { kind: "failed", reason: this.#givenUp };
    this.#end();
    if (this.#stopping) return;
    if (this.waits) return this.#unfed(how);
    if (this.#state.kind === "asleep") return;
    if (this.#again) {
      this.#again = false;
      return this.#start();
    }
    if (how.kind === "ended" && this.#spec.finite && this.hub.segment !== undefined) {
      this.#state = { kind: "ended" };
      this.hub.offline(ENDED);
      this.#log.info("the source has ended", { stream: this.name });
      return;
    }
    if (performance.now() - this.#startedAt > STEADY_MS) this.#failures = 0;
    const wait = backOff(++this.#failures, Math.random());
    const reason = how.kind === "failed"
      ? how.reason
      : this.#spec.finite
      ? `nothing in ${this.#spec.label} can be played: is it MPEG-TS, H.264, H.265, ADTS or MP4?`
      : "the source ended; it is started again";
    this.#goOffline(reason, new Date(Date.now() + wait).toISOString());
    this.#retry = setTimeout(() => {
      this.#restarts++;
      this.#start();
    }, wait);
  }

  /** The run that a publisher fed is over; the next may be waiting already. */
  #unfed(how: Ending): void {
    const fed = this.#feeding;
    this.#feeding = undefined;
    this.#again = false;
    if (how.kind === "failed") fed?.close(how.reason);
    else fed?.end();
    if (this.#publication !== undefined && !this.#publication.isOver) return this.#start();
    this.#publication = undefined;
    this.#wantsKeyPicture = undefined;
    if (fed) void fed.ended.then((reason) => this.#left(reason));
    else this.#begin();
  }

  #left(reason: string): void {
    if (this.#publication === undefined && !this.#stopping) this.#goOffline(reason);
  }

  #feed(bytes: Bytes): void {
    // Part of a larger buffer is somebody else's too. (A node Buffer's own `slice` makes no copy.)
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
    this.#worker?.postMessage({ type: "feed", bytes: own } satisfies IngestCommand, [own.buffer]);
  }

  /** Somebody joined: what is live begins at a key picture. */
  #askForKeyPicture(): void {
    const now = performance.now();
    if (now - this.#askedAt < KEY_PICTURE_MS) return;
    this.#askedAt = now;
    this.#wantsKeyPicture?.();
    // A camera that cannot has key pictures of its own.
    if (this.#spec.makesKeyPictures && this.#state.kind === "live") {
      void this.tell({ kind: "keyPicture" });
    }
  }

  #end(): void {
    this.#worker?.terminate();
    this.#telling.giveUp();
    this.#worker = undefined;
    for (const name of Object.keys(this.#before) as (keyof IngestCounters)[]) {
      this.#before[name] += this.#counters[name];
    }
    this.#counters = newCounters();
    this.#stopped.resolve();
  }

  #goOffline(reason: string, retryAt?: string): void {
    const known = this.#state.kind === "offline" && this.#state.reason === reason;
    this.#state = { kind: "offline", reason, ...(retryAt ? { retryAt } : {}) };
    this.hub.offline(reason);
    if (!known) this.#log.warn(reason, { stream: this.name });
  }

  #look(): void {
    if (this.#state.kind === "live" && performance.now() - this.#lastBatch > SILENCE_MS) {
      this.#goOffline(`no picture has come for ${SILENCE_MS / 1000} s: waiting for the camera`);
    }
    const isStarting = this.#worker !== undefined && this.#state.kind !== "live";
    // From the first bytes on: a slow machine takes long until there are any.
    const tryingMs = performance.now() - (this.#bytesSince ?? Infinity);
    if (isStarting && tryingMs > this.#unreadableMs && this.#isBarren) {
      this.#giveUp(UNREADABLE);
    }
  }

  #totals(): StreamCounters {
    const totals = { ...this.#before };
    for (const name of Object.keys(totals) as (keyof IngestCounters)[]) {
      totals[name] += this.#counters[name];
    }
    return { ...totals, restarts: this.#restarts };
  }
}

/** How a run came to its end. */
type Ending = { readonly kind: "ended" } | { readonly kind: "failed"; readonly reason: string };

const UNREADABLE =
  "nothing in what comes can be played: it must be MPEG-TS, H.264, H.265, ADTS or MP4";
const ASLEEP = "Nobody watched, so the camera slept; it is being woken.";
const WAITING = "Nobody publishes this stream yet.";
const ENDED = "The source has come to its end.";

/** Nothing but what the source itself asked for. */
function workerPermissions(spec: SourceSpec): Deno.PermissionOptionsObject {
  const { net, read, run } = spec.permissions;
  return {
    net: net ? [...net] : false,
    read: read ? [...read] : false,
    run: run ? [...run] : false,
    write: false,
    env: false,
    sys: false,
    ffi: false,
    import: false,
  };
}

function describe(hub: Hub): string {
  const { segment } = hub;
  const tracks = segment?.tracks.map((track) =>
    track.kind === "video"
      ? `${track.codec} ${track.width}×${track.height}`
      : `${track.codec} ${track.sampleRate} Hz, ${track.channels} ${
        track.channels === 1 ? "channel" : "channels"
      }`
  );
  return `generation ${segment?.generation}: ${tracks?.join(" + ")}`;
}
