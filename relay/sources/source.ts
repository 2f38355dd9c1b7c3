/**
 * What a source is: something that brings the bytes of one camera. It never sees a demuxer, a viewer or a
 * retry; what becomes of its bytes, and whether it is started again, is the pipeline's and the supervisor's.
 *
 * @module
 */

import type { CameraControl, CameraStatus, ControlValue } from "../../shared/api.ts";
import type { Micros } from "../../shared/units.ts";

/**
 * How a source's bytes are to be read; `sniff` looks at the first of them. `rtp` are packets behind a table of their
 * payload types, as `relay/rtp/records.ts` writes them, `joint` is what `joint.ts` writes; neither is ever guessed.
 */
export type ContributionFormat =
  | "sniff"
  | "mpegts"
  | "h264"
  | "h265"
  | "adts"
  | "mp4"
  | "rtp"
  | "joint";

/**
 * Where the times of a format without time stamps come from: when its bytes came (a camera), the same where the source
 * knows when each picture was taken and says that (`capture`), or the rate that the stream states (a file, which comes as
 * fast as it is read).
 */
export type SourceClock = "arrival" | "capture" | "rate";

/** How another relay's clock stands to this machine's: both monotonic, and µs since the Unix epoch. */
export interface OriginEstimate {
  /** That clock minus this machine's (`performance.timeOrigin + performance.now()`). */
  readonly offset: Micros;
  /** How far the estimate may be off. */
  readonly error: Micros;
}

/** What of a stream may be amiss while the rest goes on. */
export type Aspect = "sound";

/** Where a source puts what it gets. Every call returns before the next byte is read: nothing here waits. */
export interface SourceOutput {
  /**
   * Bytes as they came, cut anywhere. **Lent**: the view is the source's again when the call returns.
   * @param arrival when they reached this machine, from {@link SourceOutput.now}.
   */
  data(bytes: Uint8Array, arrival: Micros): void;
  /** The access unit in flight is complete: the transport said so (a GoPro's header flag). */
  endOfFrame(): void;
  /** The last {@link SourceOutput.data} was one datagram, shorter than its sender's full ones. */
  endOfShortDatagram(): void;
  /** Exactly `datagrams` were lost just before the next {@link SourceOutput.data}; or more, where that is said. */
  lost(datagrams: number, orMore?: boolean): void;
  /**
   * What follows does not continue what came. `loop`: the same clip again, on one continuous clock.
   * `restart`: the camera began anew; its clock may be anything.
   */
  discontinuity(kind: "loop" | "restart"): void;
  /** The camera's own state, when it changes. */
  status(status: CameraStatus): void;
  /** The capture times in what comes are of this clock, not of {@link SourceOutput.now}. */
  originClock(estimate: OriginEstimate): void;
  /** Nothing comes for now, and why, as a sentence; the next picture ends that. */
  idle(reason: string): void;
  /** The camera's controls as they are now; only of sources that have some. */
  controls?(controls: readonly CameraControl[]): void;
  /** Something is amiss while the rest goes on, as a sentence, until it is said to be over by `undefined`. */
  warn(about: Aspect, sentence: string | undefined): void;
  /** A sentence for the log: something changed that a user may want to know. */
  note(sentence: string): void;
  /** This machine's monotonic clock: nobody sets it, however long a camera runs. */
  now(): Micros;
  /**
   * Newest decode time of a picture (of sound where there are no pictures), µs from the first; for sources that
   * pace themselves. `undefined` until something could be read.
   */
  mediaTime(): Micros | undefined;
}

/** What a camera can be told to do while it runs. */
export type SourceCommand =
  /** Begins or ends the camera's own recording, on its card. */
  | { readonly kind: "shutter"; readonly on: boolean }
  /** Sets controls by name; those that are told anew follow through {@link SourceOutput.controls}. */
  | { readonly kind: "controls"; readonly values: Readonly<Record<string, ControlValue>> }
  /** Makes the next picture a key picture: somebody joined. */
  | { readonly kind: "keyPicture" };

