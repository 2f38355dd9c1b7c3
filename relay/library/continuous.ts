/**
 * The streams that are always recorded (contract §3, `record`): recordings begun, begun again when they end, and what is
 * more than is to be kept thrown away. How one is made is the library's.
 *
 * @module
 */

import type { Log } from "../log.ts";
import type { Library } from "./library.ts";
import { fileLimits, type RecordPlan } from "./plan.ts";

/** How often it is looked whether all of them are recorded. */
const LOOK_MS = 10_000;
/** A recording that failed (a full disk) is begun again after so long, and after twice as long each further time … */
const FIRST_WAIT_MS = 10_000;
/** … at most. */
const LONGEST_WAIT_MS = 600_000;

/** What is needed to keep them. */
export interface ContinuousOptions {
  readonly library: Pick<Library, "start" | "stop" | "state" | "trim">;
  readonly log: Log;
  /** Tests look more often. */
  readonly lookMs?: number;
}

/** How one stands. */
interface Kept {
  readonly plan: RecordPlan;
  /** It is not begun before, on this process's clock. */
  notBefore: number;
  waitMs: number;
  /** It has been said that there is no room for it. */
  told: boolean;
  /** Its folder is looked at then: of what is kept, something may have become too old. On this process's clock. */
  trimAt: number;
}

/** All of them. */
export class Continuous implements Disposable {
  readonly #options: ContinuousOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #timer: ReturnType<typeof setInterval>;
  #trimming = false;

  constructor(options: ContinuousOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), options.lookMs ?? LOOK_MS);
  }

  /** Whether a stream is one of them. */
  has(name: string): boolean {
    return this.#kept.has(name);
  }

  /** These are they, from now on. */
  set(plans: ReadonlyMap<string, RecordPlan>): void {
    // What a request began before that: nobody could end it any more, and it would know no limits.
    for (const name of plans.keys()) {
      if (!this.has(name) && this.#options.library.state(name).recording) this.#stop(name);
    }
    for (const [name, { plan }] of this.#kept) {
      if (JSON.stringify(plans.get(name)) === JSON.stringify(plan)) continue;
      this.#kept.delete(name);
      this.#stop(name);
    }
    for (const [name, plan] of plans) {
      if (!this.has(name)) {
        const none = { notBefore: 0, waitMs: FIRST_WAIT_MS, told: false, trimAt: 0 };
        this.#kept.set(name, { plan, ...none });
      }
    }
    this.#look();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#kept.clear();
  }

  /** Ends a recording; another follows where one should be, with other limits perhaps. */
  #stop(name: string): void {
    void this.#options.library.stop(name).then(() => this.#look());
  }

  #look(): void {
    for (const [name, kept] of this.#kept) this.#record(name, kept);
    void this.#trim();
  }

  #record(name: string, kept: Kept): void {
    const { library, log } = this.#options;
    const { recording, ended } = library.state(name);
    if (recording) {
      if (recording.seconds * 1000 > LOOK_MS) kept.waitMs = FIRST_WAIT_MS;
      return;
    }
    const now = performance.now();
    if (now < kept.notBefore) return;
    if (ended?.problem !== undefined) {
      kept.notBefore = now + kept.waitMs;
      kept.waitMs = Math.min(LONGEST_WAIT_MS, kept.waitMs * 2);
    }
    const closed = (): void => {
      kept.trimAt = 0;
      void this.#trim();
    };
    const isFull = library.start(name, { plan: kept.plan, closed }) === "full";
    if (isFull && !kept.told) {
      log.warn("not recorded: too many streams are being recorded at once", { stream: name });
    }
    kept.told = isFull;
  }

  /** There can be too much when a file is complete, and when one may have become too old: no sooner is a folder read. */
  async #trim(): Promise<void> {
    if (this.#trimming) return;
    this.#trimming = true;
    for (const [name, kept] of this.#kept) {
      const now = performance.now();
      if (now < kept.trimAt) continue;
      kept.trimAt = now + fileLimits(kept.plan).seconds * 1000;
      await this.#trimOne(name, kept.plan);
    }
    this.#trimming = false;
  }

  async #trimOne(name: string, plan: RecordPlan): Promise<void> {
    const { library, log } = this.#options;
    try {
      await library.trim(name, plan);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn(`old recordings could not be thrown away: ${why}`, { stream: name });
    }
  }
}
