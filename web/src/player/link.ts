/**
 * The connection to one stream, kept up: opens the best way that works here and, when that has ended, the next
 * best, with back-off. Knows nothing of what the media shows; whether a connection lives is judged in `watch.ts`.
 *
 * @module
 */

import { CLOSE } from "../../../shared/control.ts";
import type { Candidate, TransportName } from "../transports/mod.ts";
import {
  type Closure,
  type Connection,
  type Receiver,
  TransportError,
} from "../transports/transport.ts";
import { type BackOff, backOffMs, PATIENT, PROMPT } from "./back_off.ts";
import { climb } from "./climb.ts";
import type { ClockSync } from "./clock_sync.ts";
import { BROKE_MS, type NetworkMemory, NO_WAY_MS } from "./network_memory.ts";
import { HEAD_START_MS, race } from "./race.ts";
import { Watch } from "./watch.ts";

/** Why there was no connection lately. */
export interface Setback {
  /** Tries and connections that have failed in a row. */
  readonly attempt: number;
  /** When the next try begins or has begun, `performance.now()`. */
  readonly retryAt: number;
  /** A sentence. */
  readonly reason: string;
  /** The relay was reached and said no. */
  readonly refused: boolean;
}

/** Where the link stands; `after` is what preceded, none at first. */
export type LinkState =
  | { readonly kind: "waiting"; readonly after: Setback }
  | { readonly kind: "connecting"; readonly after: Setback | undefined }
  | {
    readonly kind: "open";
    readonly after: Setback | undefined;
    readonly transport: TransportName;
  };

/** Whoever the link is kept for. */
export interface LinkOwner extends Receiver {
  /** {@link Link.state} has changed; when to `open`, an init segment and a group come next. */
  linkChanged(): void;
}

/** What a link is made of. */
export interface LinkOptions {
  readonly owner: LinkOwner;
  readonly candidates: readonly Candidate[];
  readonly clock: ClockSync;
  /** What did not get through lately. */
  readonly memory: NetworkMemory;
  /** Ends the link for good. */
  readonly signal: AbortSignal;
}

/** A connection that held this long was good: the next failure starts the back-off anew. */
const HEALTHY_MS = 5_000;
/** Silence that makes a connection suspect after the page or the network has slept. */
const SUSPECT_MS = 1_500;

/** So long the better ways are waited for before the last resort is tried beside them, ms: unless all of them failed lately. */
const LAST_RESORT_MS = 4_000;
/** The network ended it: RFC 6455 §7.4.1. */
const BROKE = 1006;

const REFUSALS: Readonly<Record<number, string>> = {
  [CLOSE.noKey]: "This stream needs a key: open it through a link that was shared with you.",
  [CLOSE.notAllowed]: "Your key does not open this stream.",
  [CLOSE.noSuchStream]: "The relay has no stream of this name.",
  [CLOSE.taken]: "Somebody else has taken this stream.",
  [CLOSE.tooMany]: "Too many are watching already.",
};

/** Why a connection is over, for the viewer, and how to go on. */
export interface Ending {
  /** A sentence. */
  readonly reason: string;
  readonly policy: BackOff;
}

/** What the end of a connection means. */
export function endingOf({ code, reason }: Closure): Ending {
  const refusal = REFUSALS[code];
  if (refusal !== undefined) return { reason: refusal, policy: PATIENT };
  if (code === CLOSE.goingAway) return { reason: "The relay has stopped.", policy: PROMPT };
  if (code === CLOSE.policy) return { reason: "This device took in too little.", policy: PROMPT };
  return { reason: reason || "The connection broke.", policy: PROMPT };
}

/** So many ends of connections are remembered, the newest. */
export const MAX_ENDS = 8;

/** The connection is given up for a reason of this page's own, so it is made again at once. */
class Renewal extends TransportError {}

/** A connection that comes back. Works from its making to the end of its signal. */
export class Link {
  readonly #url: string;
  readonly #options: LinkOptions;
  #state: LinkState = { kind: "connecting", after: undefined };
  #opened = 0;
  readonly #ends: string[] = [];
  /** The try or connection under way; aborted with a {@link TransportError}. */
  #current: AbortController | undefined;
  #watch: Watch | undefined;
  /** Cuts the wait between two tries short. */
  #retryNow: (() => void) | undefined;