/** One camera, opened and not yet running. */
export interface Source {
  readonly format: ContributionFormat;
  /** `arrival` if not given. */
  readonly clock?: SourceClock;
  /** Its bytes are a pipe's or a TCP connection's: a pause says nothing of where a picture ends. */
  readonly reliable?: boolean;
  /**
   * Runs until `signal` aborts (then resolves), the input ends (then resolves) or breaks.
   * @throws {SourceError} with a sentence for the user.
   */
  run(out: SourceOutput, signal: AbortSignal): Promise<void>;
  /**
   * Tells the camera; absent where there is nothing to be told.
   * @throws {SourceError} with a sentence when it does not do it.
   */
  command?(command: SourceCommand): Promise<void>;
  /**
   * Its pictures have ceased although it sends on; said again and again while that lasts. Absent where nothing can be done
   * about it from here.
   */
  frozen?(): void;
  /** Takes what a publisher brings, in order; only sources that wait for one. Lent. */
  feed?(bytes: Uint8Array): void;
  /** What a publisher's own clock says, where it can be asked. */
  originClock?(estimate: OriginEstimate): void;
  /** The publisher has come to its end: the run resolves. */
  feedEnd?(): void;
  /** Nothing of what it brings can be played, `sentence` says why; where absent that is only noted. */
  refused?(sentence: string): void;
}

/** A source that cannot go on: `message` is a sentence that says what happened, where, and what to do. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/** The permissions one source needs, as Deno spells them; whatever is not listed is denied. */
export interface SourcePermissions {
  readonly net?: readonly string[];
  readonly read?: readonly string[];
  readonly run?: readonly string[];
}

/** A source as a scheme's file parses it from the text after the scheme: plain data, so that it crosses to a worker. */
export interface SourceSpec {
  /** The row of the scheme table that opens it. */
  readonly scheme: string;
  /** As written, without credentials: for people. */
  readonly label: string;
  /** Ends by itself and is not to be started again (a file without `loop`). */
  readonly finite: boolean;
  /** Repeats itself: its own time stamps jump back each time, so its bytes as they are serve nobody. */
  readonly loop?: boolean;
  /** Its bytes are a format of the relay's own, which serves nobody as it is. */
  readonly ownFormat?: boolean;
  /** Runs only while a publisher brings something. */
  readonly waits?: boolean;
  /** Sleeps while nobody watches or records. */
  readonly onDemand?: boolean;
  /** Takes {@link SourceCommand} `keyPicture`. */
  readonly makesKeyPictures?: boolean;
  /** Its text names a file of this machine, which is not the API's to name (contract §3). */
  readonly namesFile?: boolean;
  readonly permissions: SourcePermissions;
}

/** What the configuration may say of a camera beside its source. */
export interface Equipment {
  /** `alsa:DEVICE`, `pulse:SOURCE` or `exec:COMMAND`. */
  readonly audio?: string;
  readonly controls?: Readonly<Record<string, ControlValue>>;
  /** The camera sleeps while nobody watches or records: any source can. */
  readonly onDemand?: boolean;
}

/** A scheme: reads its text, opens what was read. */
export interface Scheme<Spec extends SourceSpec = SourceSpec> {
  /**
   * Its texts name no command, file or device of this machine: the API may take one that the configuration does not
   * have (contract §3).
   */
  readonly byApi?: true;
  /**
   * @param text the whole source as written, scheme included.
   * @param folder where paths in it are meant from, absolute; the folder that the relay was started in if not given.
   * @throws {SourceError} when it cannot be understood; the sentence says what was expected.
   */
  parse(text: string, folder?: string): Spec;
  /**
   * Adds what the configuration says beside the source; absent where there is nothing to add.
   * @throws {SourceError}
   */
  equip?(spec: Spec, equipment: Equipment): Spec;
  /** Opens what {@link Scheme.parse} made of the text; runs inside the worker. */
  open(spec: Spec): Source;
}
