/**
 * One connection in use: passes on what arrives, keeps the clock by pinging, and hangs up when the
 * connection is dead. What dead means is in `watchdog.ts`.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { ServerMessage } from "../../../shared/control.ts";
import type { Connection, Receiver } from "../transports/transport.ts";
import type { ClockSync } from "./clock_sync.ts";
import { type Heard, pingDue, SILENCE_MS, SWITCH_AFTER_MS, whyDead } from "./watchdog.ts";

/** How often the watchdog looks. */
const LOOK_EVERY_MS = 250;
/** A look this late was held up together with all else: what arrived meanwhile must be heard first. */
const LATE_LOOK_MS = 1_000;
/** Pings sent in a row after opening, a look apart, so that a good round trip is known early. */
const FIRST_PINGS = 4;

/** What a watch is made of. */
export interface WatchOptions {
  readonly receiver: Receiver;
  readonly clock: ClockSync;
  /** Ends the connection; `reason` is a sentence. */
  readonly hangUp: (reason: string) => void;
  /** There are other ways to the relay: less patience with this one. */
  readonly elsewhere: boolean;
}

/** The watch over one connection. Keeps what arrives before {@link start}, so that it comes after the news of the opening. */
export class Watch implements Receiver {
  readonly #options: WatchOptions;
  /**
   * What arrived meanwhile, in order; `undefined` once it has started. No more than the transport had at hand when it
   * opened: from there to the start there is no waiting for anything.
   */
  #early: (() => void)[] | undefined = [];
  readonly #heard: Heard = {
    lastAt: performance.now(),
    firstMediaAt: undefined,
    lastMediaAt: undefined,
    groupMs: 0,
    offline: false,
  };
  #timer: ReturnType<typeof setInterval> | undefined;
  #pings = 0;
  #pingedAt = 0;
  #lookedAt = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Passes on what arrived so far, and begins to ping and to look, until {@link stop}. */
  start(connection: Connection): void {
    const now = performance.now();
    this.#heard.lastAt = now;
    this.#lookedAt = now;
    this.#ping(connection, now);
    this.#timer = setInterval(() => this.#look(connection), LOOK_EVERY_MS);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const pass of early) pass();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  media(bytes: Bytes): void {
    if (this.#early) return void this.#early.push(() => this.media(bytes));
    const now = performance.now();
    this.#heard.lastAt = now;
    this.#heard.firstMediaAt ??= now;
    this.#heard.lastMediaAt = now;
    this.#heard.offline = false;
    this.#options.receiver.media(bytes);
  }

  control(message: ServerMessage): void {
    if (this.#early) return void this.#early.push(() => this.control(message));
    const now = performance.now();
    this.#heard.lastAt = now;
    if (message.type === "pong") this.#options.clock.pong(message, now);
    if (message.type === "stream") this.#options.clock.originError(message.clock.errorUs);
    if (message.type === "offline") this.#heard.offline = true;
    this.#options.receiver.control(message);
  }

  /** Sets the time between two key pictures, which the watchdog's patience depends on. */
  groupLasts(groupMs: number): void {
    this.#heard.groupMs = groupMs;
  }

  /** How long nothing has been heard, ms. */
  silenceMs(now: number): number {
    return now - this.#heard.lastAt;
  }

  #ping(connection: Connection, now: number): void {
    this.#pings += 1;
    this.#pingedAt = now;
    connection.send({ type: "ping", id: this.#options.clock.ping(now) });
  }

  #look(connection: Connection): void {
    const now = performance.now();
    const late = now - this.#lookedAt > LATE_LOOK_MS;
    this.#lookedAt = now;
    const due = pingDue(this.#heard, { pingedAt: this.#pingedAt, now });
    if (due || this.#pings < FIRST_PINGS) this.#ping(connection, now);
    if (late) return;
    const patienceMs = this.#options.elsewhere ? SWITCH_AFTER_MS : SILENCE_MS;
    const silenceMs = Math.max(patienceMs, connection.quietMs ?? 0);
    const reason = whyDead(this.#heard, { now, silenceMs });
    if (reason !== undefined) this.#options.hangUp(reason);
  }
}