  constructor(url: string, options: LinkOptions) {
    this.#url = url;
    this.#options = options;
    options.signal.addEventListener("abort", () => {
      this.#current?.abort(options.signal.reason);
      this.#retryNow?.();
    }, { once: true });
    void this.#run(options.signal);
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Connections opened so far. */
  get opened(): number {
    return this.#opened;
  }

  /** How the newest connections ended, oldest first: by what, after how long, why. */
  get ends(): readonly string[] {
    return this.#ends;
  }

  /** Gives up the connection in use, if any, and makes the next at once; `reason` is a sentence. */
  renew(reason: string): void {
    this.#current?.abort(new Renewal(reason));
  }

  /** The page or the network may just have come back: tries at once, and distrusts a silent connection. */
  wake(): void {
    this.#retryNow?.();
    if (this.#watch !== undefined && this.#watch.silenceMs(performance.now()) > SUSPECT_MS) {
      this.renew("The connection was asleep.");
    }
  }

  /** Sets the time between two key pictures, which the watchdog's patience depends on. */
  groupLasts(groupMs: number): void {
    this.#watch?.groupLasts(groupMs);
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#options.owner.linkChanged();
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      this.#set({ kind: "connecting", after: this.#state.after });
      const { reason, policy, heldMs } = await this.#connectAndServe();
      if (signal.aborted) return;
      failures = heldMs > HEALTHY_MS ? 1 : failures + 1;
      const delayMs = backOffMs(failures, { policy, random: Math.random() });
      const retryAt = performance.now() + delayMs;
      const refused = policy === PATIENT;
      this.#set({ kind: "waiting", after: { attempt: failures, retryAt, reason, refused } });
      await this.#pause(delayMs);
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#retryNow = (): void => {
        this.#retryNow = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Opens the best way that gets through, and serves it to its end. */
  async #connectAndServe(): Promise<Ending & { readonly heldMs: number }> {
    const { candidates, memory, owner, clock } = this.#options;
    const current = new AbortController();
    this.#current = current;
    const ways = memory.order(candidates);
    const hope = ways.some(({ name, lastResort }) => !lastResort && !memory.remembers(name));
    const failed: string[] = [];
    try {
      const { way, opened, attempt } = await race({
        ways,
        open: async (candidate, attempt) => {
          const watch = new Watch({
            receiver: owner,
            clock,
            hangUp: (reason) => current.abort(new TransportError(reason)),
            elsewhere: candidates.filter(({ lastResort }) => !lastResort).length > 1,
          });
          const { signal } = attempt;
          const options = { receiver: watch, signal };
          return { watch, connection: await candidate.transport.open(this.#url, options) };
        },
        patienceMs: ({ lastResort }) => lastResort && hope ? LAST_RESORT_MS : HEAD_START_MS,
        failed: ({ name }) => void failed.push(name),
        signal: current.signal,
      });
      // Only now: where nothing gets through it is not this way that fails. What was waited for so long has failed, too.
      const silent = way.lastResort && hope ? ways.filter(({ lastResort }) => !lastResort) : [];
      for (const name of [...failed, ...silent.map((each) => each.name)]) {
        memory.failed(name, NO_WAY_MS);
      }
      current.signal.addEventListener("abort", () => attempt.abort(current.signal.reason));
      return await this.#serve(way, { ...opened, signal: current.signal });
    } catch (error) {
      if (!(error instanceof TransportError) && !this.#options.signal.aborted) throw error;
      const reason = error instanceof TransportError ? error.message : "";
      const heldMs = error instanceof Renewal ? Infinity : 0;
      return { reason, policy: PROMPT, heldMs };
    }
  }

  /** Serves an open connection to its end. */
  async #serve({ name, lastResort }: Candidate, { watch, connection, signal }: {
    readonly watch: Watch;
    readonly connection: Connection;
    readonly signal: AbortSignal;
  }): Promise<Ending & { readonly heldMs: number }> {
    const { clock, memory, candidates } = this.#options;
    const openedAt = performance.now();
    clock.reset();
    this.#watch = watch;
    this.#opened += 1;
    this.#set({ kind: "open", after: this.#state.after, transport: name });
    watch.start(connection);
    const over = new AbortController();
    const better = (): void => this.renew("A better way gets through.");
    if (lastResort) climb({ url: this.#url, candidates, memory, better, signal: over.signal });
    const closure = await connection.closed;
    over.abort();
    watch.stop();
    this.#watch = undefined;
    const heldMs = performance.now() - openedAt;
    const { reason } = signal;
    const own = reason instanceof TransportError;
    const ending = own ? { reason: reason.message, policy: PROMPT } : endingOf(closure);
    this.#remember(name, { ending, heldMs, ...(own ? {} : { closure }) });
    if (reason instanceof Renewal) return { ...ending, heldMs: Infinity };
    if (own || closure.code === BROKE) {
      memory.failed(name, heldMs < HEALTHY_MS ? NO_WAY_MS : BROKE_MS); // open, and nothing came of it
    }
    return { ...ending, heldMs };
  }

  /** @param end `closure` where it was not this page that ended it */
  #remember(name: TransportName, { ending, heldMs, closure }: {
    readonly ending: Ending;
    readonly heldMs: number;
    readonly closure?: Closure;
  }): void {
    const details = closure ? ` (${closure.code}${closure.cause ? `, ${closure.cause}` : ""})` : "";
    this.#ends.push(`${name}, after ${(heldMs / 1000).toFixed(1)} s: ${ending.reason}${details}`);
    if (this.#ends.length > MAX_ENDS) this.#ends.shift();
  }
}
