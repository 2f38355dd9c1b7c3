/**
 * What one publisher brings to a stream: bytes on their way to its worker, bounded, and how it ends. Knows no
 * transport; who may publish is decided before.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { feedCost } from "../ingest/feed_cost.ts";
import type { ContributionFormat, OriginEstimate } from "../sources/source.ts";

/** A publisher has died when it brings nothing for so long (contract §6). */
const SILENCE_MS = 10_000;
/** Bytes that may be under way to the worker before a publisher is asked to wait. */
const MAX_UNDER_WAY = 4 * 1024 * 1024;
/** One that cannot wait (WebRTC) is ended when so many are. */
const MAX_OVERDUE = 4 * MAX_UNDER_WAY;

/** What a publisher says of itself. */
export interface PublicationOptions {
  /** What it brings; `sniff` if not given. */
  readonly format?: ContributionFormat;
  /** Takes the place of the publisher that is there. */
  readonly replace?: boolean;
  /** Called when a viewer joined who has to wait for a key picture: a publisher that can make one does. */
  readonly wantsKeyPicture?: () => void;
  /** What it came through, the first relay first (`shared/via.ts`). */
  readonly via?: readonly string[];
  /** Of silence, after which it is taken for gone; tests wait less. */
  readonly silenceMs?: number;
}

/** How a publication ended. */
export type PublicationEnd = "ended" | "replaced" | "silent" | "stopped" | "failed";

/** The way to the worker. */
export interface PublicationPort {
  feed(bytes: Bytes): void;
  originClock(estimate: OriginEstimate): void;
  feedEnd(): void;
}

/** One publisher, from its first byte to its end. */
export class Publication {
  /** Resolves with a sentence when it is over, whoever ended it. Never rejects. */
  readonly ended: Promise<string>;
  /**
   * Resolves when all that it brought has been read: with a sentence without its full stop where nothing of it could be
   * played. Never rejects.
   */
  readonly read: Promise<string | undefined>;
  /** How it ended; `undefined` until it has. */
  kind: PublicationEnd | undefined;
  readonly #ended = Promise.withResolvers<string>();
  readonly #read = Promise.withResolvers<string | undefined>();
  readonly #silenceMs: number;
  #port: PublicationPort | undefined;
  /** What came before the worker was ready. */
  #early: Bytes[] = [];
  /** What the publisher's clock says, until the worker is ready. */
  #origin: OriginEstimate | undefined;
  #underWay = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #silence: ReturnType<typeof setTimeout>;
  #lastWrite = performance.now();

  constructor({ silenceMs = SILENCE_MS }: PublicationOptions = {}) {
    this.ended = this.#ended.promise;
    this.read = this.#read.promise;
    this.#silenceMs = silenceMs;
    this.#silence = setTimeout(() => this.#listen(), silenceMs);
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.kind !== undefined;
  }

  /**
   * Hands bytes on; they are the stream's from now (transferred).
   * @returns `undefined` when more may follow at once, else a promise of when. One who cannot wait may go on: what
   * is too much ends the publication in words.
   */
  write(bytes: Bytes): Promise<void> | undefined {
    if (this.isOver || bytes.length === 0) return undefined;
    // What is under way already: a message may be as large as its way lets it, and whoever sent it can wait after it.
    if (this.#underWay > MAX_OVERDUE) {
      this.close("the relay could not read the publisher's bytes as fast as they came");
      return undefined;
    }
    this.#lastWrite = performance.now();
    this.#underWay += feedCost(bytes);
    if (this.#port) this.#port.feed(bytes);
    else this.#early.push(bytes);
    if (this.#underWay <= MAX_UNDER_WAY) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** How the publisher's clock stands to this machine's: its capture times are of that clock. */
  originClock(estimate: OriginEstimate): void {
    if (this.isOver) return;
    if (this.#port) this.#port.originClock(estimate);
    else this.#origin = estimate;
  }

  /** The publisher is at its end: what it brought is played out. */
  end(): void {
    this.close("the publisher has ended", "ended");
  }

  /** Ends it for a reason, a sentence without its full stop. */
  close(reason: string, kind: PublicationEnd = "failed"): void {
    if (this.isOver) return;
    this.kind = kind;
    clearTimeout(this.#silence);
    this.#room?.resolve();
    this.#port?.feedEnd();
    this.#ended.resolve(reason);
  }

  /** The worker is ready. */
  connect(port: PublicationPort): void {
    this.#port = port;
    if (this.#origin) port.originClock(this.#origin);
    for (const bytes of this.#early) port.feed(bytes);
    this.#early = [];
    if (this.isOver) port.feedEnd();
  }

  /** Nothing of it is read any more. @param problem why nothing of it could be played, where that is so. */
  settle(problem: string | undefined): void {
    this.#read.resolve(problem);
  }

  /** The worker has read so much, as `feedCost` counts. */
  fed(cost: number): void {
    this.#underWay -= cost;
    if (this.#underWay > MAX_UNDER_WAY) return;
    this.#room?.resolve();
    this.#room = undefined;
  }

  #listen(): void {
    const quiet = performance.now() - this.#lastWrite;
    // One that was asked to wait is not silent.
    if (quiet < this.#silenceMs || this.#room !== undefined) {
      const rest = Math.max(10, this.#silenceMs - quiet);
      this.#silence = setTimeout(() => this.#listen(), rest);
      return;
    }
    this.close(
      `the publisher has brought nothing for ${Math.round(this.#silenceMs / 1000)} s`,
      "silent",
    );
  }
}
