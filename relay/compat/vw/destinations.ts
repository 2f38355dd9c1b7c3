/**
 * The destination rules in force, and what each has opened: a connection outward or a file. A rule of an id that is known
 * takes the other's place.
 *
 * @module
 */

import type { Log } from "../../log.ts";
import type { ProxySettings } from "../../forwarding/proxy.ts";
import type { Exchange, Member } from "./exchange.ts";
import { Outbound } from "./outbound.ts";
import { openRawFile } from "./raw_file.ts";
import { type DestinationRule, isReserved, RuleError } from "./rules.ts";

/** Rules of one listener. */
const MAX_RULES = 64;
const FILE = "file:";

/** What a rule has opened. */
export interface Taker extends Member, AsyncDisposable {}

interface Entry {
  readonly rule: DestinationRule;
  readonly taker: Taker;
  readonly membership: Disposable;
}

/** What destinations work with. */
export interface DestinationsContext {
  readonly exchange: Exchange;
  /** Folder for raw feeds. */
  readonly folder: string;
  readonly proxies: ProxySettings;
  /** This relay's name in `Via`. */
  readonly self: string;
  readonly log: Log;
}

/** All of them. */
export class VwDestinations implements AsyncDisposable {
  readonly #context: DestinationsContext;
  readonly #entries = new Map<string, Entry>();
  /** What is being closed. */
  readonly #leaving = new Set<Promise<void>>();
  #isOver = false;

  constructor(context: DestinationsContext) {
    this.#context = context;
  }

  /** The rules, by id. */
  get rules(): ReadonlyMap<string, DestinationRule> {
    return new Map([...this.#entries].map(([id, { rule }]) => [id, rule]));
  }

  /**
   * Puts a rule in force.
   * @throws {RuleError} when it cannot be kept: a file that cannot be made; too many. An address that cannot be reached is
   * tried again and again, as vw does.
   */
  async add(rule: DestinationRule): Promise<void> {
    const { id, destination } = rule;
    if (isReserved(id)) return;
    if (!this.#entries.has(id) && this.#entries.size >= MAX_RULES) {
      throw new RuleError(`there are ${MAX_RULES} destinations already`);
    }
    const taker = destination.startsWith(FILE)
      ? await openRawFile(rule, this.#context)
      : new Outbound(rule, this.#context);
    if (this.#isOver) return await taker[Symbol.asyncDispose]();
    this.delete(id);
    const membership = this.#context.exchange.join(taker);
    this.#entries.set(id, { rule, taker, membership });
  }

  /** Ends a rule, if there is one. */
  delete(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    entry.membership[Symbol.dispose]();
    const left = Promise.resolve(entry.taker[Symbol.asyncDispose]());
    this.#leaving.add(left);
    void left.then(() => this.#leaving.delete(left));
  }

  /** Ends all. */
  deleteAll(): void {
    for (const id of [...this.#entries.keys()]) this.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.deleteAll();
    await Promise.all(this.#leaving);
  }
}
